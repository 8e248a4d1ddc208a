// Asks, before a form is sent, whether it would arrive and as whose, and sends it without leaving the page: whatever goes
// wrong on the way, what was typed stays, and beside the button stands why.
"use strict";
(() => {
  const words = document.getElementById("sending");
  if (!words) return;
  const SLOW = 400;
  const PATIENCE = 15000;
  const asked = new Set();
  const going = new Set();
  let pressed = null;

  const show = (form, what) => {
    let said = form.querySelector(":scope > [data-sending]");
    if (!said) {
      said = document.createElement("div");
      said.dataset.sending = "";
      said.setAttribute("role", "alert");
      form.append(said);
    }
    said.replaceChildren(what);
    if (!form.hasAttribute("aria-busy")) said.scrollIntoView({ block: "nearest" });
  };
  const say = (form, when) => show(form, words.content.querySelector(`[data-when=${when}]`).cloneNode(true));
  const quiet = (form) => {
    form.querySelector(":scope > [data-sending]")?.remove();
    form.removeAttribute("aria-busy");
  };
  const busy = (form) => {
    quiet(form);
    form.setAttribute("aria-busy", "true");
    setTimeout(() => { if (form.hasAttribute("aria-busy") && form.isConnected) say(form, "working"); }, SLOW);
  };
  const tell = (what, detail) => document.body.dispatchEvent(new CustomEvent(what, { detail }));
  const answered = (form) => {
    quiet(form);
    tell("answered");
  };

  // Why it would not arrive; nothing when it would. The form then carries the token of the session of now.
  const obstacle = async () => {
    let answer;
    try {
      answer = await fetch("/session", { headers: { Accept: "application/json" }, signal: AbortSignal.timeout(PATIENCE) });
    } catch {
      tell("lineLost", "call");
      return "no_line";
    }
    tell("lineBack", "call");
    if (answer.status === 401) return "signed_out";
    if (!answer.ok) return "failed";
    const now = await answer.json();
    if (now.who !== words.dataset.who) return "somebody_else";
    tell("signedIn");
    if (words.dataset.fresh && !now.fresh) return "proof";
    for (const token of document.querySelectorAll("input[name=csrf]")) token.value = now.csrf;
    document.body.setAttribute("hx-headers", JSON.stringify({ "X-CSRF-Token": now.csrf }));
    return "";
  };

  // A part of the page knows its own way; a form for the whole page gets the page that answers it, or goes where it says.
  const send = async (form) => {
    if (form.hasAttribute("hx-post") || form.target) {
      asked.add(form);
      form.requestSubmit(pressed);
      asked.delete(form);
      // What another tab answers is not waited for here.
      if (form.target) answered(form);
      return;
    }
    const answer = htmx.ajax("POST", form.getAttribute("action"), {
      source: form, target: "#main", select: "#main", swap: "outerHTML", headers: { "HX-Boosted": "true" },
    });
    // What went wrong is said below, in `afterRequest`.
    await answer.catch(() => {});
  };

  document.addEventListener("submit", async (event) => {
    const form = event.target;
    // What signs in or out, and what asks a passkey, has its own way.
    if (form.method !== "post" || !form.closest("main") || form.dataset.passkey) return;
    if (asked.has(form)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (going.has(form)) return;
    going.add(form);
    busy(form);
    const why = await obstacle();
    if (why) {
      answered(form);
      say(form, why);
    } else if (!form.noValidate && !form.reportValidity()) {
      // Somebody went on typing.
      answered(form);
    } else {
      // A button that came with news in the meantime is not the one that was pressed.
      pressed = event.submitter && form.contains(event.submitter) ? event.submitter : null;
      const sent = send(form);
      pressed = null;
      await sent;
    }
    going.delete(form);
  }, true);
  // htmx forgets which button was pressed when the focus moves, and never knew it of a form that it had yet to take on.
  document.body.addEventListener("htmx:configRequest", (event) => {
    if (pressed && pressed.name && event.detail.elt === pressed.form) {
      event.detail.parameters[pressed.name] = pressed.value;
    }
  });

  const formOf = (element) => element && element.closest("main form[method=post]");
  const isProblem = (answer) => answer.getResponseHeader("X-Problem") !== null;
  // A page that says what went wrong does not take the place of what was typed.
  document.body.addEventListener("htmx:beforeSwap", (event) => {
    if (isProblem(event.detail.xhr) && formOf(event.detail.requestConfig.elt)) event.detail.shouldSwap = false;
  });
  document.body.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target.id !== "main") return;
    const main = document.getElementById("main");
    (main.querySelector("[aria-invalid=true]") || main).focus();
    main.querySelector(".wrong[role=alert]:not(:empty)")?.scrollIntoView({ block: "center" });
  });
  document.body.addEventListener("htmx:afterRequest", async (event) => {
    const form = formOf(event.detail.elt);
    const answer = event.detail.xhr;
    if (!form || !form.hasAttribute("aria-busy")) return;
    // A page that leaves looks at nothing more.
    if (answer.getResponseHeader("HX-Redirect") === null) answered(form);
    else quiet(form);
    if (answer.status === 0) say(form, "unsure");
    else if (answer.status >= 500) say(form, "broken");
    // Signed out in the moment between the question and the form.
    else if (answer.status === 401) say(form, (await obstacle()) || "failed");
    else if (isProblem(answer)) {
      const page = new DOMParser().parseFromString(answer.responseText, "text/html");
      const why = document.createElement("p");
      why.className = "wrong";
      why.textContent = page.getElementById("problem").textContent;
      show(form, why);
    }
  });
  // Gone back to, it is not sending any more.
  window.addEventListener("pageshow", () => { for (const form of document.querySelectorAll("form[aria-busy]")) answered(form); });
})();
