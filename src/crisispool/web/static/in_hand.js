// What somebody presses, or has sent and has no answer to yet, is in their hand: news does not take it away, and is
// looked at again once it is let go.
"use strict";
const inHand = (() => {
  const waiting = new Map();

  // Whether something of this part of the page is in hand; then `look` is called once it is let go.
  const waits = (part, look) => {
    const has = part.querySelector("form[aria-busy], :active") !== null;
    if (has) waiting.set(part, look);
    return has;
  };
  // A click follows the letting go, and puts the form in hand again.
  const letGo = () => setTimeout(() => {
    const looks = [...waiting.values()];
    waiting.clear();
    for (const look of looks) look();
  });
  for (const each of ["pointerup", "pointercancel", "keyup", "answered"]) document.addEventListener(each, letGo);

  // Why a form was not sent stays beside its button when news brings that button anew.
  let said = [];
  const isNews = (swap) => !swap.requestConfig.elt.closest("form");
  document.addEventListener("htmx:beforeSwap", (event) => {
    const { detail } = event;
    said = [];
    if (!detail.shouldSwap || !isNews(detail)) return;
    const asks = detail.requestConfig.elt;
    if (waits(detail.target, () => htmx.trigger(asks, "look"))) detail.shouldSwap = false;
    else said = [...detail.target.querySelectorAll("[data-sending]")].map((each) => [each.parentElement.action, each]);
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    const forms = [...event.detail.target.querySelectorAll("form")];
    for (const [action, each] of said) forms.find((form) => form.action === action)?.append(each);
    said = [];
  });
  return { waits };
})();
