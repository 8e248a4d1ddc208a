"""A page in the hands of who has a keyboard alone: what is reached, in which order, and whether one sees where."""

from typing import Any, Final

from playwright.async_api import Page

WATCH: Final = """() => {
  // A page may begin in a field.
  document.activeElement.blur();
  const may = "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']";
  const stops = [...document.querySelectorAll(may)].filter((each) =>
    each.checkVisibility({ visibilityProperty: true }) && !each.disabled && each.tabIndex >= 0
    && !(each.type === "radio" && each !== radioOf(each)));
  function radioOf(one) {
    const group = [...document.querySelectorAll("input[type=radio]")].filter(
      (each) => each.name === one.name && each.form === one.form);
    return group.find((each) => each.checked) || group[0];
  }
  const name = (each) => {
    const words = each.getAttribute("aria-label") || each.name || each.textContent;
    return `${each.tagName.toLowerCase()} ${words.trim().slice(0, 40)}`;
  };
  const looks = (each) => [each, ...each.querySelectorAll("*")].slice(0, 12).map((part) => {
    const style = getComputedStyle(part);
    return [style.outlineStyle, style.outlineWidth, style.stroke, style.strokeWidth, style.left].join();
  }).join();
  const placed = (each) => {
    for (let up = each; up; up = up.parentElement)
      if (["fixed", "sticky"].includes(getComputedStyle(up).position) || up.scrollHeight > up.clientHeight + 1
        && up !== document.documentElement && getComputedStyle(up).overflowY !== "visible") return null;
    const box = each.getBoundingClientRect();
    return [box.top + scrollY, box.bottom + scrollY];
  };
  const before = new Map(stops.map((each) => [each, looks(each)]));
  const watch = (window.watch = { at: [], wrong: [], extra: 0 });
  watch.names = stops.map(name);
  // Each part of a day or an hour is a stop of its own.
  const parts = { date: 3, time: 3, "datetime-local": 7 };
  watch.extra = stops.reduce((sum, each) => sum + (parts[each.type] || 0), 0);
  let last = null;
  for (const each of stops) {
    const place = placed(each);
    if (!place || each.matches(".skip, svg a")) continue;
    if (last && place[1] <= last[0]) watch.wrong.push(`${name(each)} stands above what comes before it`);
    last = place;
  }
  document.addEventListener("focusin", (event) => {
    const each = event.target;
    const index = stops.indexOf(each);
    if (watch.at.includes(index)) return;
    watch.at.push(index);
    if (index < 0) watch.wrong.push(`${name(each)} is reached and does nothing`);
    else if (before.get(each) === looks(each)) watch.wrong.push(`${name(each)} does not show that it is in focus`);
    const box = each.getClientRects()[0];
    const there = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
    if (!there || !(each.contains(there) || there.contains(each)))
      watch.wrong.push(`${name(each)} is in focus and something stands before it`);
  });
  return stops.length;
}"""
"""Notes what must be reached and how it looks without focus; then what is reached, and what is wrong with it."""

DONE: Final = "() => new Set(window.watch.at).size >= window.watch.names.length"
FOUND: Final = """() => {
  const { at, names, wrong } = window.watch;
  const order = at.filter((index) => index >= 0);
  // Where the focus stood at first does not matter.
  const first = order.indexOf(Math.min(...order));
  const turned = [...order.slice(first), ...order.slice(0, first)];
  const inOrder = turned.every((index, place) => !place || turned[place - 1] < index);
  const missed = names.filter((_, index) => !at.includes(index)).map((name) => `${name} is not reached`);
  return [...wrong, ...missed, ...(inOrder ? [] : [`the order is ${order}`])];
}"""
SKIPPED: Final = "() => document.activeElement.id === 'main'"


async def complaints(page: Page) -> list[str]:
    """What keeps somebody out who has a keyboard alone."""
    stops: int = await page.evaluate(WATCH)
    for pressed in range(stops + await page.evaluate("window.watch.extra") + 3):
        await page.keyboard.press("Tab")
        if pressed >= stops - 1 and await page.evaluate(DONE):
            break
    found: list[str] = await page.evaluate(FOUND)
    return found


async def skips(page: Page) -> Any:
    """Whether on a fresh page the first key leads to a way past the menu, and Enter goes it; true without a menu."""
    if not await page.locator(".skip").count():
        return True
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    return await page.evaluate(SKIPPED)
