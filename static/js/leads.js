// Where a click on a chart leads: to the rows behind the point, of its days and its channel. `behind` of a chart's numbers
// names the rows and the days of each point; a bar has its own address. Who has no mouse finds the same links in the table
// below the chart. Not here: drawing (charts.js).
(function () {
  const touch = matchMedia("(hover: none)");
  const escape = (text) => String(text).replace(/[&<>"]/g, (sign) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" }[sign]));
  const hint = (spec) => (spec.behind ? `<div class="q">${escape(spec.behind.hint)}</div>` : "");

  // What a place belongs to: [channel, days].
  const picks = {
    // The channel whose area it is; above all of them all together.
    area(spec, { index, next, part, value }) {
      let from = 0;
      const at = axis.edges(spec.series, index, next, part).findIndex((to) => {
        const inside = value >= Math.min(from, to) && value <= Math.max(from, to);
        from = to;
        return inside;
      });
      return [at < 0 ? "" : spec.series[at].slug, spec.behind.days[index]];
    },
    // The nearer of the two lines.
    line(spec, { index, value }) {
      const far = (data) => (data[index] == null ? Infinity : Math.abs(data[index] - value));
      return ["", (far(spec.ref.data) < far(spec.data) && spec.behind.before[index]) || spec.behind.days[index]];
    },
  };

  function follow(address, event) {
    if (event.ctrlKey || event.metaKey) open(address, "_blank", "noopener");
    else location.assign(address);
  }

  function address(behind, [channel, [from, to]]) {
    const url = new URL(behind.address, location.href);
    Object.entries({ from, to, channel, calendar: behind.calendar }).forEach(([name, value]) => { if (value) url.searchParams.set(name, value); });
    return url.href;
  }

  // Where the pointer stands: the nearest point, the next one on its side, how far between them, the value at its height.
  function place(chart, spec, event) {
    const at = [event.offsetX, event.offsetY];
    if (!chart.containPixel("grid", at)) return null;
    const [index, value] = chart.convertFromPixel("grid", at);
    const x = (i) => chart.convertToPixel("grid", [i, 0])[0];
    const next = Math.min(Math.max(index + (at[0] < x(index) ? -1 : 1), 0), spec.x.length - 1);
    return { index, next, value, part: next === index ? 0 : (at[0] - x(index)) / (x(next) - x(index)) };
  }

  function points(chart, kind, spec) {
    let told = null; // a finger first reads what stands there, and goes with the second touch
    const ground = chart.getZr();
    ground.on("mousemove", (event) => { if (chart.containPixel("grid", [event.offsetX, event.offsetY])) ground.setCursorStyle("pointer"); });
    ground.on("click", (event) => {
      // A slow phone sends a touch again as a click of the mouse that it does not have.
      if (touch.matches && event.event.type !== "touchend") return;
      const found = place(chart, spec, event);
      if (!found || !spec.behind.days[found.index]) return;
      const first = touch.matches && told !== found.index;
      told = found.index;
      if (!first) follow(address(spec.behind, picks[kind](spec, found)), event.event);
    });
  }

  function from(chart, kind, spec) {
    if (spec.behind) { points(chart, kind, spec); return; }
    chart.on("click", (event) => { // a bar, or its name
      const name = event.componentType === "yAxis" ? event.value : event.name;
      const one = spec.rows?.find((row) => row.name === name);
      if (one?.href) follow(one.href, event.event.event);
    });
  }

  window.leads = { hint, from };
})();
