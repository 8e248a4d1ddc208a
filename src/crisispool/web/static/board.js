// Says when the board and the server have lost each other, and takes it back when they have found each other again.
"use strict";
(() => {
  const strip = document.getElementById("lost");
  const lost = new Set();
  let signedOut = false;

  // Filled only when there is something to say: then who listens to the page hears it.
  const show = () => {
    if (signedOut) return;
    const words = lost.size ? strip.dataset.said : "";
    if (strip.textContent !== words) strip.textContent = words;
  };
  const gone = (what) => { lost.add(what); show(); };
  const back = (what) => { lost.delete(what); show(); };

  // A script of ours lost its line, or has it again.
  document.body.addEventListener("lineLost", (event) => gone(event.detail));
  document.body.addEventListener("lineBack", (event) => back(event.detail));
  // An open page found that nobody is signed in here any more, or that somebody is again.
  document.body.addEventListener("signedIn", () => {
    signedOut = false;
    show();
  });
  document.body.addEventListener("signedOut", () => {
    signedOut = true;
    strip.replaceChildren(document.getElementById("signed-out").content.cloneNode(true));
    // The way to sign in leads past what was typed.
    const fields = [...document.querySelectorAll("main input:not([type=hidden]), main textarea")];
    if (fields.some((field) => field.value !== field.defaultValue)) strip.querySelector("a").target = "_blank";
  });

  document.body.addEventListener("htmx:sseError", (event) => gone(event.target));
  document.body.addEventListener("htmx:sseOpen", (event) => back(event.target));
  document.body.addEventListener("htmx:sseClose", (event) => back(event.target));
  document.body.addEventListener("htmx:sendError", () => gone("call"));
  document.body.addEventListener("htmx:timeout", () => gone("call"));
  document.body.addEventListener("htmx:afterRequest", (event) => {
    const status = event.detail.xhr ? event.detail.xhr.status : 0;
    // What a form met stands beside its button.
    if (status >= 500 && !event.detail.elt.closest("[aria-busy]")) gone("call");
    else if (status > 0) back("call");
  });
  window.addEventListener("offline", () => gone("network"));
  window.addEventListener("online", () => back("network"));
})();
