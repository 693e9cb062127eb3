// The frame of every page: theme, drawer, menus, keys, copying, what to show when the server does not answer, printing.
// Loaded in the head, so that a dark page never flashes white. Charts and ribbons: charts.js, ribbon.js.
(function () {
  const root = document.documentElement;
  if (!root.hasAttribute("data-bs-theme")) {
    root.setAttribute("data-bs-theme", matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
  }
  const typing = (element) => element.matches("input, textarea, select, [contenteditable]");

  // The links and explained figures of a table, a card of figures or a switch are one tab stop; arrow keys move between them.
  const GROUPS = "table, .kpi, .strip, .seg";
  const MARKS = "a[href], [data-tip][tabindex]";
  const group = (mark) => { let found = null; for (let one = mark.closest(GROUPS); one; one = one.parentElement.closest(GROUPS)) found = one; return found; };
  const marksOf = (one) => [...one.querySelectorAll(MARKS)].filter((mark) => group(mark) === one);
  function stopAt(mark, marks) {
    marks.forEach((other) => { other.tabIndex = other === mark ? 0 : -1; });
  }
  function stops() {
    document.querySelectorAll(GROUPS).forEach((one) => {
      const marks = marksOf(one), seen = marks.filter((mark) => mark.checkVisibility());
      const kept = seen.find((mark) => mark === document.activeElement) || seen.find((mark) => mark.getAttribute("tabindex") === "0" && mark.matches("a")) || seen[0] || marks[0];
      if (kept) stopAt(kept, marks);
    });
  }
  function arrow(event) {
    const mark = event.target.closest?.(MARKS), one = mark && group(mark);
    if (!one) return;
    const marks = marksOf(one).filter((other) => other === mark || other.checkVisibility()), i = marks.indexOf(mark);
    const cell = mark.closest("td, th"), step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    let to = { Home: marks[0], End: marks.at(-1) }[event.key] ?? marks[i + step];
    if (cell && /Down|Up/.test(event.key)) { // the same column of the next row that has one there, else that row's first
      const rows = [...one.rows].filter((row) => marks.some((other) => row.contains(other)));
      const row = rows[rows.indexOf(cell.parentNode) + step];
      to = row && (marks.find((other) => row.cells[cell.cellIndex]?.contains(other)) || marks.find((other) => row.contains(other)));
    }
    if (!to || to === mark) return;
    event.preventDefault();
    to.focus();
  }

  // A part that scrolls can be reached by keyboard; one that fits adds no stop.
  function reach() {
    document.querySelectorAll(".tw, .scroll").forEach((part) => {
      if (part.scrollWidth > part.clientWidth || part.scrollHeight > part.clientHeight) part.setAttribute("tabindex", "0");
      else part.removeAttribute("tabindex");
    });
  }

  // The rows of a list (table[data-walk]), by their first link or button: Enter then opens it, as it always does.
  function walk(step) {
    const links = [...document.querySelectorAll("table[data-walk] tbody tr")].map((row) => row.querySelector("a[href], button")).filter(Boolean);
    if (!links.length) return;
    const place = links.findIndex((link) => link.closest("tr").contains(document.activeElement));
    const next = place < 0 ? (step > 0 ? 0 : links.length - 1) : Math.min(Math.max(place + step, 0), links.length - 1);
    links[next].focus();
  }

  // The list of keys, and going to a page: `g`, then the letter of its link (data-go) within a moment.
  const GOING_MS = 1500;
  let going = 0;
  function keys() {
    close();
    const list = document.getElementById("keys");
    if (list && !list.open) list.showModal();
  }
  function go(event) {
    const due = going && event.timeStamp - going < GOING_MS;
    going = event.key === "g" ? event.timeStamp : 0;
    const link = due && [...document.querySelectorAll("[data-go]")].find((one) => one.dataset.go === event.key);
    if (link) { event.preventDefault(); link.click(); }
    return Boolean(link) || going > 0;
  }

  // A part that htmx asked for and did not get: refused ones say why, broken ones that they are broken, signed-out ones
  // lead to the sign-in. Parts that renew themselves keep what they have, and the page says that it may be old.
  const renews = (detail) => (detail.requestConfig?.elt ?? detail.elt)?.matches("[hx-trigger^=every]");
  function answered(event) {
    const { detail } = event, { xhr } = detail;
    if (new URL(xhr.responseURL || location.href).pathname === "/signin/") { event.preventDefault(); location.reload(); return; }
    if (detail.target.id === "fresh" && detail.target.matches(":has(details[open], :focus)")) detail.shouldSwap = false;
    lost(renews(detail) && xhr.status >= 500);
    if (xhr.status < 400 || renews(detail)) return;
    detail.shouldSwap = true;
    if (!/^\s*<div class="msg/.test(xhr.response)) failed(event);
  }
  function failed(event) {
    const shown = document.getElementById("failed");
    if (shown && event.detail.target) event.detail.target.replaceChildren(shown.content.cloneNode(true));
    event.detail.shouldSwap = false;
  }
  function lost(is) {
    const shown = document.getElementById("lost");
    if (shown) shown.hidden = !is;
  }

  // What stands open beside a list: its row is marked, and who worked in it stays there when it is made anew.
  function beside(part, asked) {
    const links = [...document.querySelectorAll("td > a[hx-target='#opened']")];
    const place = asked?.getAttribute("hx-get"); // what was done to the opened one has none: its row stays marked
    if (place && links.length) {
      links.forEach((one) => one.removeAttribute("aria-current"));
      links.find((one) => one.getAttribute("hx-get") === place)?.setAttribute("aria-current", "true");
    }
    if (document.activeElement === document.body) part.querySelector("h2[tabindex]")?.focus({ preventScroll: true });
  }

  function theme(button) {
    const next = root.getAttribute("data-bs-theme") === "dark" ? "light" : "dark";
    root.setAttribute("data-bs-theme", next);
    const form = button.closest("form");
    const body = new FormData(form);
    body.set("theme", next);
    fetch(form.action, { method: "POST", body, redirect: "manual", keepalive: true });
    document.dispatchEvent(new CustomEvent("hl:theme"));
  }

  let dark = false;
  function paper(on) {
    if (on) dark = root.getAttribute("data-bs-theme") === "dark";
    if (!dark) return;
    root.setAttribute("data-bs-theme", on ? "light" : "dark");
    document.dispatchEvent(new CustomEvent("hl:theme"));
  }

  function drawer(button) {
    const open = document.querySelector(".hl-nav").classList.toggle("open");
    button.setAttribute("aria-expanded", String(open));
  }

  function copy(button) {
    const text = document.getElementById(button.dataset.copy).textContent;
    navigator.clipboard?.writeText(text).then(() => { button.textContent = button.dataset.done; });
  }

  function close(except) {
    document.querySelectorAll("details.hl-menu[open]").forEach((menu) => { if (menu !== except) menu.open = false; });
  }

  // What opens below a button that stands far to the right stays within the window.
  const EDGE = 12;
  function within(menu) {
    const panel = menu.querySelector(":scope > .panel");
    if (!panel) return;
    panel.style.translate = "";
    const over = panel.getBoundingClientRect().right - (document.documentElement.clientWidth - EDGE);
    if (over > 0) panel.style.translate = `${-Math.ceil(over)}px 0`;
  }
  document.addEventListener("toggle", (event) => { if (event.target.matches?.("details.hl-menu[open]")) within(event.target); }, true);

  addEventListener("load", () => { stops(); reach(); });
  addEventListener("resize", () => { stops(); reach(); document.querySelectorAll("details.hl-menu[open]").forEach(within); });
  document.addEventListener("focusin", (event) => {
    const mark = event.target.closest?.(MARKS), one = mark && group(mark);
    if (one) stopAt(mark, marksOf(one));
  });
  addEventListener("pageshow", () => document.querySelectorAll("form[method=get] :disabled").forEach((field) => { field.disabled = false; }));
  document.addEventListener("htmx:afterSwap", (event) => {
    stops();
    reach();
    // What a row opened stands above or below it on a narrow screen.
    const part = event.detail.target, asked = event.detail.requestConfig?.elt;
    if (part.id === "opened" && asked !== part && innerWidth < 1100) part.scrollIntoView({ block: "start" });
    if (part.id === "opened") beside(part, asked);
  });
  document.addEventListener("htmx:beforeSwap", answered);
  document.addEventListener("htmx:sendError", (event) => { if (renews(event.detail)) lost(true); else failed(event); });
  // Paper is white: a dark page is printed in its light colours, charts too.
  addEventListener("beforeprint", () => paper(true));
  addEventListener("afterprint", () => paper(false));
  document.addEventListener("click", (event) => {
    close(event.target.closest("details.hl-menu"));
    const button = event.target.closest("[data-act], [data-copy], [data-opens]");
    if (!button) {
      if (!event.target.closest(".hl-nav")) document.querySelector(".hl-nav")?.classList.remove("open");
      return;
    }
    if (button.dataset.act === "theme") { event.preventDefault(); theme(button); }
    if (button.dataset.act === "nav") drawer(button);
    if (button.dataset.act === "keys") keys();
    if (button.dataset.copy) copy(button);
    if (button.dataset.opens) {
      const part = document.getElementById(button.dataset.opens);
      part.hidden = !part.hidden;
      button.setAttribute("aria-expanded", String(!part.hidden));
    }
  });
  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-submit]")) event.target.form.requestSubmit();
  });
  // Who writes into a field of one of several ways means that way.
  document.addEventListener("input", (event) => {
    const way = event.target.closest(".way-row")?.querySelector("input[type=radio]");
    if (way) way.checked = true;
  });
  // An empty field adds nothing to the address.
  document.addEventListener("submit", (event) => {
    if (event.target.method !== "get") return;
    event.target.querySelectorAll("input[name], select[name]").forEach((field) => { if (!field.value) field.disabled = true; });
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") { close(); document.querySelector(".hl-nav")?.classList.remove("open"); }
    if (/^(Arrow|Home|End)/.test(event.key) && !event.ctrlKey && !event.metaKey && !event.altKey && !event.shiftKey) arrow(event);
    if (typing(event.target) || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
    if (go(event)) return;
    if (event.key === "?") { event.preventDefault(); keys(); return; }
    // A link or button that names its key (data-key) is followed by it; j and k walk the rows of a list.
    const keyed = [...document.querySelectorAll("[data-key]")].find((one) => one.dataset.key === event.key);
    if (keyed) { event.preventDefault(); keyed.click(); }
    if (event.key === "j" || event.key === "k") walk(event.key === "j" ? 1 : -1);
    if (event.key === "/") {
      const field = document.querySelector(".hl-search input");
      if (field) { event.preventDefault(); field.focus(); field.select(); }
    }
  });
})();
