// Keeps the board as it is this second, filters it as one types, and counts holds down. Without it the page can be read.
"use strict";
(() => {
  const root = document.getElementById("tonight");
  const form = document.getElementById("filter");
  const pool = document.getElementById("pool");
  const seen = document.getElementById("seen");
  let ahead = Number(root.dataset.now) * 1000 - Date.now();

  // What one types stands against what is in the rows; the server does the same for a page without script.
  const plain = (text) => text.trim().toLowerCase();
  const filter = () => {
    const text = plain(form.elements.q.value);
    const places = Number(form.elements.places.value);
    const flags = [...form.querySelectorAll("input[type=checkbox]:checked")].map((box) => box.name);
    let shown = 0, all = 0;
    for (const section of pool.querySelectorAll("section")) {
      let here = 0;
      for (const row of section.querySelectorAll("tbody tr")) {
        const has = row.dataset.has.split(" ");
        const fits = plain(row.dataset.name).includes(text) && Number(row.dataset.places) >= places
          && flags.every((flag) => has.includes(flag));
        row.hidden = !fits;
        here += fits;
        all += 1;
      }
      section.hidden = !here;
      shown += here;
    }
    const words = root.dataset.shown.replace("%", shown).replace("%", all);
    const said = document.getElementById("shown");
    if (said.textContent !== words) said.textContent = words;
  };
  form.addEventListener("input", filter);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.querySelector("button").hidden = true;
  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest("input, textarea, select");
    if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      form.elements.q.focus();
    } else if (event.key === "Escape" && event.target === form.elements.q) {
      form.elements.q.value = "";
      filter();
    }
  });

  const countDown = () => {
    const now = (Date.now() + ahead) / 1000;
    for (const left of pool.querySelectorAll(".left")) {
      const seconds = Math.max(0, Math.ceil(Number(left.dataset.until) - now));
      const words = `${Math.floor(seconds / 60)}.${String(seconds % 60).padStart(2, "0")}`;
      left.textContent = root.dataset.left.replace("%", words);
    }
  };

  // Only what differs is put in, so that nothing jumps and the focus stays where it is.
  const same = (one, other) => {
    const copy = one.cloneNode(true);
    copy.hidden = false;
    copy.removeAttribute("class");
    for (const left of copy.querySelectorAll(".left")) left.textContent = "";
    return copy.outerHTML === other.outerHTML;
  };
  const rowsInto = (body, fresh, changed) => {
    const old = new Map([...body.children].map((row) => [row.id, row]));
    let place = body.firstElementChild;
    for (const row of [...fresh.children]) {
      const was = old.get(row.id);
      old.delete(row.id);
      if (was && same(was, row)) {
        if (was === place) place = place.nextElementSibling;
        else body.insertBefore(was, place);
        continue;
      }
      if (was === place) place = place && place.nextElementSibling;
      if (!was || was.dataset.status !== row.dataset.status) changed.push(row);
      if (was) was.remove();
      body.insertBefore(row, place);
    }
    for (const gone of old.values()) gone.remove();
  };
  const read = (html) => {
    const template = document.createElement("template");
    template.innerHTML = html;
    return template;
  };
  const put = (board) => {
    const changed = [];
    const top = document.getElementById("top");
    const above = read(board.top);
    if (top.innerHTML !== above.innerHTML) top.replaceChildren(above.content);
    const fresh = read(board.pool);
    const now = [...pool.querySelectorAll("section")].map((each) => each.id).join();
    const next = [...fresh.content.querySelectorAll("section")];
    if (!now || now !== next.map((each) => each.id).join()) {
      pool.replaceChildren(fresh.content);
    } else {
      for (const section of next) {
        const here = document.getElementById(section.id);
        const head = section.querySelector("h2");
        if (here.querySelector("h2").outerHTML !== head.outerHTML) here.querySelector("h2").replaceWith(head);
        here.querySelector("thead").replaceWith(section.querySelector("thead"));
        rowsInto(here.querySelector("tbody"), section.querySelector("tbody"), changed);
      }
      const map = document.querySelector("#map svg");
      const drawn = fresh.content.querySelector("#map svg");
      // With one municipality there is none.
      if (map && map.innerHTML !== drawn.innerHTML) map.innerHTML = drawn.innerHTML;
    }
    filter();
    countDown();
    tell(changed);
  };
  const tell = (changed) => {
    const words = changed.slice(0, 3).map((row) => `${row.dataset.name}: ${row.querySelector(".status").textContent}.`);
    if (changed.length > 3) words.push(root.dataset.more);
    if (!words.length) return;
    document.getElementById("changed").textContent = words.join(" ");
    for (const row of changed) row.classList.add("fresh");
    setTimeout(() => changed.forEach((row) => row.classList.remove("fresh")), 4000);
  };

  const line = (what) => document.body.dispatchEvent(new CustomEvent(what, { detail: "board" }));
  let newest = null;
  const showNewest = () => { if (pool.isConnected && !inHand.waits(root, showNewest)) put(newest); };
  // Says which board stands here, so that another one is sent and the same one is not.
  let address = root.dataset.stream;
  const listen = () => {
    const stream = new EventSource(address);
    stream.addEventListener("board", (event) => {
      newest = JSON.parse(event.data);
      showNewest();
      address = `${root.dataset.stream.split("?")[0]}?has=${event.lastEventId}`;
    });
    stream.addEventListener("now", (event) => {
      const now = JSON.parse(event.data);
      ahead = now.at * 1000 - Date.now();
      seen.textContent = now.seen;
      root.classList.add("live");
      line("lineBack");
    });
    stream.addEventListener("error", async () => {
      root.classList.remove("live");
      line("lineLost");
      if (stream.readyState !== EventSource.CLOSED) return;
      // The server said no: signed out, or it has no place now.
      stream.close();
      try {
        const page = await fetch("/account", { headers: { "HX-Request": "true" } });
        if (page.status === 401) {
          // Who passes by here is nobody we know: the board goes too.
          root.replaceChildren();
          document.body.dispatchEvent(new CustomEvent("signedOut"));
          return;
        }
      } catch { /* away: the next try tells */ }
      setTimeout(listen, 5000);
    });
  };

  filter();
  countDown();
  setInterval(countDown, 1000);
  listen();
})();
