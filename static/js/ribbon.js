// The journey ribbon: time across, one lane per channel, quiet stretches folded, purchases filled, returns dashed.
// Drawn as SVG from the JSON that <div data-ribbon="ID"> names. Arrow keys walk from touch to touch.
(function () {
  const NS = "http://www.w3.org/2000/svg";
  const DAY = 864e5; // milliseconds
  const LEFT = 8, LANE = 46, TOP = 34, FOLD = 44, FOLD_AFTER = 5 * DAY, NEAR = 25, LABEL_GAP = 62, ACROSS = 14, RIGHT = 34; // pixels but FOLD_AFTER
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

  function make(name, attributes, parent, text) {
    const element = document.createElementNS(NS, name);
    for (const key in attributes) element.setAttribute(key, attributes[key]);
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
  const info = document.getElementById("mk-info");
  const all = data.events.map((event) => ({ ...event, ms: Date.parse(event.at) }));
  const lane = Object.fromEntries(data.lanes.map((one) => [one.slug, one]));

  // Marks keep their order on all lanes and never lie on each other; what is left of the width is shared out by time.
  // What is quiet for longer than FOLD_AFTER keeps a fixed width. Gives each event its x, and the folds between them.
  function scale(events, room) {
    const steps = events.map((event, i) => {
      if (!i) return { least: LEFT + 20, time: 0 };
      const quiet = event.ms - events[i - 1].ms;
      if (quiet > FOLD_AFTER) return { least: FOLD + 2 * NEAR, time: 0, quiet };
      return { least: event.channel === events[i - 1].channel ? NEAR : ACROSS, time: quiet };
    });
    const sum = (name) => steps.reduce((total, step) => total + step[name], 0);
    const width = Math.max(room, sum("least") + RIGHT + 6 * sum("time") / DAY);
    const share = (width - RIGHT - sum("least")) / (sum("time") || 1);
    const last = {}, folds = [];
    let x = 0;
    events.forEach((event, i) => {
      x += steps[i].least + steps[i].time * share;
      x = Math.max(x, (last[event.channel] ?? -NEAR) + NEAR);
      last[event.channel] = event.x = x;
      if (steps[i].quiet) folds.push({ x: x - NEAR - FOLD, days: Math.round(steps[i].quiet / DAY) });
    });
    return { folds, width: Math.max(width, x + RIGHT) };
  }

  function tell(marks, mark, event) {
    marks.forEach((one) => one.setAttribute("aria-pressed", "false"));
    mark.setAttribute("aria-pressed", "true");
    const title = document.createElement("b"), when = document.createElement("span"), id = document.createElement(event.life ? "a" : "span");
    title.textContent = event.label + (event.amount ? " · " + event.amount : "");
    when.className = "muted";
    when.textContent = `${event.time} · ${lane[event.channel].name}`;
    id.className = "mono small wrap";
    if (event.life) id.href = event.life;
    id.textContent = event.id;
    info.replaceChildren(title, when, id);
  }

  function drawMarks(svg, events, Y) {
    const marks = events.map((event, i) => {
      const kind = event.buy ? " buy" : event.kind === "return" ? " ret" : "";
      const mark = make("g", {
        class: `mk ${lane[event.channel].colour}${kind}`, transform: `translate(${event.x} ${Y(event.channel)})`, role: "button",
        tabindex: i === events.length - 1 ? 0 : -1, "aria-pressed": "false",
        "aria-label": [event.time, lane[event.channel].name, event.label, event.amount].filter(Boolean).join(", "),
      }, svg);
      const r = event.buy ? 13 : 10, half = event.buy ? -8 : -6.4, size = event.buy ? 1 : 0.8;
      make("circle", { r: r + 4, class: "halo" }, mark);
      make("circle", { r, class: "disc" }, mark);
      make("path", { d: GLYPHS[event.kind] || GLYPHS.other, class: "gl", transform: `translate(${half} ${half}) scale(${size})` }, mark);
      if (event.buy && event.short) make("text", { y: -18, class: "amt" }, mark, event.short);
      return mark;
    });
    marks.forEach((mark, i) => {
      const show = () => tell(marks, mark, events[i]);
      ["mouseenter", "focus", "click"].forEach((name) => mark.addEventListener(name, show));
      mark.addEventListener("keydown", (key) => {
        if (key.key === "Enter" && events[i].life) { location.href = events[i].life; return; }
        const ends = { Home: 0, End: marks.length - 1 };
        const next = marks[key.key in ends ? ends[key.key] : i + ({ ArrowRight: 1, ArrowLeft: -1 }[key.key] || NaN)];
        if (!next) return;
        key.preventDefault();
        mark.setAttribute("tabindex", -1);
        next.setAttribute("tabindex", 0);
        next.focus();
      });
    });
    return marks;
  }

  function draw(days) {
    const until = all.length ? all[all.length - 1].ms : 0;
    const events = all.filter((event) => !days || until - event.ms <= days * DAY).map((event) => ({ ...event }));
    place.replaceChildren();
    if (!events.length) return;
    const narrow = place.clientWidth < 600, NAMES = narrow ? 84 : 132;
    const lanes = data.lanes.filter((one) => events.some((event) => event.channel === one.slug));
    const { folds, width: W } = scale(events, place.clientWidth - NAMES), H = TOP + lanes.length * LANE + 30;
    const names = make("svg", { width: NAMES, height: H, class: "names", "aria-hidden": "true" }, place);
    const scroll = document.createElement("div");
    scroll.className = "scroll";
    place.append(scroll);
    const svg = make("svg", { width: W, height: H, role: "group", "aria-label": data.say }, scroll);
    const pattern = make("pattern", { id: "gap", width: 6, height: 6, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" }, make("defs", {}, svg));
    make("line", { x1: 0, y1: 0, x2: 0, y2: 6, class: "lane", "stroke-width": 2 }, pattern);
    folds.forEach(({ x, days: quiet }) => {
      make("rect", { x, y: TOP - 8, width: FOLD, height: lanes.length * LANE + 8, class: "gap", opacity: 0.55 }, svg);
      make("text", { x: x + FOLD / 2, y: TOP - 14, class: "gap-l" }, svg, quiet + data.days);
    });
    lanes.forEach((one, i) => {
      const y = TOP + i * LANE + LANE / 2;
      make("line", { x1: LEFT, x2: W - 8, y1: y, y2: y, class: "lane" }, svg);
      make("rect", { x: 16, y: y - 5, width: 9, height: 9, rx: 2.5, class: one.colour, fill: "var(--c)" }, names);
      make("text", { x: narrow ? 30 : 32, y: y + 4, class: "lane-l" }, names, narrow && one.name.length > 8 ? one.name.slice(0, 7) + "…" : one.name);
    });
    const Y = (slug) => TOP + lanes.findIndex((one) => one.slug === slug) * LANE + LANE / 2;
    make("path", {
      class: "flow",
      d: events.map((event, i) => {
        if (!i) return `M${event.x} ${Y(event.channel)}`;
        const before = events[i - 1], half = (before.x + event.x) / 2;
        return `C${half} ${Y(before.channel)} ${half} ${Y(event.channel)} ${event.x} ${Y(event.channel)}`;
      }).join(""),
    }, svg);
    let label = -LABEL_GAP;
    events.forEach((event) => {
      if (event.x - label <= LABEL_GAP) return;
      make("line", { x1: event.x, x2: event.x, y1: TOP - 4, y2: H - 26, class: "tick" }, svg);
      make("text", { x: event.x - 14, y: H - 10, class: "ax" }, svg, event.day);
      label = event.x;
    });
    const marks = drawMarks(svg, events, Y);
    tell(marks, marks[marks.length - 1], events[events.length - 1]);
    scroll.scrollLeft = W;
    if (scroll.scrollWidth > scroll.clientWidth) scroll.setAttribute("tabindex", "0");
  }

  const chosen = () => Number(document.querySelector("[data-zoom][aria-pressed=true]")?.dataset.zoom || 0);
  draw(chosen());
  document.querySelectorAll("[data-zoom]").forEach((button) => button.addEventListener("click", () => {
    document.querySelectorAll("[data-zoom]").forEach((one) => one.setAttribute("aria-pressed", String(one === button)));
    draw(Number(button.dataset.zoom));
  }));
  addEventListener("resize", () => draw(chosen()));
})();
