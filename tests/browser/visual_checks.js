// What must not be on any page, asked of the page itself: a list of sentences, and the texts a person reads.
// visual_checks.py evaluates it. Not here: what counts as untranslated (visual_checks.py knows the catalogue), errors of the console.
() => {
  const SLACK = 1.5; // pixels: fractions of a pixel are no fault
  const NEVER_TEXT = "script, style, template, noscript, title, desc";
  const QUOTED = "pre, code, textarea, kbd, .mono, [translate=no]"; // shown letter by letter, as it came
  const RAW = /%\(\w+\)|\{\{|\{%|\bundefined\b|\bNaN\b|\[object |^None$|^null$|\bInfinity\b/;
  const SAID = ["aria-label", "title", "data-tip", "placeholder", "alt"];
  const found = new Set();
  const texts = new Set();

  const short = (text) => { const plain = text.trim().replace(/\s+/g, " "); return plain.length > 60 ? plain.slice(0, 57) + "…" : plain; };
  const named = (element) => element.tagName.toLowerCase() + (element.id ? "#" + element.id : "") + [...element.classList].map((one) => "." + one).join("");
  const tell = (what, element, text) => found.add(`${what}: ${named(element)}${text ? ` “${short(text)}”` : ""}`);
  const shown = (element) => element.checkVisibility({ visibilityProperty: true, contentVisibilityAuto: true });
  const scrolls = (style) => /auto|scroll/.test(style);
  const cuts = (style) => /hidden|clip/.test(style);
  // A text for screen readers alone is one pixel wide on purpose.
  const forEars = (element) => { for (let e = element; e && e !== document.body; e = e.parentElement) if (e.clientWidth <= 1 && e.offsetWidth <= 1 && e.offsetWidth > 0) return true; return false; };
  const explained = (element) => element.closest("[title], [data-tip]") || element.querySelector("[title], [data-tip]");

  // Where a piece of text is cut, walking outwards until something lets a reader scroll to it.
  function cut(node, box) {
    let across = true, down = true;
    for (let e = node.parentElement; e && e !== document.documentElement; e = e.parentElement) {
      const style = getComputedStyle(e), frame = e.getBoundingClientRect();
      if (style.position === "fixed") return;
      if (style.display === "inline" || style.display === "contents") continue;
      const wide = box.right > frame.right + SLACK || box.left < frame.left - SLACK;
      if (across && scrolls(style.overflowX)) across = false;
      if (down && scrolls(style.overflowY)) down = false;
      if (across && wide && cuts(style.overflowX)) {
        const dots = style.textOverflow === "ellipsis" || style.webkitLineClamp !== "none";
        if (!dots || !explained(e)) return tell(dots ? "shortened without its whole text" : "clipped", e, node.data);
        across = false;
      }
      if (down && cuts(style.overflowY) && (box.bottom > frame.bottom + 3 || box.top < frame.top - 3)) {
        if (style.webkitLineClamp === "none" || !explained(e)) return tell("clipped below", e, node.data);
        down = false;
      }
      if (across && wide && (e.matches(".card, .msg, .btn, .lbl, button, td, th, main") || e === document.body)) return tell("text outside", e, node.data);
      if (!across && !down) return;
    }
    if (across && box.right > innerWidth + SLACK) tell("text outside the window", node.parentElement, node.data);
  }

  function drawn(node, box) {
    const svg = node.parentElement.closest("svg");
    if (!svg || getComputedStyle(svg).overflow === "visible") return;
    const frame = svg.getBoundingClientRect();
    if (box.right > frame.right + SLACK || box.left < frame.left - SLACK || box.top < frame.top - 2 || box.bottom > frame.bottom + 2) tell("cut by its drawing", svg, node.data);
  }

  const boxes = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode, element = node.parentElement;
    if (!node.data.trim() || element.closest(NEVER_TEXT) || !shown(element)) continue;
    const quoted = element.closest(QUOTED);
    if (!quoted && RAW.test(node.data.trim())) tell("raw text", element, node.data);
    if (!quoted && !element.closest("[lang]:not(html)")) texts.add(node.data.trim().replace(/\s+/g, " "));
    if (element.closest("textarea, option, .skip") || forEars(element)) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    for (const box of range.getClientRects()) {
      if (box.width < 1 || box.right <= 0) continue;
      if (element.namespaceURI.endsWith("svg")) drawn(node, box);
      cut(node, box);
      boxes.push({ box, node });
    }
  }

  // Text over text: nobody can read either. What floats over the page does so on purpose.
  const floats = (node) => { for (let e = node.parentElement; e && e !== document.body; e = e.parentElement) if (/fixed|sticky/.test(getComputedStyle(e).position) || e.matches(".panel, .hl-tip")) return true; return false; };
  boxes.sort((a, b) => a.box.top - b.box.top);
  boxes.forEach((one, i) => {
    for (let k = i + 1; k < boxes.length && boxes[k].box.top < one.box.bottom - 4; k++) {
      const other = boxes[k];
      if (one.node === other.node || !cross(one.box, other.box) || floats(one.node) || floats(other.node)) continue;
      if (!cross(inSight(one), inSight(other))) continue;
      found.add(`text over text: “${short(one.node.data)}” and “${short(other.node.data)}” in ${named(one.node.parentElement)}`);
    }
  });
  function cross(a, b) {
    return Math.min(a.right, b.right) - Math.max(a.left, b.left) >= 3 && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) >= 5;
  }
  function inSight({ box, node }) { // what is left of it inside all that scrolls or cuts
    let { left, right, top, bottom } = box;
    for (let e = node.parentElement; e && e !== document.body; e = e.parentElement) {
      const style = getComputedStyle(e), frame = e.getBoundingClientRect();
      if (scrolls(style.overflowX) || cuts(style.overflowX)) { left = Math.max(left, frame.left); right = Math.min(right, frame.right); }
      if (scrolls(style.overflowY) || cuts(style.overflowY)) { top = Math.max(top, frame.top); bottom = Math.min(bottom, frame.bottom); }
    }
    return { left, right, top, bottom };
  }

  // A control over text: it hides the words, or they its sign. What it says itself is its own.
  document.querySelectorAll("a, button, input, select, textarea, summary, [role=button]").forEach((control) => {
    if (control.closest("svg, .skip") || !shown(control) || forEars(control)) return;
    const node = { parentElement: control };
    const over = (frame) => boxes.find((text) => cross(frame, text.box) && !control.contains(text.node) && !text.node.parentElement.closest("label")?.contains(control)
      && !floats(node) && !floats(text.node) && cross(inSight({ box: frame, node }), inSight(text)));
    const hidden = [...control.getClientRects()].map(over).find(Boolean);
    if (hidden) tell("a control over text", control, hidden.node.data);
  });

  // Fields: what stands in them cannot be measured by their boxes.
  const pen = document.createElement("canvas").getContext("2d");
  document.querySelectorAll("input, select").forEach((field) => {
    if (!shown(field) || forEars(field) || /checkbox|radio|hidden|range|date|month|color/.test(field.type)) return;
    const style = getComputedStyle(field), chosen = field.tagName === "SELECT";
    const text = chosen ? field.selectedOptions[0]?.text || "" : field.value ? "" : field.placeholder;
    pen.font = style.font;
    const room = field.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
    if (text && pen.measureText(text).width > room + SLACK && !(style.textOverflow === "ellipsis" && field.labels?.length)) tell("its words do not fit", field, text);
  });

  document.querySelectorAll(SAID.map((name) => `[${name}]`).join(",")).forEach((element) => {
    if (!shown(element) || element.closest(QUOTED) || element.closest("[lang]:not(html)")) return;
    SAID.forEach((name) => {
      const text = element.getAttribute(name)?.trim();
      if (!text) return;
      if (RAW.test(text)) tell(`raw ${name}`, element, text);
      texts.add(text.replace(/\s+/g, " "));
    });
  });
  document.querySelectorAll("img").forEach((image) => { if (shown(image) && image.complete && !image.naturalWidth) tell("broken image", image, image.src); });
  document.querySelectorAll("svg use").forEach((use) => { if (shown(use) && !use.getBBox().width) tell("broken icon", use, use.getAttribute("href")); });
  const wider = document.documentElement.scrollWidth - document.documentElement.clientWidth;
  if (wider > 0) found.add(`scrolls sideways by ${wider} px`);
  const heads = document.querySelectorAll("h1:not(figure h1)").length; // what a figure shows is no head of this page
  if (heads !== 1) found.add(`${heads} h1`);
  return { found: [...found], texts: [...texts], title: document.title, language: document.documentElement.lang };
}
