// The mapping studio: walking the payloads, writing a key or a function where one was, going to a line of the text,
// asking before a draft is left. What comes of a draft is asked by htmx (templates/studio/studio.html).
(function () {
  const form = document.getElementById("studio");
  if (!form) return;
  const tell = (field) => field.dispatchEvent(new Event("input", { bubbles: true }));

  // ---- payloads --------------------------------------------------------------------------------
  function ready() {
    form.querySelectorAll("[data-step]").forEach((button) => { button.hidden = false; });
  }
  function step(by) {
    const list = document.getElementById("at");
    const next = list && list.selectedIndex + by;
    if (!list || next < 0 || next >= list.options.length) return;
    list.selectedIndex = next;
    tell(list);
  }
  function choose(key) {
    const list = document.getElementById("at"), only = document.getElementById("only");
    if (![...list.options].some((one) => one.value === key)) {
      only.value = "";
      list.append(new Option("", key));
    }
    list.value = key;
    tell(list);
  }

  // ---- writing into the field one was in -----------------------------------------------------------
  let last = null; // an expression, or the text
  function write(text) {
    if (!last?.isConnected) last = form.querySelector("#text, [data-expression]");
    if (!last) return;
    last.setRangeText(text, last.selectionStart, last.selectionEnd, "end");
    last.focus();
    tell(last);
  }
  function line(n) {
    const text = document.getElementById("text"), lines = text.value.split("\n");
    const start = lines.slice(0, n - 1).join("\n").length + (n > 1 ? 1 : 0);
    text.focus();
    text.setSelectionRange(start, start + lines[n - 1].length);
    const high = parseFloat(getComputedStyle(text).lineHeight);
    text.scrollTop = Math.max(0, (n - 4) * high);
  }

  form.addEventListener("focusin", (event) => { if (event.target.matches("#text, [data-expression]")) last = event.target; });
  form.addEventListener("click", (event) => {
    const mark = event.target.closest("[data-step], [data-at], [data-path], [data-insert], [data-line]");
    if (!mark) return;
    const { step: by, at, path, name, insert, line: n } = mark.dataset;
    if (by) step(Number(by));
    else if (at) choose(at);
    else if (path) write(last?.isConnected && last.hasAttribute("data-below") ? name : path);
    else if (insert) write(insert);
    else if (n) line(Number(n));
  });

  // ---- what is made anew keeps its place ------------------------------------------------------------
  const SCROLLED = ["payload", "came", "result"];
  let kept = {};
  document.addEventListener("htmx:beforeSwap", () => {
    const payload = document.getElementById("payload");
    kept = { of: payload?.dataset.of, own: [...form.querySelectorAll("#came details, #result details, #changes")].map((one) => one.open) };
    SCROLLED.forEach((id) => { kept[id] = document.getElementById(id)?.scrollTop; });
  });
  document.addEventListener("htmx:afterSettle", () => {
    ready();
    const now_of = document.getElementById("payload")?.dataset.of;
    if (now_of !== kept.of) form.querySelectorAll("[data-match]").forEach((one) => { one.closest(".message").open = one.dataset.match === "yes"; });
    const same = kept.of && now_of === kept.of;
    if (!same) return;
    SCROLLED.forEach((id) => { const part = document.getElementById(id); if (part) part.scrollTop = kept[id] ?? 0; });
    const now = [...form.querySelectorAll("#came details, #result details, #changes")];
    if (now.length === kept.own?.length) now.forEach((one, n) => { one.open = kept.own[n]; });
  });

  // ---- leaving ---------------------------------------------------------------------------------------
  let changed = false;
  form.addEventListener("input", (event) => { if (event.isTrusted && event.target.closest("#edit, .add-rule")) changed = true; });
  document.addEventListener("htmx:afterRequest", (event) => { if (event.detail.elt.matches?.("#edit button:not([aria-pressed])")) changed = true; });
  form.addEventListener("submit", () => { changed = false; });
  addEventListener("beforeunload", (event) => { if (changed) event.preventDefault(); });
  ready();
})();
