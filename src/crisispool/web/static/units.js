// Keeps the list of units as it is this second: what changed is put in, and where somebody types stays as it is.
"use strict";
(() => {
  const list = () => document.getElementById("units");
  if (!list()) return;

  // Every form has a name of its own for its change: two that differ in nothing else are the same. What went wrong with
  // a click is no change of the unit, and stays.
  const plain = (unit) => {
    const copy = unit.cloneNode(true);
    const aside = "input[type=hidden]:not([name=version]), .wrong, [data-sending]";
    for (const each of copy.querySelectorAll(aside)) each.remove();
    for (const each of copy.querySelectorAll("[class]")) each.classList.remove("htmx-settling");
    for (const each of copy.querySelectorAll("[autofocus]")) each.removeAttribute("autofocus");
    return copy.innerHTML.replace(/\s+/g, " ");
  };
  const isTyping = (inside) => inside.contains(document.activeElement) && document.activeElement.matches("input, summary")
    || inside.querySelector("details[open]");
  const putIn = (was, unit) => {
    const focused = was.contains(document.activeElement) ? document.activeElement : null;
    // A click without an answer has one now: it stands here.
    was.querySelector("[data-sending]:has([data-when=unsure])")?.remove();
    inHand.carry(was, unit);
    was.replaceWith(unit);
    htmx.process(unit);
    if (focused) (unit.querySelector(`button[value="${focused.value}"]`) || unit.querySelector("a")).focus();
  };
  const put = (html) => {
    const template = document.createElement("template");
    template.innerHTML = html;
    const fresh = template.content.getElementById("units");
    if (!fresh) return;
    const ids = (all) => [...all.querySelectorAll(".unit")].map((each) => each.id).join();
    if (ids(fresh) !== ids(list())) {
      if (isTyping(list()) || inHand.waits(list(), lookSoon)) return;
      for (const unit of fresh.querySelectorAll(".unit")) {
        const was = document.getElementById(unit.id);
        if (was && plain(was) === plain(unit)) unit.replaceWith(was);
      }
      list().replaceWith(fresh);
      htmx.process(fresh);
    } else {
      for (const unit of fresh.querySelectorAll(".unit")) {
        const was = document.getElementById(unit.id);
        const isAnother = !isTyping(was) && plain(was) !== plain(unit);
        if (isAnother && !inHand.waits(was, lookSoon)) putIn(was, unit);
      }
    }
    const counts = document.getElementById("counts");
    const now = template.content.getElementById("counts").textContent;
    if (counts.textContent !== now) counts.textContent = now;
  };

  let soon = 0;
  let signedOut = false;
  const look = async () => {
    soon = 0;
    try {
      const answer = await fetch("/units", { headers: { "HX-Request": "true" } });
      const was = signedOut;
      signedOut = answer.status === 401;
      if (was !== signedOut) document.body.dispatchEvent(new CustomEvent(signedOut ? "signedOut" : "signedIn"));
      if (answer.ok) put(await answer.text());
    } catch { /* away: the stream says so, and asks again when it is back */ }
  };
  // Not all who watch ask in the same moment.
  const lookSoon = () => { soon ||= setTimeout(look, Math.random() * 200); };
  const line = (what) => document.body.dispatchEvent(new CustomEvent(what, { detail: "units" }));
  const listen = () => {
    const stream = new EventSource(`/api/v1/events?since=${list().dataset.seq}`);
    let begun = false;
    stream.addEventListener("ready", () => {
      line("lineBack");
      if (begun) lookSoon();
      begun = true;
    });
    stream.addEventListener("units", lookSoon);
    stream.addEventListener("everything", lookSoon);
    stream.addEventListener("error", () => {
      line("lineLost");
      if (stream.readyState !== EventSource.CLOSED) return;
      // The server said no: signed out, or it has no place now. Looking tells which.
      stream.close();
      lookSoon();
      setTimeout(() => { if (!signedOut) listen(); }, 5000);
    });
    window.addEventListener("pagehide", () => stream.close());
  };
  // Who signed in again elsewhere comes back to a page that listens again.
  document.addEventListener("visibilitychange", async () => {
    if (document.hidden || !signedOut) return;
    await look();
    if (!signedOut) listen();
  });
  listen();
})();
