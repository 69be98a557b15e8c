// The map's script: it moves without a new page, by hand, by Ctrl and the wheel and by keys, and says what a
// mark is. Every movement is also a link.
(() => {
  "use strict";
  const $ = (q, e = document) => e.querySelector(q);
  let busy = false;

  async function go(address) {
    if (busy) return;
    busy = true;
    try {
      const r = await fetch(address, { redirect: "error" });
      if (!r.ok) throw new Error(r.status);
      const page = new DOMParser().parseFromString(await r.text(), "text/html");
      const step = document.activeElement && document.activeElement.dataset.step, scroll = $(".frame").scrollLeft;
      $("#map").replaceWith(document.importNode($("#map", page), true));
      history.replaceState(null, "", address);
      wire();
      $(".frame").scrollLeft = scroll;
      if (step) $(`[data-step="${step}"]`).focus();
    } catch { location.href = address; } finally { busy = false; }
  }

  const step = (key) => { const a = $(`[data-step="${key}"]`); if (a) go(a.href); };

  function wire() {
    const map = $("#map"), chart = $(".chart", map);
    chart.classList.add("grab");
    const more = $("[data-more]", map); // what is still sealed opens piece by piece
    if (more) setTimeout(() => { if (more.isConnected && !document.hidden) go(more.href); }, 150);
    for (const a of map.querySelectorAll(".tools a, .chart a[href*='/map?']"))
      a.addEventListener("click", (e) => { if (!e.ctrlKey && !e.metaKey && !e.shiftKey) { e.preventDefault(); go(a.href.baseVal || a.href); } });

    let pop = null;
    const hide = () => { if (pop) pop.remove(); pop = null; };
    for (const a of chart.querySelectorAll("a")) {
      const title = $("title", a);
      if (!title) continue;
      const words = title.textContent;
      title.remove();
      a.setAttribute("aria-label", words);
      a.addEventListener("pointerenter", () => {
        hide();
        const at = a.getBoundingClientRect(), home = map.getBoundingClientRect();
        pop = document.createElement("div");
        pop.className = "pop";
        for (const line of words.split(" · ")) pop.append(line, document.createElement("br"));
        map.append(pop);
        pop.style.left = Math.max(0, Math.min(at.left - home.left, home.width - pop.offsetWidth)) + "px";
        pop.style.top = at.bottom - home.top + 8 + "px";
      });
      a.addEventListener("pointerleave", hide);
    }

    chart.addEventListener("wheel", (e) => { if (e.ctrlKey) { e.preventDefault(); step(e.deltaY < 0 ? "in" : "out"); } }, { passive: false });

    let from = null, moved = 0;
    const units = () => 960 / chart.getBoundingClientRect().width;
    chart.addEventListener("pointerdown", (e) => { if (e.pointerType === "mouse" && e.button === 0) { from = [e.clientX, e.clientY]; moved = 0; e.preventDefault(); } });
    addEventListener("pointermove", (e) => {
      if (!from) return;
      const dx = (e.clientX - from[0]) * units(), dy = (e.clientY - from[1]) * units();
      moved = Math.hypot(dx, dy);
      if (moved > 4) { hide(); chart.classList.add("grabbed"); chart.setAttribute("viewBox", `${-dx} ${-dy} 960 640`); }
    });
    addEventListener("pointerup", (e) => {
      if (!from) return;
      const dx = (e.clientX - from[0]) * units(), dy = (e.clientY - from[1]) * units();
      from = null;
      chart.classList.remove("grabbed");
      if (moved > 4) go(shifted(dx, dy));
    });
    chart.addEventListener("click", (e) => { if (moved > 4) { e.preventDefault(); e.stopPropagation(); } }, true);
  }

  // The window moved by so many units: Mercator, as the server has it.
  function shifted(dx, dy) {
    const zoomed = new URL($('[data-step="in"]').href), zoom = +$(".chart").dataset.zoom, s = 256 * 2 ** zoom;
    const [lat, lon] = zoomed.searchParams.get("at").split(",").map(Number), rad = Math.PI / 180;
    const x = (lon + 180) / 360 * s - dx, y = (1 - Math.asinh(Math.tan(lat * rad)) / Math.PI) / 2 * s - dy;
    zoomed.searchParams.set("at", `${(Math.atan(Math.sinh(Math.PI * (1 - 2 * y / s))) / rad).toFixed(5)},${(x / s * 360 - 180).toFixed(5)}`);
    zoomed.searchParams.set("z", zoom);
    return zoomed.href;
  }

  document.addEventListener("keydown", (e) => {
    if (e.ctrlKey || e.metaKey || e.altKey || e.target.closest("input,textarea,select,dialog,.frame")) return;
    const to = { "+": "in", "=": "in", "-": "out" }[e.key];
    if (to) { e.preventDefault(); step(to); }
  });
  if ($("#map")) {
    wire();
    const frame = $(".frame");
    frame.scrollLeft = (frame.scrollWidth - frame.clientWidth) / 2;
  }
})();
