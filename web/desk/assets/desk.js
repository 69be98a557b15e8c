// The console's script: it only makes the hand faster. Every page works without it.
(() => {
  "use strict";
  const $ = (q, e = document) => e.querySelector(q), $$ = (q, e = document) => [...e.querySelectorAll(q)];

  // New tips, without content. It doesn't keep the session alive.
  const bell = $("[data-count]"), news = $("[data-news]"), title = document.title;
  let known = null;
  async function ask() {
    if (document.hidden) return;
    let r;
    try { r = await fetch(bell.dataset.count, { headers: { Accept: "application/json" }, redirect: "error" }); } catch { return; }
    // The session is over: what stands on the screen goes, unless somebody typed.
    if (r.status === 401 && !$$("textarea").some((t) => t.value !== t.defaultValue)) location.reload();
    if (!r.ok) return;
    const { unread, held } = await r.json(), n = unread + held;
    bell.textContent = unread; bell.hidden = unread === 0;
    document.title = unread ? `(${unread}) ${title}` : title;
    if (known !== null && n > known) news.hidden = false;
    known = n;
  }
  if (bell) { ask(); setInterval(ask, 30000); document.addEventListener("visibilitychange", ask); }

  // A keyed-in report is kept while it is typed.
  const form = $("form[data-draft]");
  if (form) {
    let dirty = false;
    form.addEventListener("input", () => { dirty = true; });
    form.addEventListener("submit", () => { dirty = false; });
    setInterval(async () => {
      if (!dirty) return;
      dirty = false;
      const data = new FormData(form);
      data.delete("files");
      try {
        const r = await fetch(form.dataset.draft, { method: "POST", body: new URLSearchParams(data), headers: { Accept: "application/json" }, redirect: "error" });
        if (r.ok) $("[data-saved]").textContent = form.dataset.savedText; else dirty = true;
      } catch { dirty = true; }
    }, 4000);
  }

  // The letter follows the reason, unless it was edited.
  for (const reason of $$("[data-letters]")) {
    const letter = $("textarea[name=letter]", reason.form);
    if (!letter) continue; // nobody reported it
    let edited = false;
    letter.addEventListener("input", () => { edited = true; });
    reason.addEventListener("change", () => { if (!edited) letter.value = reason.selectedOptions[0].dataset.letter; });
  }

  // A template begins the answer without asking the server for the page again.
  for (const a of $$("[data-fill]")) {
    const text = $("textarea", a.closest("form"));
    a.addEventListener("click", (e) => {
      e.preventDefault();
      text.value = text.value.trim() ? text.value.trimEnd() + "\n" + a.dataset.fill : a.dataset.fill;
      text.focus();
    });
  }

  // One press chooses all that a page shows.
  for (const all of $$("[data-all]")) {
    all.hidden = false;
    $("input", all).addEventListener("change", (e) => { for (const box of $$("input[name=tip]")) box.checked = e.target.checked; });
  }

  // How hard a new passphrase is to guess: the server measures, so that there is one
  // measure.
  for (const f of $$("[data-strength]")) {
    const shown = $("[data-strong]", f.form);
    let due = 0;
    f.addEventListener("input", () => {
      clearTimeout(due);
      due = setTimeout(async () => {
        if (!f.value) { shown.hidden = true; return; }
        try {
          const r = await fetch(f.dataset.strength, { method: "POST", body: new URLSearchParams({ fresh: f.value }), redirect: "error" });
          if (!r.ok) return;
          const { grade, words } = await r.json();
          shown.dataset.grade = grade; shown.lastElementChild.textContent = words; shown.hidden = false;
        } catch { shown.hidden = true; }
      }, 300);
    });
  }

  for (const b of $$("[data-print]")) { b.hidden = false; b.addEventListener("click", () => print()); }

  const help = $("#help");
  for (const b of $$("[data-help]")) { b.hidden = false; b.addEventListener("click", () => help.showModal()); }

  // From a tip one goes back to the inbox as it was narrowed, and on from the tip one had read. Whoever
  // logs in at a shared machine finds nothing of it.
  if ($(".gate")) sessionStorage.clear();
  const back = $(".crumb.ends [data-key=u]"), kept = (key) => sessionStorage.getItem(key) || "";
  if ($(".tips:not(.spots)")) sessionStorage.setItem("inbox", location.search);
  if (back) {
    const to = new URL(back.href), narrowed = new URLSearchParams(kept("inbox"));
    narrowed.delete("lang");
    narrowed.forEach((value, name) => to.searchParams.append(name, value));
    back.href = to.href;
    sessionStorage.setItem("tip", location.pathname);
  }

  // Keys: j k Enter through the inbox, a digit for each decision, Ctrl+Enter sends the
  // form one is in, a to answer, w for a note, n u.
  document.addEventListener("keydown", (e) => {
    if (e.key === "Enter" && (e.ctrlKey || e.metaKey) && e.target.form) {
      e.preventDefault();
      e.target.form.requestSubmit();
      return;
    }
    if (e.ctrlKey || e.metaKey || e.altKey || e.target.closest("input,textarea,select,dialog")) return;
    const rows = $$("[data-tip]");
    if ((e.key === "j" || e.key === "k") && rows.length) {
      let at = rows.indexOf(document.activeElement);
      if (at < 0) at = rows.findIndex((a) => a.pathname === kept("tip"));
      rows[Math.max(0, Math.min(rows.length - 1, at + (e.key === "j" ? 1 : -1)))].focus();
      e.preventDefault();
      return;
    }
    const to = $(`[data-key="${CSS.escape(e.key)}"]`);
    if (!to) return;
    e.preventDefault();
    if (to.tagName === "TEXTAREA") to.focus(); else to.click();
    const field = to.tagName === "SUMMARY" && to.parentElement.open && $("select,textarea,input:not([type=hidden]),button", to.parentElement);
    if (field) field.focus();
  });
})();
