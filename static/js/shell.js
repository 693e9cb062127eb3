// The frame of every page: theme, drawer, menus, search key, keys inside tables, copying.
// Loaded in the head, so that a dark page never flashes white. Charts and ribbons: charts.js, ribbon.js.
(function () {
  const root = document.documentElement;
  if (!root.hasAttribute("data-bs-theme")) {
    root.setAttribute("data-bs-theme", matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
  }
  const typing = (element) => element.matches("input, textarea, select, [contenteditable]");

  // Explained figures of a table are one tab stop; arrow keys move between them.
  function oneStop(table) {
    const marks = [...table.querySelectorAll("[data-tip][tabindex]")];
    marks.forEach((mark, i) => { mark.tabIndex = i ? -1 : 0; });
    table.addEventListener("keydown", (event) => {
      const i = marks.indexOf(event.target);
      if (i < 0) return;
      const side = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      const row = { ArrowDown: "nextElementSibling", ArrowUp: "previousElementSibling" }[event.key];
      const cell = event.target.closest("td");
      const to = side ? marks[i + side] : row ? cell?.parentNode[row]?.cells[cell.cellIndex]?.querySelector("[data-tip][tabindex]") : null;
      if (!to) return;
      event.preventDefault();
      event.target.tabIndex = -1;
      to.tabIndex = 0;
      to.focus();
    });
  }

  // A part that scrolls sideways can be reached by keyboard; one that fits adds no stop.
  function reach() {
    document.querySelectorAll(".tw, .scroll").forEach((part) => {
      if (part.scrollWidth > part.clientWidth) part.setAttribute("tabindex", "0");
      else part.removeAttribute("tabindex");
    });
  }

  // The rows of a list (table[data-walk]), by their first link: Enter then opens it, as it does every link.
  function walk(step) {
    const links = [...document.querySelectorAll("table[data-walk] tbody tr")].map((row) => row.querySelector("a[href]")).filter(Boolean);
    if (!links.length) return;
    const place = links.findIndex((link) => link.closest("tr").contains(document.activeElement));
    const next = place < 0 ? (step > 0 ? 0 : links.length - 1) : Math.min(Math.max(place + step, 0), links.length - 1);
    links[next].focus();
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

  addEventListener("load", () => { document.querySelectorAll("table").forEach(oneStop); reach(); });
  addEventListener("resize", reach);
  addEventListener("pageshow", () => document.querySelectorAll("form[method=get] :disabled").forEach((field) => { field.disabled = false; }));
  document.addEventListener("htmx:afterSwap", reach);
  document.addEventListener("click", (event) => {
    close(event.target.closest("details.hl-menu"));
    const button = event.target.closest("[data-act], [data-copy], [data-opens]");
    if (!button) {
      if (!event.target.closest(".hl-nav")) document.querySelector(".hl-nav")?.classList.remove("open");
      return;
    }
    if (button.dataset.act === "theme") { event.preventDefault(); theme(button); }
    if (button.dataset.act === "nav") drawer(button);
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
  // An empty field adds nothing to the address.
  document.addEventListener("submit", (event) => {
    if (event.target.method !== "get") return;
    event.target.querySelectorAll("input[name], select[name]").forEach((field) => { if (!field.value) field.disabled = true; });
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") { close(); document.querySelector(".hl-nav")?.classList.remove("open"); }
    if (typing(event.target) || event.ctrlKey || event.metaKey || event.altKey) return;
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
