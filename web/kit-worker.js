// Keeps the visitors' kit when there is no line: its pages as they were last seen, and what was noted, as drafts. With a line it stands aside.
"use strict";
const PAGES = "visit-kit-1";
const FORM = /^\/record\/[^/]+\/[^/]+\/enter\/[^/]+$/;

const notes = () => new Promise((resolve, reject) => {
  const asked = indexedDB.open("visit-kit", 1);
  asked.onupgradeneeded = () => asked.result.createObjectStore("notes", { keyPath: "id" });
  asked.onsuccess = () => resolve(asked.result);
  asked.onerror = () => reject(asked.error);
});

const keep = async (note) => {
  const store = await notes();
  return new Promise((resolve, reject) => {
    const change = store.transaction("notes", "readwrite");
    change.objectStore("notes").put(note);
    change.oncomplete = resolve;
    change.onerror = () => reject(change.error);
  });
};

/** A number that nobody else draws, as the desk makes them: sent again it is the same draft. */
const number = () => {
  const letters = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz23456789";
  return "e-" + Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => letters[byte % letters.length]).join("");
};

/** Day and hour at the place of the register. */
const told = (moment, zone) => {
  const parts = new Intl.DateTimeFormat("en-CA", { timeZone: zone, year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).formatToParts(moment);
  const part = (type) => parts.find((one) => one.type === type).value;
  return { day: `${part("year")}-${part("month")}-${part("day")}`, time: part("hour") + part("minute") };
};

/** What a form says is kept with its day: "today" means another day when it is handed in. */
const noted = async (request, copy, lost) => {
  const typed = new URLSearchParams(await copy.text());
  const then = typed.get("then") || "";
  if (!then.startsWith("/visit/")) throw lost;
  const moment = Date.now(), at = told(moment, typed.get("zone") || "UTC");
  if (!typed.get("at.time") && !typed.get("at.unknown")) typed.set("at.time", at.time);
  if (!typed.get("at.day") || typed.get("at.day") === "today") typed.set("at.day", at.day);
  typed.set("draft", number());
  for (const name of ["form_token", "quick", "action"]) typed.delete(name);
  await keep({ id: typed.get("draft"), address: new URL(request.url).pathname, title: typed.get("title") || "", body: typed.toString(), moment });
  return Response.redirect(then, 303);
};

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
self.addEventListener("fetch", (event) => {
  const { request } = event, { origin, pathname } = new URL(request.url);
  if (origin !== location.origin || request.headers.has("x-kit")) return;
  if (request.method === "POST" && FORM.test(pathname) && request.mode === "navigate") {
    const copy = request.clone();
    event.respondWith(fetch(request).catch((lost) => noted(request, copy, lost)));
  } else if (request.method === "GET" && (request.mode === "navigate" || pathname.startsWith("/assets/"))) {
    const kept = async (lost) => {
      const found = await (await caches.open(PAGES)).match(pathname, { ignoreVary: true });
      if (!found) throw lost;
      return found;
    };
    event.respondWith(fetch(request).catch(kept));
  }
});
