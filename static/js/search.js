// The search box as a combobox: arrow keys walk what the server suggests (templates/_suggestions.html), Enter follows the
// one that is marked, else sends the form; Escape, a click elsewhere or leaving by Tab closes the list.
(function () {
  const box = document.getElementById("search"), list = document.getElementById("hits");
  if (!box || !list) return;
  const options = () => [...list.querySelectorAll("[role=option]")];
  const marked = () => list.querySelector("[aria-selected=true]");

  function mark(option) {
    marked()?.setAttribute("aria-selected", "false");
    if (!option) { box.removeAttribute("aria-activedescendant"); return; }
    option.setAttribute("aria-selected", "true");
    box.setAttribute("aria-activedescendant", option.id);
    option.scrollIntoView({ block: "nearest" });
  }
  function show(on) {
    const open = on && list.childElementCount > 0;
    list.hidden = !open;
    box.setAttribute("aria-expanded", String(open && options().length > 0));
    if (!open) mark(null);
  }
  // One beyond either end is the box itself.
  function step(by) {
    const all = options(), stops = all.length + 1;
    const at = all.indexOf(marked()) + 1;
    mark(all[((at + by + stops) % stops) - 1]);
  }

  list.hidden = true;
  list.addEventListener("htmx:afterSwap", () => show(document.activeElement === box));
  box.addEventListener("focus", () => show(true));
  box.addEventListener("keydown", (event) => {
    if (event.isComposing) return;  // the keys belong to the input method
    if (event.key === "Escape" && !list.hidden) { event.preventDefault(); event.stopPropagation(); show(false); return; }
    if (event.key === "Enter" && !list.hidden && marked()) { event.preventDefault(); marked().click(); return; }
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    if (list.hidden) show(true);
    if (list.hidden || !options().length) return;
    event.preventDefault();
    step(event.key === "ArrowDown" ? 1 : -1);
  });
  list.addEventListener("mousedown", (event) => event.preventDefault());  // the box keeps the focus: the list stays
  box.addEventListener("blur", () => show(false));
})();
