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
  const isWall = document.body.dataset.live === "wall";
  if (live && isWall && window.EventSource) {
    // A wall shows what changed by itself, at most every ten seconds; without data it shows nothing that may be old.
    const began = Date.now();
    let heard = began, waits = false;
    const stream = new EventSource("/api/stream");
    // Only a server that answers is asked for the page: else the screen would be left with the browser's own words.
    const load = () => fetch("/healthz").then((answer) => { if (answer.ok) location.replace(document.body.dataset.again); }).catch(() => { waits = false; });
    const again = () => {
      if (waits) return;
      waits = true;
      setTimeout(load, Math.max(1000, began + 10000 - Date.now()));
    };
    setInterval(again, document.body.dataset.seconds * 1000);
    stream.addEventListener("now", () => { heard = Date.now(); });
    stream.addEventListener("changed", again);
    stream.addEventListener("reload", again);
    stream.addEventListener("ended", () => { stream.close(); again(); });
    setInterval(() => {
      if (stream.readyState === EventSource.OPEN) heard = Date.now();
      if (Date.now() - heard < 30000) return;
      document.querySelectorAll("main ol, main p, .strip dd").forEach((old) => old.replaceChildren());
      live.textContent = live.dataset.lost.replace("--:--", new Date(heard + ahead).toTimeString().slice(0, 5));
    }, 5000);
  }
  if (live && !isWall && window.EventSource) {
    const changed = new Set();
    let heard = Date.now();
    const stream = new EventSource("/api/stream");
    const tell = (words, action) => {
      live.textContent = words + " ";
      const link = document.createElement("a");
      link.href = location.href;
      link.textContent = action;
      live.append(link);
    };
    const say = () => tell(live.dataset.changed, live.dataset.show);
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
    // Loading the page anew leads to signing in, and back here.
    stream.addEventListener("ended", () => { stream.close(); tell(live.dataset.ended, live.dataset.show); });
    stream.onerror = () => { if (Date.now() - heard > 30000) live.textContent = live.dataset.lost; };
  }

  // The slider tells the time of its entry while it moves, and shows the record when it is let go.
  const slider = document.getElementById("known-entry");
  if (slider) {
    const said = document.getElementById("known-said");
    const times = slider.dataset.times.split("|");
    slider.addEventListener("input", () => { said.textContent = times[slider.value - 1] + ", " + slider.value + " / " + slider.max; });
    slider.addEventListener("change", () => slider.form.requestSubmit());
  }

  // A receipt in a file is read here and put where one would paste it.
  const file = document.querySelector("input[data-into]");
  if (file) {
    file.addEventListener("change", () => {
      const [brought] = file.files;
      if (!brought) return;
      file.setCustomValidity(brought.size > 100000 ? file.dataset.problem : "");
      if (file.reportValidity()) brought.text().then((text) => { document.getElementById(file.dataset.into).value = text; });
    });
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
        fetch(form.getAttribute("action") || location.pathname, { method: "POST", body, redirect: "manual" }).catch(() => {});
      }, 1500);
    });
  }

  // A draft of the law is checked while it is written; the answer is the same page, of which only what was found is taken.
  const draft = document.getElementById("draft-form");
  if (draft) {
    let wait = 0, asked = 0;
    draft.querySelector("textarea").addEventListener("input", () => {
      clearTimeout(wait);
      wait = setTimeout(async () => {
        const turn = ++asked;
        const body = new URLSearchParams(new FormData(draft));
        body.set("action", "check");
        const answer = await fetch(draft.getAttribute("action"), { method: "POST", body }).catch(() => undefined);
        if (!answer || !answer.ok || turn !== asked) return;
        const found = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("draft-found");
        if (found && turn === asked) document.getElementById("draft-found").replaceChildren(...found.childNodes);
      }, 700);
    });
  }

  // A time that is typed is said back in words, as the page does that comes back without script.
  const ask = (url) => fetch(url).then((answer) => answer.ok ? answer.text() : "");
  for (const box of document.querySelectorAll(".time-in")) {
    const part = (name) => box.parentElement.querySelector(`[name$=".${name}"]`);
    const said = box.parentElement.querySelector(".said");
    let wait = 0;
    box.parentElement.addEventListener("input", () => {
      clearTimeout(wait);
      wait = setTimeout(() => {
        const about = part("about").checked ? "on" : "", unknown = part("unknown").checked ? "on" : "";
        const asked = new URLSearchParams({ time: part("time").value, day: part("day").value, about, unknown });
        if (said) ask("/said-time?" + asked).then((words) => { if (words) said.textContent = words; }).catch(() => {});
      }, 400);
    });
  }

  // A point on the figure: pressed, or moved by the arrows; the place is said back and stands in the list.
  for (const map of document.querySelectorAll(".body-map")) {
    const image = map.querySelector("input");
    const part = (name) => map.parentElement.querySelector(`[name="${map.dataset.name}.${name}"]`);
    const said = map.parentElement.querySelector(".said");
    const shift = part("view").value === "back" ? 260 : 0;
    let x = part("x").value ? part("x").value * 220 + shift : 110, y = part("y").value ? part("y").value * 486 : 150;
    const put = () => ask("/body-place?" + new URLSearchParams({ x, y })).then((line) => {
      const [region, side, view, across, down, words] = line.split("\t");
      for (const [name, value] of Object.entries({ region, side, view, x: across, y: down })) part(name).value = value;
      image.src = "/assets/body.svg?" + new URLSearchParams({ view, x: across, y: down });
      said.textContent = words;
      image.form.dispatchEvent(new Event("input"));
    }).catch(() => {});
    image.addEventListener("click", (event) => {
      event.preventDefault();
      if (event.detail) [x, y] = [event.offsetX, event.offsetY];
      put();
    });
    image.addEventListener("keydown", (event) => {
      const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
      if (!step) return;
      event.preventDefault();
      const far = event.shiftKey ? 5 : 1;
      x = Math.min(480, Math.max(1, x + step[0] * 4.8 * far));
      y = Math.min(486, Math.max(1, y + step[1] * 4.86 * far));
      put();
    });
  }

  // The timer of an interview runs each second and speaks 15, 5 and 0 minutes before the break.
  const timer = document.querySelector(".timer[data-since]");
  if (timer) {
    const bar = document.querySelector("progress"), spoken = document.getElementById("spoken");
    let last = -1;
    setInterval(() => {
      const minutes = Math.floor(((Date.now() + ahead) * 1000 - Number(timer.dataset.since)) / 60e6);
      if (minutes === last) return;
      last = minutes;
      timer.textContent = Math.floor(minutes / 60) + ":" + String(minutes % 60).padStart(2, "0");
      if (bar) bar.value = minutes;
      const left = bar ? bar.max - minutes : NaN;
      if (spoken && (left === 15 || left === 5)) spoken.textContent = spoken.dataset.soon + " " + left;
      if (spoken && left === 0) spoken.textContent = spoken.dataset.over;
      tick();
    }, 1000);
  }

  // The workbench by keys: n the next open question, a accepts what stands there, o goes to the choice. Not while somebody types.
  const bench = document.getElementById("bench");
  bench?.querySelector("[data-keys]")?.removeAttribute("hidden");
  if (bench) document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, select, textarea")) return;
    const here = bench.querySelector("article:target") || bench.querySelector("article[data-open]");
    if (event.key === "n") (here && here.matches(":target") ? here.querySelector("[data-next]") : bench.querySelector("[data-next]"))?.click();
    else if (event.key === "a" && here) here.querySelector("form").requestSubmit();
    else if (event.key === "o" && here) { event.preventDefault(); here.querySelector("select").focus(); }
  });
})();
