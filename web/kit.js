// The visitors' kit: takes its pages along, shows what waits to be handed in, checks receipts. Without it the page is a list of forms, and paper.
"use strict";
(() => {
  const PAGES = "visit-kit-1";
  const kit = document.getElementById("kit");

  // A form of the kit: the answers that its address gives, and the buttons beside a time box, without asking the server.
  const form = document.getElementById("entry-form");
  if (form && !kit) {
    for (const [name, value] of new URLSearchParams(location.search)) {
      if (!/^[fs]\./.test(name)) continue;
      const fields = [...form.elements].filter((one) => one.name === name);
      const choice = fields.find((one) => ["radio", "checkbox"].includes(one.type) && one.value === value);
      if (choice) choice.checked = true;
      else if (fields.length) { if (!fields[0].value) fields[0].value = value; }
      else form.append(Object.assign(document.createElement("input"), { type: "hidden", name, value }));
    }
    for (const button of form.querySelectorAll("button[name=quick]")) {
      button.addEventListener("click", (event) => {
        event.preventDefault();
        const [name, minutes] = button.value.split(":");
        const parts = new Intl.DateTimeFormat("en-CA", { timeZone: form.elements.zone.value, year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).formatToParts(Date.now() - Number(minutes) * 60000);
        const part = (type) => parts.find((one) => one.type === type).value;
        form.elements[name + ".time"].value = part("hour") + part("minute");
        form.elements[name + ".day"].value = `${part("year")}-${part("month")}-${part("day")}`;
      });
    }
    return;
  }
  if (!kit || !navigator.serviceWorker || !window.indexedDB) return;

  const words = kit.dataset, state = document.getElementById("kit-state"), list = document.getElementById("kit-notes"), send = document.getElementById("kit-send");
  kit.hidden = false;
  const say = (text) => { state.textContent = text; };

  const store = () => new Promise((resolve, reject) => {
    const asked = indexedDB.open("visit-kit", 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore("notes", { keyPath: "id" });
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  });
  const done = (request) => new Promise((resolve, reject) => { request.onsuccess = () => resolve(request.result); request.onerror = () => reject(request.error); });
  const all = async () => (await done((await store()).transaction("notes").objectStore("notes").getAll())).sort((one, other) => one.moment - other.moment);
  const forget = async (id) => done((await store()).transaction("notes", "readwrite").objectStore("notes").delete(id));

  const show = async () => {
    const kept = await all();
    list.replaceChildren(...kept.map((note) => {
      const line = document.createElement("li");
      line.textContent = `${new Date(note.moment).toLocaleString(document.documentElement.lang)} ${note.title || note.address.split("/").pop().replaceAll("_", " ")}`;
      return line;
    }));
    send.hidden = kept.length === 0;
    return kept.length;
  };

  /** The pages of the kit, as they are now, for when there is no line. */
  const take = async () => {
    const pages = await caches.open(PAGES);
    const wanted = new Set([location.pathname, "/assets/desk.css", "/assets/desk.js", "/assets/kit.js", "/assets/noto-sans.ttf", "/assets/noto-sans-bold.ttf"]);
    for (const link of document.querySelectorAll("a[data-take]")) wanted.add(new URL(link.href).pathname + "?then=" + location.pathname);
    for (const path of wanted) {
      const answer = await fetch(path, { headers: { "x-kit": "take" } });
      if (!answer.ok || answer.redirected) throw new Error(path);
      await pages.put(path.split("?")[0], answer);
    }
  };

  /** Hands in what was noted, each with the number that it was given when it was noted. */
  const handIn = async () => {
    const page = await fetch(location.pathname, { headers: { "x-kit": "token" } });
    if (!page.ok || page.redirected) return say(words.signIn);
    const token = new DOMParser().parseFromString(await page.text(), "text/html").querySelector("[name=form_token]").value;
    const wrong = [];
    let count = 0;
    for (const note of await all()) {
      const body = new URLSearchParams(note.body);
      body.set("form_token", token);
      body.set("action", "save");
      if (Date.now() - note.moment > 60000) body.set("late_reason", words.late);
      const answer = await fetch(note.address, { method: "POST", body, headers: { "x-kit": "hand-in" } });
      if (answer.ok) count += 1;
      else if (answer.status === 422) wrong.push(`${note.address}?draft=${note.id}&then=${location.pathname}`);
      else return say(words.refused);
      await forget(note.id);
    }
    await show();
    say(words.handedIn.replace("#", String(count)));
    for (const href of wrong) list.append(Object.assign(document.createElement("li"), {})), list.lastChild.append(Object.assign(document.createElement("a"), { href, textContent: words.again }));
    if (!wrong.length && count) location.reload();
  };
  send.addEventListener("click", () => handIn().catch(() => say(words.noLine)));
  document.getElementById("kit-clear").addEventListener("click", async () => {
    if (await show()) return say(words.first);
    await caches.delete(PAGES);
    for (const one of await navigator.serviceWorker.getRegistrations()) await one.unregister();
    say(words.cleared);
  });

  // Receipts of the sample: each path from its entry up to the root that is signed (RFC 6962), on this machine.
  const bytes = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const hash = async (left, right) => new Uint8Array(await crypto.subtle.digest("SHA-256", Uint8Array.from([1, ...left, ...right])));
  const stands = async (leaf, receipt) => {
    const [proof, note] = receipt.trim().split(/\n\n/);
    const lines = proof.split("\n").filter((line) => !line.startsWith("extra ") && !line.startsWith("c2sp.org/"));
    let place = Number(lines[0].replace("index ", ""));
    const [, size, root] = note.split("\n");
    let last = Number(size) - 1, found = bytes(leaf);
    for (const line of lines.slice(1)) {
      if (last === 0) return 0;
      if (place % 2 === 1 || place === last) {
        found = await hash(bytes(line), found);
        while (place % 2 === 0 && place !== 0) { place = Math.floor(place / 2); last = Math.floor(last / 2); }
      } else found = await hash(found, bytes(line));
      place = Math.floor(place / 2);
      last = Math.floor(last / 2);
    }
    return last === 0 && btoa(String.fromCharCode(...found)) === root ? Number(size) : 0;
  };
  const check = async () => {
    for (const record of document.querySelectorAll("[data-sample]")) {
      const receipts = [...record.querySelectorAll("[data-leaf]")];
      const sizes = await Promise.all(receipts.map((one) => stands(one.dataset.leaf, one.textContent).catch(() => 0)));
      const good = sizes.filter(Boolean).length, told = record.querySelector("[data-told]");
      told.textContent = (good === receipts.length ? words.proven : words.unproven).replace("#", String(good)).replace("%", String(receipts.length));
      told.dataset.state = good === receipts.length ? "met" : "breached";
    }
  };

  const begin = async () => {
    await navigator.serviceWorker.register("/kit-worker.js");
    await navigator.serviceWorker.ready;
    const waiting = await show();
    if (crypto.subtle) await check();
    if (!navigator.onLine) return say(words.noLine);
    await take();
    say(waiting ? words.waiting : words.taken);
  };
  addEventListener("offline", () => say(words.noLine));
  addEventListener("online", () => say(words.line));
  begin().catch(() => say(navigator.onLine ? words.notTaken : words.noLine));
})();
