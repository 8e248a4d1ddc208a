// The talk: what was asked stays in sight above the question of now, digits choose, and messages are fetched.
"use strict";
(() => {
  const MOST_EARLIER = 6;
  const OFTEN = 3000;
  const SELDOM = 30000;
  const earlier = document.getElementById("earlier");
  const heard = document.getElementById("heard");
  const news = document.getElementById("news");
  const question = () => document.getElementById("question");

  const keep = (what) => {
    earlier.append(what);
    while (earlier.children.length > MOST_EARLIER) earlier.firstElementChild.remove();
  };

  // A message moves what is below it, and a button must not slip away under a finger: those that came are put in later.
  let came = null;
  const putIn = () => {
    if (inHand.waits(heard.parentElement, putIn)) return;
    const messages = came;
    came = null;
    htmx.swap(heard, messages, { swapStyle: "beforeend" }, { eventInfo: { target: heard } });
    lookSoon();
  };
  // Only what was said is kept; which answer was chosen is not.
  document.body.addEventListener("htmx:beforeSwap", (event) => {
    // That a form is of an earlier session is no message.
    if (event.detail.target === heard && event.detail.xhr.status >= 400) event.detail.shouldSwap = false;
    if (event.detail.target === heard && event.detail.shouldSwap && inHand.waits(heard.parentElement, putIn)) {
      came = event.detail.serverResponse;
      event.detail.shouldSwap = false;
    }
    if (!event.detail.shouldSwap || event.detail.target.id !== "now") return;
    const screen = event.detail.target.querySelector(".screen");
    const again = event.detail.serverResponse.includes(`data-key="${event.detail.target.dataset.key}"`);
    for (const old of heard.querySelectorAll(".told:not(:has(form))")) keep(old);
    if (!screen || again) return;
    const copy = screen.cloneNode(true);
    const answered = copy.querySelector(".progress") ? "#notes, p:not(.progress)" : "#notes";
    for (const each of copy.querySelectorAll(answered)) each.remove();
    const asked = document.createElement("p");
    asked.textContent = copy.querySelector("h2").textContent;
    copy.querySelector("h2").replaceWith(asked);
    keep(copy);
  });
  document.body.addEventListener("htmx:afterSwap", (event) => {
    // The newest message stands nearest to the question.
    heard.scrollTop = heard.scrollHeight;
    if (event.detail.target.id !== "now") return;
    const field = document.querySelector("#now > form.number input[name=say]");
    (field || question()).focus({ preventScroll: true });
    document.getElementById("now").scrollIntoView({ block: "nearest" });
    look();
  });
  // A message that was answered has nothing left to choose.
  document.body.addEventListener("htmx:afterRequest", (event) => {
    const form = event.detail.elt.closest(".told form");
    if (form && event.detail.successful) form.remove();
  });
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.target.closest("input, textarea, select")) return;
    if (!/^[1-9]$/.test(event.key)) return;
    const choice = document.querySelectorAll("#now .choices button")[Number(event.key) - 1];
    if (choice) { event.preventDefault(); choice.click(); }
  });

  // Whatever changed may have made a message; while nobody says so, it is asked now and then. Not all at one moment.
  let listening = false;
  let soon = 0;
  let asked = 0;
  const look = () => {
    soon = 0;
    // Before those that came are put in, the same ones would come again.
    if (document.hidden || came !== null || inHand.waits(heard.parentElement, look)) return;
    asked = Date.now();
    htmx.trigger(news, "look");
  };
  const lookSoon = () => { soon ||= setTimeout(look, Math.random() * 300); };
  const stream = new EventSource("/api/v1/events");
  for (const kind of ["units", "requests", "cases", "duty", "everything", "ready"]) {
    stream.addEventListener(kind, lookSoon);
  }
  const line = (what) => document.body.dispatchEvent(new CustomEvent(what, { detail: "talk" }));
  stream.addEventListener("open", () => {
    listening = true;
    line("lineBack");
  });
  stream.addEventListener("error", () => {
    listening = false;
    // With no place for it here the page asks instead, and lost nobody.
    line(stream.readyState === EventSource.CLOSED ? "lineBack" : "lineLost");
  });
  setInterval(() => { if (Date.now() - asked >= (listening ? SELDOM : OFTEN)) look(); }, OFTEN);
  document.addEventListener("visibilitychange", look);
  window.addEventListener("pagehide", () => stream.close());
  look();
})();
