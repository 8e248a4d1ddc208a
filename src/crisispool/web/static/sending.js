// Asks, before a form is sent, whether it would arrive and as whose. If not, nothing is sent and what was typed stays.
"use strict";
(() => {
  const words = document.getElementById("sending");
  if (!words) return;
  const SLOW = 400;
  const PATIENCE = 15000;
  const asked = new Set();
  const going = new Set();
  let pressed = null;

  const said = (form) => {
    const there = form.querySelector(":scope > [data-sending]");
    if (there) return there;
    const made = document.createElement("div");
    made.dataset.sending = "";
    made.setAttribute("role", "alert");
    form.append(made);
    return made;
  };
  const say = (form, what) => {
    const one = words.content.querySelector(`[data-when=${what}]`).cloneNode(true);
    said(form).replaceChildren(one);
    if (what !== "working") one.scrollIntoView({ block: "nearest" });
  };
  const quiet = (form) => {
    form.querySelector(":scope > [data-sending]")?.remove();
    form.removeAttribute("aria-busy");
  };
  const busy = (form) => {
    quiet(form);
    form.setAttribute("aria-busy", "true");
    setTimeout(() => { if (form.hasAttribute("aria-busy") && form.isConnected) say(form, "working"); }, SLOW);
  };

  // Why it would not arrive; nothing when it would. The form then carries the token of the session of now.
  const obstacle = async (form) => {
    let answer;
    try {
      answer = await fetch("/session", { headers: { Accept: "application/json" }, signal: AbortSignal.timeout(PATIENCE) });
    } catch {
      return "no_line";
    }
    if (answer.status === 401) return "signed_out";
    if (!answer.ok) return "failed";
    const now = await answer.json();
    if (now.who !== words.dataset.who) return "somebody_else";
    if (words.dataset.fresh && !now.fresh) return "proof";
    for (const token of document.querySelectorAll("input[name=csrf]")) token.value = now.csrf;
    document.body.setAttribute("hx-headers", JSON.stringify({ "X-CSRF-Token": now.csrf }));
    return "";
  };

  document.addEventListener("submit", async (event) => {
    const form = event.target;
    // What signs in or out, and what asks a passkey, has its own way.
    if (form.method !== "post" || !form.closest("main") || form.dataset.passkey) return;
    if (asked.delete(form)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (going.has(form)) return;
    going.add(form);
    busy(form);
    const why = await obstacle(form);
    going.delete(form);
    if (why) {
      quiet(form);
      say(form, why);
      return;
    }
    asked.add(form);
    // A button that came with news in the meantime is not the one that was pressed.
    pressed = event.submitter && form.contains(event.submitter) ? event.submitter : null;
    form.requestSubmit(pressed);
    pressed = null;
    asked.delete(form);
  }, true);
  // htmx forgets which button was pressed when the focus moves, and never knew it of a form that it had yet to take on.
  document.body.addEventListener("htmx:configRequest", (event) => {
    if (pressed && pressed.name && event.detail.elt === pressed.form) {
      event.detail.parameters[pressed.name] = pressed.value;
    }
  });

  // Sent by a part of the page: whether it arrived is not known when no answer came.
  const formOf = (event) => event.detail.elt && event.detail.elt.closest("main form[method=post]");
  document.body.addEventListener("htmx:afterRequest", (event) => {
    const form = formOf(event);
    const status = event.detail.xhr ? event.detail.xhr.status : 0;
    if (!form || !form.hasAttribute("aria-busy")) return;
    quiet(form);
    if (status === 0 || status >= 500) say(form, "unsure");
  });
  // Gone back to, it is not sending any more.
  window.addEventListener("pageshow", () => { for (const form of document.querySelectorAll("form[aria-busy]")) quiet(form); });
})();
