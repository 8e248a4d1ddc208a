// What somebody presses, or has sent and has no answer to yet, is in their hand: news does not take it away or move it,
// and is looked at again once it is let go.
"use strict";
const inHand = (() => {
  // With a finger the click comes a moment after the finger has left.
  const CLICK_COMES = 50;
  const looks = new Set();
  let pressed = null;
  let leaving = 0;

  // Whether something of this part of the page is in hand; then `look` is called once it is let go.
  const waits = (part, look) => {
    const has = part.querySelector("form[aria-busy]") !== null || part.contains(pressed);
    if (has) looks.add(look);
    return has;
  };
  const lookAgain = () => {
    const all = [...looks];
    looks.clear();
    for (const look of all) look();
  };
  const press = (event) => {
    clearTimeout(leaving);
    pressed = event.target;
  };
  const letGo = () => {
    pressed = null;
    lookAgain();
  };
  const lift = () => {
    clearTimeout(leaving);
    leaving = setTimeout(letGo, CLICK_COMES);
  };
  // Not `:active`, which a finger sets only once it has left.
  document.addEventListener("pointerdown", press, true);
  document.addEventListener("keydown", (event) => { if (event.key === " ") press(event); }, true);
  for (const each of ["pointerup", "keyup"]) document.addEventListener(each, lift, true);
  // Nothing follows these that would be a click.
  for (const each of ["pointercancel", "contextmenu"]) document.addEventListener(each, letGo, true);
  for (const each of ["blur", "pageshow"]) window.addEventListener(each, letGo);
  for (const each of ["answered", "htmx:afterSwap", "htmx:sseOpen"]) document.body.addEventListener(each, lookAgain);

  // Why a form was not sent stays beside its button when that button is made anew.
  const carry = (from, to) => {
    for (const said of from.querySelectorAll("form > [data-sending]")) {
      const action = said.parentElement.getAttribute("action");
      [...to.querySelectorAll("form")].find((form) => form.getAttribute("action") === action)?.append(said);
    }
  };

  let was = null;
  const isNews = (swap) => !swap.requestConfig.elt.closest("form");
  document.body.addEventListener("htmx:beforeSwap", (event) => {
    const { target, requestConfig, shouldSwap } = event.detail;
    was = null;
    if (!shouldSwap || !isNews(event.detail)) return;
    if (waits(target, () => htmx.trigger(requestConfig.elt, "look"))) event.detail.shouldSwap = false;
    else if (target.querySelector("[data-sending]")) was = target.cloneNode(true);
  });
  document.body.addEventListener("htmx:afterSwap", (event) => {
    if (was) carry(was, event.detail.target);
    was = null;
  });
  // What could not be looked at is looked at when there is a line again.
  document.body.addEventListener("htmx:sendError", (event) => {
    if (isNews(event.detail)) looks.add(() => htmx.trigger(event.detail.requestConfig.elt, "look"));
  });
  return { waits, carry };
})();
