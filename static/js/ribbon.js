// The journey ribbon: time across, one lane per channel, quiet stretches folded, purchases filled, returns dashed.
// Drawn as SVG from the JSON that <div data-ribbon="ID"> names. What lies too close together is one mark with its count;
// looking closer parts it again. The stretch that is shown stands in the address (?journey=FROM-TO, epoch seconds).
(function () {
  const { make, fit } = window.drawing;
  const DAY = 864e5, HOUR = 36e5; // milliseconds
  const LANE = 46, TOP = 36, FOLD = 44, FOLD_LEAST = 14, NEAR = 32, APART = 8, EDGE = 32, NAMES = 132, NAMES_NARROW = 84, STRIP = 30; // pixels
  const FOLD_AFTER = 5 * DAY, FOLDS = 7, LEAST = 2 * HOUR, LISTED = 8;
  const GLYPHS = { // on a field of 16 x 16, one per kind of touchpoint
    marketing: "M3 9V7l7-3v8L3 9zM12.5 6.5v3",
    browse: "M2 8s2.2-4 6-4 6 4 6 4-2.2 4-6 4-6-4-6-4zM8 6.8v2.4",
    social: "M8 13S3 9.8 3 6.6C3 4.2 6.4 3.6 8 6c1.6-2.4 5-1.8 5 .6C13 9.8 8 13 8 13z",
    cart: "M2.5 3.5h2l1.3 6.5h6l1.2-4.7H5M6.8 12.8h.1M11 12.8h.1",
    order: "M4.5 3l3.5 5 3.5-5M8 8v5.5M5 8.8h6M5 11h6",
    payment: "M2.5 4.5h11v7h-11zM2.5 7h11M4.5 9.5h2.5",
    logistics: "M2 5h7v6H2zM9 7.5h3l2 2V11H9M4.5 12.2h.1M11.5 12.2h.1",
    store: "M3 7v6h10V7M2.5 7l1.2-3.5h8.6L13.5 7zM6.5 13v-3h3v3",
    "after-sales": "M3 9V8a5 5 0 0 1 10 0v1M3 9h1.8v3H3zM11.2 9H13v3h-1.8zM13 12c0 1.5-2 2-4 2",
    feedback: "M8 3l1.5 3.2 3.5.4-2.6 2.4.7 3.5L8 10.7l-3.1 1.8.7-3.5L3 6.6l3.5-.4z",
    membership: "M2.5 4.5h11v7h-11zM5 7.5h2.5M5 9.5h4M11 7.5v2",
    return: "M5 4L2.5 6.5 5 9M2.5 6.5H10a3 3 0 0 1 0 6H6",
    other: "M4.5 8h.1M8 8h.1M11.5 8h.1",
  };

  const half = (element) => element.getComputedTextLength() / 2; // in the font it is set in, whichever that is

  function html(name, className, text, parent) {
    const element = document.createElement(name);
    if (className) element.className = className;
    if (text != null) element.textContent = text;
    if (parent) parent.append(element);
    return element;
  }

  document.querySelectorAll("svg[data-glyph]").forEach((svg) => {
    svg.setAttribute("viewBox", "0 0 16 16");
    make("path", { d: GLYPHS[svg.dataset.glyph] || GLYPHS.other, class: "gl" }, svg);
  });

  const place = document.querySelector("[data-ribbon]");
  if (!place) return;
  const data = JSON.parse(document.getElementById(place.dataset.ribbon).textContent);
  const info = document.getElementById("mk-info"), strip = document.getElementById("mk-strip"), tools = document.getElementById("mk-tools");
  const all = data.events.map((event) => ({ ...event, ms: Date.parse(event.at) }));
  const lane = Object.fromEntries(data.lanes.map((one) => [one.slug, one]));
  const first = all[0].ms, last = Math.max(all[all.length - 1].ms, first + LEAST);
  let from = first, to = last, marks = [], held = null;

  // Where a moment lies: busy stretches share the width by their time, quiet ones keep a fixed one. Only the longest are folded.
  function scale(events, width) {
    const quiet = events.map((event, i) => (i ? event.ms - events[i - 1].ms : 0));
    const least = [...quiet].sort((a, b) => b - a)[FOLDS] || 0, folded = (gap) => gap > FOLD_AFTER && gap > least;
    const count = quiet.filter(folded).length, busy = quiet.reduce((sum, gap) => sum + (folded(gap) ? 0 : gap), 0);
    const fold = !count ? 0 : busy ? Math.max(FOLD_LEAST, Math.min(FOLD, (width * 0.45) / count)) : (width - 2 * EDGE) / count;
    const room = width - 2 * EDGE - count * fold;
    const folds = [];
    let x = EDGE;
    events.forEach((event, i) => {
      if (folded(quiet[i])) { folds.push({ x, width: fold, days: Math.round(quiet[i] / DAY) }); x += fold; }
      else x += busy ? (quiet[i] / busy) * room : 0;
      event.x = events.length > 1 && busy ? x : count ? x : width / 2;
    });
    return folds;
  }

  // What lies on one lane within NEAR of each other is one mark.
  function gathered(events) {
    const open = {}, found = [];
    events.forEach((event) => {
      const group = open[event.channel];
      if (group && event.x - group.x < NEAR) { group.events.push(event); return; }
      found.push(open[event.channel] = { x: event.x, channel: event.channel, events: [event] });
    });
    found.forEach((group) => {
      const count = {};
      group.events.forEach((event) => { count[event.kind] = (count[event.kind] || 0) + 1; });
      group.count = count;
      group.buy = Boolean(count.order);
      group.kind = count.order ? "order" : count.return ? "return" : Object.keys(count).sort((a, b) => count[b] - count[a])[0];
      group.n = group.events.length;
    });
    return found.sort((a, b) => a.x - b.x);
  }

  function span(group) {
    const a = group.events[0], b = group.events[group.n - 1];
    return a.time === b.time ? a.time : `${a.time} – ${b.time}`;
  }

  function said(group) {
    if (group.n === 1) return group.events[0].label;
    const kinds = Object.entries(group.count).sort((a, b) => b[1] - a[1]).map(([kind, n]) => `${data.kinds[kind]} ${n}`);
    return `${data.words.contacts.replace("%(n)s", group.n)}: ${kinds.join(", ")}`;
  }

  // The line under the drawing: what the mark is, and of a gathered one what it holds.
  function tell(group) {
    marks.forEach((one) => one.element.setAttribute("aria-pressed", String(one === group)));
    info.replaceChildren();
    const one = group.n === 1 ? group.events[0] : null;
    html("b", "", said(group) + (one?.amount ? " · " + one.amount : ""), info);
    html("span", "muted", `${span(group)} · ${lane[group.channel].name}`, info);
    if (one) {
      const id = html(one.life ? "a" : "span", "mono small wrap", one.id, info);
      if (one.life) id.href = one.life;
      return;
    }
    const closer = html("button", "btn btn-quiet btn-s", data.words.zoom, info), list = html("ul", "mk-list", null, info);
    closer.type = "button";
    closer.addEventListener("click", () => into(group));
    const worth = [...group.events].sort((a, b) => b.buy - a.buy || (b.kind === "return") - (a.kind === "return") || a.ms - b.ms);
    worth.slice(0, LISTED).forEach((event) => {
      const item = html("li", "", null, list), link = html(event.life ? "a" : "span", "", event.label, item);
      if (event.life) link.href = event.life;
      html("span", "muted", ` ${event.time} ${event.amount}`, item);
    });
    if (group.n > LISTED) html("li", "muted", data.words.more.replace("%(n)s", group.n - LISTED), list);
  }

  function mark(svg, group, y) {
    const kind = group.buy ? " buy" : group.kind === "return" ? " ret" : "", name = lane[group.channel];
    const element = make("g", {
      class: `mk ${name.colour}${kind}`, transform: `translate(${group.x} ${y})`, role: "button", tabindex: -1, "aria-pressed": "false",
      "aria-label": [span(group), name.name, said(group), group.n === 1 ? group.events[0].amount : ""].filter(Boolean).join(", "),
    }, svg);
    const r = group.buy ? 13 : 10, half = group.buy ? -8 : -6.4, size = group.buy ? 1 : 0.8;
    make("circle", { r: r + 4, class: "halo" }, element);
    make("circle", { r, class: "disc" }, element);
    make("path", { d: GLYPHS[group.kind] || GLYPHS.other, class: "gl", transform: `translate(${half} ${half}) scale(${size})` }, element);
    if (group.n > 1) element.dataset.n = group.n;
    element.addEventListener("mouseenter", () => tell(group));
    element.addEventListener("mouseleave", () => { if (held && marks.includes(held)) tell(held); });
    element.addEventListener("focus", () => { held = group; tell(group); });
    element.addEventListener("click", () => { held = group; tell(group); element.focus(); });
    element.addEventListener("dblclick", () => (group.n > 1 ? into(group) : zoom(0.5)));
    element.addEventListener("keydown", (key) => walk(key, group));
    return element;
  }

  function walk(key, group) {
    const i = marks.indexOf(group), ends = { Home: 0, End: marks.length - 1 };
    if (key.key === "Enter" || key.key === " ") {
      key.preventDefault();
      if (group.n > 1) into(group);
      else if (group.events[0].life && key.key === "Enter") location.href = group.events[0].life;
      return;
    }
    if (key.shiftKey && key.key.startsWith("Arrow")) return; // moves the stretch, see below
    const next = marks[key.key in ends ? ends[key.key] : i + ({ ArrowRight: 1, ArrowLeft: -1 }[key.key] || NaN)];
    if (!next) return;
    key.preventDefault();
    group.element.setAttribute("tabindex", -1);
    next.element.setAttribute("tabindex", 0);
    next.element.focus();
  }

  function ground(svg, lanes, names, folds, W, narrow) {
    const pattern = make("pattern", { id: "gap", width: 6, height: 6, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" }, make("defs", {}, svg));
    make("line", { x1: 0, y1: 0, x2: 0, y2: 6, class: "lane", "stroke-width": 2 }, pattern);
    let right = -99;
    folds.forEach((fold) => {
      const gap = make("g", {}, svg);
      make("title", {}, gap, fold.days + data.words.days);
      make("rect", { x: fold.x + NEAR / 2, y: TOP - 8, width: Math.max(fold.width - NEAR, 8), height: lanes.length * LANE + 8, class: "gap", opacity: 0.55 }, gap);
      const middle = fold.x + Math.max(fold.width, NEAR + 8) / 2;
      const label = make("text", { x: middle, y: TOP - 14, class: "gap-l" }, gap, fold.days + data.words.days);
      if (middle - half(label) < right + APART) label.remove();
      else right = middle + half(label);
    });
    lanes.forEach((one, i) => {
      const y = TOP + i * LANE + LANE / 2;
      make("line", { x1: 8, x2: W - 8, y1: y, y2: y, class: "lane" }, svg);
      make("rect", { x: 16, y: y - 5, width: 9, height: 9, rx: 2.5, class: one.colour, fill: "var(--c)" }, names);
      fit(make("text", { x: narrow ? 30 : 32, y: y + 4, class: "lane-l" }, names, one.name), (narrow ? NAMES_NARROW : NAMES) - 34);
    });
  }

  function axis(svg, events, H, W) {
    let right = -99, before = "";
    events.forEach((event) => {
      if (event.x < right || event.day === before) return;
      const label = make("text", { x: event.x, y: H - 10, class: "ax", "text-anchor": "middle" }, svg, event.day), wide = half(label);
      if (event.x - wide < right + APART) { label.remove(); return; }
      label.setAttribute("x", Math.min(Math.max(event.x, wide), W - wide)); // not over an edge
      make("line", { x1: event.x, x2: event.x, y1: TOP - 4, y2: H - 26, class: "tick" }, svg);
      right = Math.max(event.x, wide) + wide;
      before = event.day;
    });
  }

  // Over the marks, for the eye alone (a mark's name says it all): how many they are, what purchases were worth.
  function over(svg, Y, W) {
    const layer = make("g", { class: "over", "aria-hidden": "true" }, svg), right = {};
    marks.forEach((group) => {
      const y = Y(group.channel), r = group.buy ? 13 : 10, bought = group.events.filter((event) => event.buy && event.short);
      if (group.n > 1) {
        const text = group.n > 99 ? "99+" : String(group.n), wide = 9 + text.length * 5, x = group.x + r - 5;
        make("rect", { x, y: y + r - 7, width: wide, height: 13, rx: 6.5, class: "many" }, layer);
        make("text", { x: x + wide / 2, y: y + r + 3, class: "many-n" }, layer, text);
      }
      if (!bought.length) return;
      const text = bought[0].short + (bought.length > 1 ? ` +${bought.length - 1}` : "");
      const amount = make("text", { y: y - 18, class: "amt" }, layer, text), wide = half(amount);
      const x = Math.min(Math.max(group.x, wide), W - wide); // not over an edge
      if (x - wide < (right[group.channel] ?? -99)) { amount.remove(); return; } // nor over the one before
      amount.setAttribute("x", x);
      right[group.channel] = x + wide;
    });
  }

  function flow(svg, Y) {
    const d = marks.map((group, i) => {
      if (!i) return `M${group.x} ${Y(group.channel)}`;
      const before = marks[i - 1], half = (before.x + group.x) / 2;
      return `C${half} ${Y(before.channel)} ${half} ${Y(group.channel)} ${group.x} ${Y(group.channel)}`;
    }).join("");
    make("path", { class: "flow", d }, svg);
  }

  function draw() {
    if (!place.clientWidth) return; // not shown, as while a window is made: comes again with its size
    const focused = place.contains(document.activeElement);
    const events = all.filter((event) => event.ms >= from && event.ms <= to).map((event) => ({ ...event }));
    place.replaceChildren();
    const narrow = place.clientWidth < 600, left = narrow ? NAMES_NARROW : NAMES, W = place.clientWidth - left, H = TOP + data.lanes.length * LANE + 30;
    const names = make("svg", { width: left, height: H, class: "names", "aria-hidden": "true" }, place);
    const svg = make("svg", { width: W, height: H, role: "group", "aria-label": data.say, class: "lanes" }, place);
    const Y = (slug) => TOP + data.lanes.findIndex((one) => one.slug === slug) * LANE + LANE / 2;
    ground(svg, data.lanes, names, scale(events, W), W, narrow);
    axis(svg, events, H, W);
    marks = gathered(events);
    flow(svg, Y);
    marks.forEach((group) => { group.element = mark(svg, group, Y(group.channel)); });
    over(svg, Y, W);
    controls(events);
    if (!marks.length) { info.replaceChildren(html("span", "muted", tools.dataset.nothing)); return; }
    const was = held?.events[0].id, now = marks.find((group) => group.events.some((event) => event.id === was)) || marks[marks.length - 1];
    now.element.setAttribute("tabindex", 0);
    held = now;
    tell(now);
    if (focused) now.element.focus();
  }

  // ---- the stretch that is shown ----

  const whole = () => from <= first && to >= last;
  const ago = (days) => last - days * DAY;

  function show(a, b, keep) {
    const length = Math.min(Math.max(b - a, LEAST), last - first);
    from = Math.max(first, Math.min(a, last - length));
    to = from + length;
    if (!keep) {
      const address = new URL(location.href);
      address.searchParams.delete("journey");
      if (!whole()) address.searchParams.set("journey", `${Math.floor(from / 1e3)}-${Math.ceil(to / 1e3)}`);
      history.replaceState(history.state, "", address);
    }
    draw();
  }

  function zoom(by) {
    const middle = held && held.events[0].ms >= from && held.events[0].ms <= to ? held.events[0].ms : (from + to) / 2, share = (middle - from) / (to - from || 1);
    const length = (to - from) * by;
    show(middle - length * share, middle + length * (1 - share));
  }

  const shift = (by) => show(from + (to - from) * by, to + (to - from) * by);

  function into(group) {
    const a = group.events[0].ms, b = group.events[group.n - 1].ms, edge = Math.max((b - a) * 0.1, HOUR / 4);
    held = { events: [group.events[0]] };
    show(a - edge, b + edge);
  }

  function controls(events) {
    tools.querySelectorAll("[data-zoom]").forEach((button) => {
      const days = Number(button.dataset.zoom);
      button.setAttribute("aria-pressed", String(days ? !whole() && to >= last && Math.abs(from - Math.max(ago(days), first)) < HOUR : whole()));
    });
    const off = { in: to - from <= LEAST, out: whole(), back: from <= first, on: to >= last };
    tools.querySelectorAll("[data-move]").forEach((button) => { button.disabled = off[button.dataset.move]; });
    const [a, b] = tools.querySelectorAll("input[type=date]");
    const shown = events.length ? events : all;
    if (document.activeElement !== a) a.value = shown[0].date;
    if (document.activeElement !== b) b.value = shown[shown.length - 1].date;
    overview();
  }

  // All of it, small: what is shown stands in a window that can be dragged and drawn wider.
  function overview() {
    strip.replaceChildren();
    const W = strip.clientWidth, X = (ms) => 6 + ((ms - first) / (last - first)) * (W - 12);
    const svg = make("svg", { width: W, height: STRIP, "aria-hidden": "true" }, strip);
    all.forEach((event) => make("line", {
      x1: X(event.ms), x2: X(event.ms), y1: event.buy ? 3 : event.kind === "return" ? 8 : 13, y2: STRIP - 4, class: `${lane[event.channel].colour} ov${event.buy ? " buy" : ""}`,
    }, svg));
    make("rect", { x: 0, y: 0, width: Math.max(X(from) - 3, 0), height: STRIP, class: "out" }, svg);
    make("rect", { x: X(to) + 3, y: 0, width: Math.max(W - X(to) - 3, 0), height: STRIP, class: "out" }, svg);
    make("rect", { x: X(from) - 3, y: 1, width: X(to) - X(from) + 6, height: STRIP - 2, rx: 4, class: "win" }, svg);
    [from, to].forEach((ms) => make("rect", { x: X(ms) - 4, y: 7, width: 8, height: STRIP - 14, rx: 3, class: "grip" }, svg));
  }

  function dragged(start) {
    const box = strip.getBoundingClientRect(), at = (event) => first + ((event.clientX - box.left - 6) / (box.width - 12)) * (last - first);
    const grip = (9 / (box.width - 12)) * (last - first), begin = at(start), was = [from, to];
    const part = Math.abs(begin - from) < grip ? "from" : Math.abs(begin - to) < grip ? "to" : begin > from && begin < to && !whole() ? "both" : "new";
    const move = (event) => {
      const now = at(event);
      if (part === "from") show(Math.min(now, was[1] - LEAST), was[1], true);
      else if (part === "to") show(was[0], Math.max(now, was[0] + LEAST), true);
      else if (part === "both") show(was[0] + now - begin, was[1] + now - begin, true);
      else if (Math.abs(now - begin) > grip / 3) show(Math.min(begin, now), Math.max(begin, now), true);
    };
    const end = () => { strip.removeEventListener("pointermove", move); show(from, to); };
    strip.setPointerCapture(start.pointerId);
    strip.addEventListener("pointermove", move);
    strip.addEventListener("pointerup", end, { once: true });
    strip.addEventListener("pointercancel", end, { once: true });
    start.preventDefault();
  }

  function dates() {
    const [a, b] = tools.querySelectorAll("input[type=date]");
    const begin = all.find((event) => !a.value || event.date >= a.value), end = all.findLast((event) => !b.value || event.date <= b.value);
    if (begin && end && begin.ms <= end.ms) show(begin.ms, Math.max(end.ms, begin.ms + LEAST));
  }

  const moves = { in: () => zoom(0.5), out: () => zoom(2), back: () => shift(-0.5), on: () => shift(0.5) };
  tools.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (button?.dataset.move) moves[button.dataset.move]();
    else if (button?.dataset.zoom) show(Number(button.dataset.zoom) ? ago(Number(button.dataset.zoom)) : first, last);
  });
  tools.addEventListener("change", dates);
  place.addEventListener("keydown", (event) => {
    const move = { "+": "in", "=": "in", "-": "out" }[event.key] || (event.shiftKey ? { ArrowLeft: "back", ArrowRight: "on" }[event.key] : null);
    if (event.key === "0") show(first, last);
    else if (move) moves[move]();
    else return;
    event.preventDefault();
  });
  strip.addEventListener("pointerdown", dragged);

  const asked = /^(\d+)-(\d+)$/.exec(new URL(location.href).searchParams.get("journey") || "");
  if (asked) show(asked[1] * 1e3, asked[2] * 1e3, true);
  else draw();
  document.fonts.addEventListener("loadingdone", draw); // measured before its font had come
  let width = place.clientWidth;
  addEventListener("resize", () => { if (place.clientWidth !== width) { width = place.clientWidth; draw(); } });
})();
