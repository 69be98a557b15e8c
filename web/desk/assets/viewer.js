// Pictures, larger: turned, magnified, one after the other. Without this script a picture
// is a link to itself.
(() => {
  "use strict";
  const dialog = document.getElementById("viewer");
  if (!dialog || !dialog.showModal) return;
  const links = [...document.querySelectorAll(".files a > img")].map((img) => img.parentElement);
  const stage = dialog.querySelector(".stage"), frame = dialog.querySelector(".turned"), img = dialog.querySelector("img");
  let at = 0, turn = 0, scale = 0; // scale 0 fits the picture into the stage

  // A turned picture keeps its own box, so that the stage scrolls to every corner of it.
  function draw() {
    const w = img.naturalWidth, h = img.naturalHeight, sideways = turn % 180 !== 0;
    if (!w || !h) return;
    const [across, down] = sideways ? [h, w] : [w, h];
    const s = scale || Math.min(1, (stage.clientWidth - 16) / across, (stage.clientHeight - 16) / down);
    frame.style.width = across * s + "px";
    frame.style.height = down * s + "px";
    img.style.width = w * s + "px";
    img.style.height = h * s + "px";
    img.style.transform = `translate(-50%,-50%) rotate(${turn}deg)`;
    frame.dataset.scale = s;
  }

  function show(n) {
    at = (n + links.length) % links.length; turn = 0; scale = 0;
    const thumb = links[at].firstElementChild;
    img.alt = thumb.alt;
    img.src = links[at].href;
    dialog.querySelector(".tools a").href = links[at].href;
    dialog.querySelector(".of").textContent = `${thumb.alt} · ${at + 1} / ${links.length}`;
  }

  function zoom(by) {
    scale = Math.min(8, Math.max(0.05, Number(frame.dataset.scale || 1) * by));
  }

  const acts = {
    left: () => { turn = (turn + 270) % 360; }, right: () => { turn = (turn + 90) % 360; },
    in: () => zoom(1.25), out: () => zoom(0.8), fit: () => { scale = 0; },
    next: () => show(at + 1), back: () => show(at - 1), close: () => dialog.close(),
  };
  const keys = { l: "left", r: "right", "+": "in", "=": "in", "-": "out", 0: "fit", ArrowRight: "next", ArrowLeft: "back" };

  links.forEach((a, n) => a.addEventListener("click", (e) => {
    if (e.ctrlKey || e.metaKey || e.shiftKey) return;
    e.preventDefault();
    dialog.showModal();
    stage.focus(); // not a button, which the Enter that opened the picture would press
    show(n);
  }));
  for (const b of dialog.querySelectorAll("[data-do]")) b.addEventListener("click", () => { acts[b.dataset.do](); draw(); });
  dialog.addEventListener("keydown", (e) => {
    const act = keys[e.key];
    if (e.ctrlKey || e.metaKey || e.altKey || !act) return;
    // A magnified picture is moved by the arrows.
    if (e.key.startsWith("Arrow") && scale) return;
    e.preventDefault();
    acts[act](); draw();
  });
  dialog.addEventListener("close", () => { img.removeAttribute("src"); links[at].focus(); });
  img.addEventListener("load", draw);
  window.addEventListener("resize", () => { if (dialog.open) draw(); });
})();
