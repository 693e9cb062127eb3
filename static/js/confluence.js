// The identity confluence: one line per identifier, from when it was first seen, flowing into another at a numbered join.
// What was refused bounces off, dashed. Drawn as SVG from the JSON that <div data-confluence="ID"> names.
(function () {
  const { make, fit } = window.drawing;
  const ROW = 30, ROW_NARROW = 38, TOP = 44, NAMES = 272, NAMES_NARROW = 118, STEP = 20, STEP_NARROW = 12, LEFT = 12, RIGHT = 26, BOUNCE = 18, APART = 8; // pixels
  const THIN = 2, SWELL = 1.3, THICKEST = 11; // widths of lines

  const place = document.querySelector("[data-confluence]");
  if (!place) return;
  const data = JSON.parse(document.getElementById(place.dataset.confluence).textContent);

  // Time is a row of slots: a day has one for what was first seen on it, if anything was, and one more for each join.
  function slots(streams) {
    const day = (at) => data.days[at], days = new Map();
    const moments = [...new Set(streams.flatMap((s) => [s.from, s.at]).filter(Boolean))].sort();
    moments.forEach((at) => { if (!days.has(day(at))) days.set(day(at), []); });
    streams.filter((s) => s.at).sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : (a.n || 99) - (b.n || 99)))
      .forEach((s) => days.get(day(s.at)).push(s));
    let slot = 0;
    const heads = [], at = new Map(), begins = {};
    days.forEach((joins, name) => {
      heads.push({ name, slot });
      begins[name] = slot;
      const met = streams.some((s) => day(s.from) === name) ? 1 : 0;
      joins.forEach((s, i) => at.set(s, slot + met + i - (met ? 0.2 : 0)));
      slot += met + joins.length;
    });
    return { heads, last: slot, join: (s) => at.get(s), start: (s) => Math.min(begins[day(s.from)], s.at ? at.get(s) - 0.7 : Infinity) };
  }

  // Those that flow into a line lie next to it, so that few lines cross.
  function rows(streams) {
    const order = [];
    const visit = (i) => {
      const into = streams.map((s, k) => k).filter((k) => streams[k].into === i);
      const half = Math.floor(into.length / 2);
      into.slice(0, half).forEach(visit);
      order.push(i);
      into.slice(half).forEach(visit);
    };
    streams.forEach((s, i) => { if (s.into == null) visit(i); });
    return order;
  }

  function draw() {
    place.replaceChildren();
    const streams = data.streams, narrow = place.clientWidth < 560;
    const row = narrow ? ROW_NARROW : ROW, left = narrow ? NAMES_NARROW : NAMES, step = narrow ? STEP_NARROW : STEP;
    const time = slots(streams), order = rows(streams);
    const there = place.clientWidth - left - LEFT - RIGHT, room = Math.max(there, time.last * step); // as wide as there is room, wider only where it must be
    const W = LEFT + room + RIGHT, H = TOP + streams.length * row;
    const X = (slot) => LEFT + slot * room / Math.max(time.last, 1), Y = (i) => TOP + order.indexOf(i) * row;
    const names = make("svg", { width: left, height: H, "aria-hidden": "true", class: "names" }, place);
    const scroll = document.createElement("div");
    scroll.className = "scroll";
    place.append(scroll);
    const svg = make("svg", { width: W, height: H, role: "img", "aria-label": data.say }, scroll);
    let right = -99;
    time.heads.forEach((head) => {
      const x = X(head.slot);
      make("line", { x1: x, x2: x, y1: 24, y2: H - 8, class: "rule" }, svg);
      const label = make("text", { y: 16, class: "k", "text-anchor": "middle" }, svg, head.name), wide = label.getComputedTextLength() / 2;
      const middle = Math.min(Math.max(x, wide), W - wide); // not over an edge
      if (middle - wide < right + APART) { label.remove(); return; }
      label.setAttribute("x", middle);
      right = middle + wide;
    });
    const ends = streams.map((s) => (s.into == null ? time.last : time.join(s)));
    const taken = (i) => streams.map((s, k) => k).filter((k) => streams[k].into === i && !streams[k].no).sort((a, b) => ends[a] - ends[b]);
    const weight = (i) => 1 + taken(i).reduce((sum, k) => sum + weight(k), 0);
    streams.forEach((s, i) => {
      const y = Y(i), x0 = X(time.start(s)), group = make("g", { class: s.colour }, svg);
      fit(make("text", { x: 16, y: narrow ? y - 5 : y + 4, class: "k" }, names, s.kind), (narrow ? left : 136) - 20);
      fit(make("text", { x: narrow ? 16 : 140, y: narrow ? y + 9 : y + 4 }, names, s.value), left - (narrow ? 16 : 140) - 4);
      const line = s.into == null ? "trunk" : s.no ? "st no" : "st";
      let x = x0, n = 1;
      taken(i).forEach((k) => { // the line swells with each one that flows into it
        make("line", { class: line, x1: x, x2: X(ends[k]), y1: y, y2: y, "stroke-width": Math.min(THIN + n * SWELL, THICKEST) }, group);
        x = X(ends[k]);
        n += weight(k);
      });
      const width = Math.min(THIN + n * SWELL, THICKEST);
      if (s.into == null) {
        make("line", { class: line, x1: x, x2: X(time.last), y1: y, y2: y, "stroke-width": width }, group);
      } else {
        const to = Y(s.into), toward = to > y ? -1 : 1, end = s.no ? to + toward * BOUNCE : to, x1 = X(ends[i]);
        const run = Math.min(52, Math.max(14, (x1 - x) * 0.8));
        make("path", { class: line, "stroke-width": s.no ? THIN : width, d: `M${x} ${y}L${Math.max(x, x1 - run)} ${y}C${x1 - run * 0.3} ${y} ${x1 - run * 0.55} ${end} ${x1} ${end}` }, group);
      }
      make("circle", { cx: x0, cy: y, r: 4.5, class: "dot" }, group);
    });
    streams.forEach((s, i) => {
      if (s.into == null) return;
      const to = Y(s.into), cy = s.no ? to + (to > Y(i) ? -1 : 1) * BOUNCE : to;
      const mark = make("g", { class: s.no ? "j no" : "j" }, svg);
      const row = s.no ? null : document.getElementById("join-" + s.n); // its evidence, in the list below
      if (row) {
        mark.classList.add("leads");
        mark.addEventListener("click", () => { location.hash = row.id; });
      }
      make("circle", { cx: X(ends[i]), cy, r: narrow ? 7.5 : 9.5 }, mark);
      make("text", { x: X(ends[i]), y: cy + 4 }, mark, s.no ? "×" : s.n);
    });
    scroll.scrollLeft = W;
    if (scroll.scrollWidth > scroll.clientWidth) scroll.setAttribute("tabindex", "0");
  }

  let width = 0;
  const redraw = () => { if (place.clientWidth !== width) { width = place.clientWidth; draw(); } };
  redraw();
  document.fonts.addEventListener("loadingdone", draw); // measured before its font had come
  addEventListener("resize", redraw);
})();
