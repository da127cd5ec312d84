// The little script there is: moves clocks by the server's time, says that something changed, keeps half-filled forms. Without it nothing is lost but movement.
"use strict";
(() => {
  const minute = 60000;
  const asOf = document.getElementById("as-of");
  let ahead = asOf ? Date.parse(asOf.dateTime) - Date.now() : 0;
  const space = "\u00a0";
  const length = (micros) => {
    const minutes = Math.floor(Math.max(0, micros) / 60e6);
    const units = document.documentElement.lang === "ru" ? ["мин", "ч"] : document.documentElement.lang === "az" ? ["dəq", "saat"] : ["min", "h"];
    if (minutes < 60) return minutes + space + units[0];
    return Math.floor(minutes / 60) + space + units[1] + space + String(minutes % 60).padStart(2, "0");
  };
  const tick = () => {
    const now = (Date.now() + ahead) * 1000;
    for (const chip of document.querySelectorAll(".duty[data-due]")) {
      const left = Number(chip.dataset.due) - now;
      const clock = chip.querySelector(".clock");
      // Beyond 72 hours the server's words stand.
      if (clock && Math.abs(left) < 72 * 60 * 60e6) clock.textContent = length(Math.abs(left));
    }
  };
  setInterval(tick, minute);

  const live = document.getElementById("live");
  if (live && window.EventSource) {
    const changed = new Set();
    let heard = Date.now();
    const stream = new EventSource("/api/stream");
    const say = () => {
      live.textContent = live.dataset.changed + " ";
      const link = document.createElement("a");
      link.href = location.href;
      link.textContent = live.dataset.show;
      live.append(link);
    };
    stream.addEventListener("now", (event) => { heard = Date.now(); ahead = Number(event.data) / 1000 - Date.now(); });
    stream.addEventListener("changed", (event) => {
      heard = Date.now();
      for (const record of JSON.parse(event.data).records) {
        changed.add(record);
        const row = document.querySelector(`[data-record="${CSS.escape(record)}"]`);
        if (row) row.classList.add("fresh");
      }
      say();
    });
    stream.addEventListener("reload", say);
    stream.onerror = () => { if (Date.now() - heard > 30000) live.textContent = live.dataset.lost; };
  }

  const summary = document.querySelector(".summary-err");
  if (summary) { summary.tabIndex = -1; summary.focus(); }

  const form = document.getElementById("entry-form");
  if (form) {
    let timer = 0;
    form.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(() => {
        const body = new URLSearchParams(new FormData(form));
        body.set("action", "draft");
        fetch(form.action, { method: "POST", body, redirect: "manual" }).catch(() => {});
      }, 1500);
    });
  }

  // The workbench by keys: n the next open question, a accepts what stands there, o goes to the choice. Not while somebody types.
  const bench = document.getElementById("bench");
  if (bench) document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, select, textarea")) return;
    const here = bench.querySelector("article:target") || bench.querySelector("article[data-open]");
    if (event.key === "n") (here && here.matches(":target") ? here.querySelector("[data-next]") : bench.querySelector("[data-next]"))?.click();
    else if (event.key === "a" && here) here.querySelector("form").requestSubmit();
    else if (event.key === "o" && here) { event.preventDefault(); here.querySelector("select").focus(); }
  });
})();
