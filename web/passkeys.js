// Keys that people hold: asks the browser to make one, or to sign with one, and hands the answer to the desk.
"use strict";
(() => {
  const post = async (address, body) => {
    const answer = await fetch(address, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
    const said = await answer.json().catch(() => ({}));
    if (!answer.ok) throw Object.assign(new Error(String(answer.status)), { wrong: said.wrong });
    return said;
  };
  const able = window.PublicKeyCredential && PublicKeyCredential.parseCreationOptionsFromJSON && PublicKeyCredential.parseRequestOptionsFromJSON;
  // What the browser calls trouble: the person turned back or waited too long; the device holds a key already; another address.
  const words = { NotAllowedError: "stopped", AbortError: "stopped", InvalidStateError: "known", SecurityError: "elsewhere" };
  const ready = (id, ceremony) => {
    const form = document.getElementById(id);
    if (!form || !able) return;
    form.hidden = false;
    const alert = form.querySelector("[role=alert]");
    if (form.dataset.origin !== location.origin) {
      form.querySelector("button").disabled = true;
      alert.textContent = alert.dataset.elsewhere;
      return;
    }
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const button = form.querySelector("button");
      alert.textContent = "";
      button.disabled = true;
      try {
        location.href = (await ceremony(Object.fromEntries(new FormData(form)))).to;
      } catch (trouble) {
        alert.textContent = trouble.wrong ?? alert.dataset[words[trouble.name] ?? "failed"];
        button.disabled = false;
      }
    });
  };
  ready("passkey-new", async (form) => {
    const asked = await post("/account/passkeys/ask", { form_token: form.form_token });
    const made = await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(asked.options) });
    return post("/account/passkeys", { form_token: form.form_token, ceremony: asked.ceremony, name: form.name, credential: made.toJSON() });
  });
  ready("passkey-enter", async (form) => {
    const asked = await post("/sign-in/passkey/ask", {});
    const signed = await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(asked.options) });
    return post("/sign-in/passkey", { ceremony: asked.ceremony, next: form.next, credential: signed.toJSON() });
  });
})();
