// Passkeys (WebAuthn): makes one on a member's own page, and asks for one at the login.
// The server says what to ask; the answer goes along in the form.
(() => {
  "use strict";
  const form = document.querySelector("form[data-passkey]");
  if (!form || !window.PublicKeyCredential) return;
  const failed = form.querySelector("[data-failed]"), use = form.querySelector("[data-use]");

  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
  const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

  // The options of WebAuthn are JSON with bytes as base64url.
  async function question() {
    const r = await fetch(form.dataset.passkey, { method: "POST", redirect: "error" });
    if (!r.ok) throw new Error(r.status);
    const { publicKey } = await r.json();
    publicKey.challenge = bytes(publicKey.challenge);
    if (publicKey.user) publicKey.user.id = bytes(publicKey.user.id);
    for (const list of ["excludeCredentials", "allowCredentials"]) for (const key of publicKey[list] || []) key.id = bytes(key.id);
    return { publicKey };
  }

  function answer(key) {
    const response = {};
    for (const part of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"])
      if (key.response[part]) response[part] = text(key.response[part]);
    if (key.response.getTransports) response.transports = key.response.getTransports();
    return JSON.stringify({ id: key.id, rawId: text(key.rawId), type: key.type, response, clientExtensionResults: key.getClientExtensionResults() });
  }

  async function go(ask) {
    failed.hidden = true;
    try {
      form.elements.passkey.value = answer(await ask(await question()));
    } catch { failed.hidden = false; return; }
    form.submit();
  }

  if (use) {
    form.querySelector("[data-scripted]").hidden = false;
    use.addEventListener("click", () => { if (form.reportValidity()) go((q) => navigator.credentials.get(q)); });
    return;
  }
  form.addEventListener("submit", (e) => { e.preventDefault(); go((q) => navigator.credentials.create(q)); });
})();
