// ECharts with the house conventions. A chart is <div class="viz" data-chart="KIND" data-src="ID">, its numbers stand in
// <script type="application/json" id="ID">. Colours are read from the tokens and drawn again when the theme changes.
// The tooltip is our own markup with classes: the default one writes style="" into HTML, which the policy refuses;
// `confine` keeps ECharts from drawing its arrow the same way. Not here: from where to where an axis reaches (axis.js), what
// the legend hides (legend.js), where a click leads (leads.js).
(function () {
  const zh = document.documentElement.lang.startsWith("zh");
  let place = document.documentElement;  // of the chart that is drawn: its colours are those where it stands
  const css = (name) => getComputedStyle(place).getPropertyValue(name).trim();
  const plain = new Intl.NumberFormat(zh ? "zh-CN" : "en", { maximumFractionDigits: 2 });
  const cents = new Intl.NumberFormat(zh ? "zh-CN" : "en", { minimumFractionDigits: 2, maximumFractionDigits: 2 });
  const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
  const WEEKDAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];

  // A number of an axis, with as many decimals as tell it from the next, a `step` away.
  function big(value, step) {
    const size = Math.abs(value);
    const [unit, word] = (zh ? [[1e8, "亿"], [1e4, "万"]] : [[1e6, "M"], [1e3, "k"]]).find(([least]) => size >= least) || [1, ""];
    return (value / unit).toLocaleString(zh ? "zh-CN" : "en", { maximumFractionDigits: axis.decimals(step / unit) }) + word;
  }

  function units(spec) {
    const sign = (value) => (value < 0 ? "−" : "");
    const money = {
      exact: (v) => sign(v) + spec.symbol + cents.format(Math.abs(v)),
      axis: (v, step) => (v ? sign(v) + spec.symbol + big(Math.abs(v), step) : "0"),
    };
    const share = { exact: (v) => (v * 100).toFixed(1) + "%", axis: (v, step) => (v * 100).toFixed(axis.decimals(step * 100)) + "%" };
    const word = { minutes: zh ? " 分钟" : " min", hours: zh ? " 小时" : " h", days: zh ? " 天" : " d" }[spec.unit] || "";
    return { money, share }[spec.unit] || { exact: (v) => plain.format(v) + word, axis: big };
  }

  const colour = (name) => css("--c-" + name) || css("--accent");
  const escape = (text) => String(text).replace(/[&<>"]/g, (sign) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" }[sign]));

  function day(text, long) {
    const at = new Date(text + "T00:00:00");
    if (zh) return `${at.getMonth() + 1}月${at.getDate()}日${long ? " 周" + "日一二三四五六"[at.getDay()] : ""}`;
    return `${long ? WEEKDAYS[at.getDay()] + " " : ""}${at.getDate()} ${MONTHS[at.getMonth()]}`;
  }

  // ECharts keeps the widths of texts by the name of their font. Once more fonts have come the name is another one.
  let came = 0;
  const family = () => getComputedStyle(document.body).fontFamily + ", came-" + came;

  function frame(spec) {
    const line = css("--line");
    const text = { color: css("--ink-3"), fontSize: 11, fontFamily: family() };
    return {
      animation: false,
      textStyle: text,
      aria: { enabled: true, label: { description: spec.say || "" } },
      grid: { left: 8, right: 22, top: 24, bottom: 2, containLabel: true },
      tooltip: {
        trigger: "axis", confine: true, backgroundColor: css("--surface"), borderColor: css("--line-strong"), borderWidth: 1,
        padding: [8, 11], textStyle: { color: css("--ink"), fontSize: 12 },
        axisPointer: { type: "line", lineStyle: { color: css("--ink-3"), type: [3, 3] } },
      },
      xAxis: {
        type: "category", data: spec.x, boundaryGap: false, axisLine: { lineStyle: { color: line } }, axisTick: { show: false },
        axisLabel: { ...text, formatter: (value) => day(value), hideOverlap: true },
      },
      yAxis: {
        type: "value", axisLine: { show: false }, axisTick: { show: false }, splitLine: { lineStyle: { color: line } },
        axisLabel: text,
      },
    };
  }

  // The axis of what is drawn. One that does not begin at 0 says so above it, and no filled ground says otherwise.
  function measure(option, spec) {
    const { min, max, interval, begins } = axis.of(spec);
    const said = (value) => units(spec).axis(value, interval);
    Object.assign(option.yAxis, { min, max, interval, axisLabel: { ...option.yAxis.axisLabel, formatter: said } });
    if (!begins) return;
    const marked = marks(spec).length > 0; // their names stand where this would
    Object.assign(option.yAxis, {
      name: spec.begins.replace("%s", said(min)), nameLocation: "end", nameGap: marked ? 24 : 9,
      nameTextStyle: { ...option.textStyle, align: "left" },
    });
    option.grid.top = marked ? 42 : 26;
    option.series.forEach((one) => { if (one.stack !== "band") one.areaStyle = null; });
  }

  const row = (c, name, value) => `<div class="r"><span class="sw c-${escape(c)}"></span>${escape(name)}<b>${escape(value)}</b></div>`;

  function tip(spec, points) {
    const show = units(spec).exact;
    const i = points[0].dataIndex;
    const parts = spec.series.map((one) => ({ name: one.name, c: one.c, value: one.data[i] })).filter((one) => one.value != null);
    const total = parts.reduce((sum, one) => sum + one.value, 0);
    const largest = [...parts].sort((a, b) => b.value - a.value);
    const ref = spec.ref && spec.ref.data[i] != null
      ? `<div class="r">${escape(spec.ref.name)}, ${day(spec.ref.x[i])}<b>${escape(show(spec.ref.data[i]))}</b></div>` : "";
    return `<div class="hl-tip"><div class="h">${day(points[0].axisValue, true)}</div>`
      + largest.map((one) => row(one.c, one.name, show(one.value))).join("")
      + `<div class="r t2">${escape(spec.total)}<b>${escape(show(total))}</b></div>${ref}${unfinished(spec, i)}${marked(spec, i)}${leads.hint(spec)}</div>`;
  }

  // Intervals that are not whole (today so far, a week cut by the period) are no fall: what leads to them is dotted.
  const unfinished = (spec, i) => (spec.partial.includes(i) ? `<div class="q">${escape(spec.partialText)}</div>` : "");
  const whole = (spec, data) => data.map((value, i) => (spec.partial.includes(i) ? null : value));
  const dotted = (spec, data) => data.map((value, i) => ([i - 1, i, i + 1].some((at) => spec.partial.includes(at)) ? value : null));
  const dots = (spec) => (_value, point) => (spec.partial.includes(point.dataIndex) ? "emptyCircle" : "none");

  // Campaigns: a thin dotted line where each begins in the period, with its name.
  function marks(spec) {
    const at = (text) => { const later = spec.x.findIndex((x) => x > text); return spec.x[later < 0 ? spec.x.length - 1 : Math.max(later - 1, 0)]; };
    const named = new Map();  // what went on before began nowhere here
    (spec.marks || []).filter((one) => one.from > spec.x[0]).forEach((one) => named.set(at(one.from), [...(named.get(at(one.from)) || []), one.name]));
    return [...named].map(([xAxis, names]) => ({
      xAxis, lineStyle: { color: css("--ink-3"), type: [1, 3], width: 1.2 },
      label: { formatter: names.join(" · "), position: "end", align: spec.x.indexOf(xAxis) >= spec.x.length / 2 ? "right" : "left", color: css("--ink-2"), fontSize: 11 },
    }));
  }
  const marked = (spec, i) => (spec.marks || []).filter((one) => spec.x[i] <= one.to && (spec.x[i + 1] || "9999") > one.from)
    .map((one) => `<div class="q">${escape(one.name)}</div>`).join("");

  const kinds = {
    area(spec) {
      const option = frame(spec);
      option.series = spec.series.map((one) => ({
        type: "line", name: one.name, stack: "all", stackStrategy: "all", data: whole(spec, one.data), symbol: "none",
        lineStyle: { width: 1, color: css("--surface") }, itemStyle: { color: colour(one.c) }, areaStyle: { color: colour(one.c), opacity: 0.93 },
      }));
      if (spec.partial.length) {
        option.series.push(...spec.series.map((one) => ({
          type: "line", name: one.name, stack: "partial", stackStrategy: "all", data: dotted(spec, one.data), symbol: "none",
          lineStyle: { width: 1.4, color: colour(one.c), type: [1, 3], cap: "round" }, itemStyle: { color: colour(one.c) },
          areaStyle: { color: colour(one.c), opacity: 0.3 },
        })));
      }
      if (option.series.length) option.series[0].markLine = { symbol: "none", silent: true, data: marks(spec) };
      if (spec.ref) {
        option.series.push({
          type: "line", name: spec.ref.name, data: spec.ref.data, symbol: "none",
          lineStyle: { width: 1.5, color: css("--ink"), type: [4, 3] }, itemStyle: { color: css("--ink") },
        });
      }
      if (spec.x.length === 1) single(spec, option);
      option.tooltip.formatter = (points) => tip(spec, points);
      return option;
    },
  };

  // One interval alone makes no area: a bar of the channels, paler where it is not whole, what it is compared with as a dash.
  function single(spec, option) {
    option.xAxis.boundaryGap = true;
    option.series = spec.series.map((one) => ({
      type: "bar", name: one.name, stack: "all", data: one.data, barMaxWidth: 120,
      itemStyle: { color: colour(one.c), opacity: spec.partial.length ? 0.45 : 0.93 },
    }));
    if (!spec.ref) return;
    option.series.push({
      type: "scatter", name: spec.ref.name, data: spec.ref.data, symbol: "rect", symbolSize: [150, 2], itemStyle: { color: css("--ink") },
    });
  }

  function lines(spec) {
    const goal = spec.target == null ? [] : [{
      yAxis: spec.target, lineStyle: { color: css("--ink-2"), type: [2, 3], width: 1.4 },
      label: { formatter: spec.targetText, position: "insideEndTop", color: css("--ink-2"), fontSize: 11 },
    }];
    return { symbol: "none", silent: true, data: [...goal, ...marks(spec)] };
  }

  // What was expected of each day, as a ground behind the line; a ring around the days outside.
  function band(spec) {
    if (!spec.band) return [];
    const { low, high, odd } = spec.band;
    const ground = { type: "line", stack: "band", stackStrategy: "all", symbol: "none", silent: true, lineStyle: { opacity: 0 }, z: 1 };
    return [
      { ...ground, data: low },
      { ...ground, data: high.map((value, i) => (value == null ? null : value - low[i])), areaStyle: { color: css("--accent"), opacity: 0.16 } },
      {
        type: "scatter", symbol: "circle", symbolSize: 12, silent: true, z: 5, data: spec.data.map((value, i) => (odd.includes(i) ? value : null)),
        itemStyle: { color: "transparent", borderColor: css("--warn"), borderWidth: 2.5 },
      },
    ];
  }
  const judged = (spec, i) => (spec.band?.said[i] ? `<div class="q">${escape(spec.band.said[i])}</div>` : "");

  // One metric: its line, the period it is compared with (dashed, with its own dates), its target.
  kinds.line = (spec) => {
    const option = frame(spec);
    const show = units(spec).exact;
    // A point between two gaps would be no line at all: it is drawn as a dot.
    const alone = (data) => (_value, point) => (data[point.dataIndex - 1] == null && data[point.dataIndex + 1] == null ? "circle" : "none");
    option.series = [
      {
        type: "line", name: spec.name, data: whole(spec, spec.data), symbol: alone(spec.data), showAllSymbol: true, symbolSize: 6,
        lineStyle: { width: 2.2, color: css("--accent") }, itemStyle: { color: css("--accent") },
        areaStyle: { color: css("--accent"), opacity: 0.1 }, markLine: lines(spec),
      },
      {
        type: "line", name: spec.ref.name, data: spec.ref.data, symbol: alone(spec.ref.data), showAllSymbol: true, symbolSize: 5,
        lineStyle: { width: 1.5, color: css("--ink-3"), type: [4, 3] }, itemStyle: { color: css("--ink-3") },
      },
    ];
    if (spec.partial.length) {
      option.series.push({
        type: "line", name: spec.name, data: dotted(spec, spec.data), symbol: dots(spec), showAllSymbol: true, symbolSize: 6,
        lineStyle: { width: 2, color: css("--accent"), type: [1, 4], cap: "round" }, itemStyle: { color: css("--accent") },
      });
    }
    option.series.push(...band(spec));
    option.tooltip.formatter = (points) => {
      const i = points[0].dataIndex;
      const value = spec.data[i] == null ? "–" : show(spec.data[i]);
      const old = spec.ref.data[i] == null ? "" : `<div class="r">${escape(spec.ref.name)}, ${day(spec.ref.x[i])}<b>${escape(show(spec.ref.data[i]))}</b></div>`;
      const base = spec.base[i] ? `<div class="q">${escape(spec.base[i])}</div>` : "";
      return `<div class="hl-tip"><div class="h">${day(spec.x[i], true)}</div><div class="r">${escape(spec.name)}<b>${escape(value)}</b></div>${base}${judged(spec, i)}${old}${unfinished(spec, i)}${marked(spec, i)}${leads.hint(spec)}</div>`;
    };
    return option;
  };

  // Several lines over named intervals: each thin, the main one over them.
  kinds.curve = (spec) => {
    const option = frame(spec);
    const show = units(spec).exact;
    option.xAxis.axisLabel.formatter = (value) => value;
    option.series = spec.lines.map((one) => ({
      type: "line", name: one.name, data: one.data, symbol: one.main ? "circle" : "none", symbolSize: 6, showAllSymbol: true, z: one.main ? 3 : 2,
      lineStyle: { width: one.main ? 2.2 : 1, color: css(one.main ? "--accent" : "--line-strong") },
      itemStyle: { color: css(one.main ? "--accent" : "--line-strong") },
    }));
    option.tooltip.formatter = (all) => {
      const there = all.filter((one) => one.value != null);
      const said = (one) => `<div class="r">${escape(one.seriesName)}<b>${escape(show(one.value))}</b></div>`;
      return `<div class="hl-tip"><div class="h">${escape(all[0].axisValue)}</div>${there.reverse().map(said).join("")}</div>`;
    };
    return option;
  };

  const pen = document.createElement("canvas").getContext("2d");
  function widest(texts, size) {
    pen.font = `${size}px ${family()}`;
    return Math.max(0, ...texts.map((text) => pen.measureText(text).width));
  }

  // What moved a number: one bar a channel around zero; together they are the change.
  kinds.hbars = (spec, part) => {
    const option = frame(spec);
    const values = spec.rows.map((one) => one.v);
    const span = Math.max(...values, 0) - Math.min(...values, 0) || 1;
    // Beside the longest bars there is room for what is said of them, as many pixels as it takes.
    const words = (sign) => widest(spec.rows.filter((one) => one.v * sign > 0).map((one) => one.said), 11) + 10;
    const width = part.clientWidth - widest(spec.rows.map((one) => one.name), 12) - 40;
    const room = (sign) => span * words(sign) / Math.max(width - words(1) - words(-1), width / 5);
    option.tooltip.show = false;
    option.grid = { left: 8, right: 12, top: 4, bottom: 2, containLabel: true };
    option.xAxis = {
      type: "value", min: Math.min(...values, 0) - room(-1), max: Math.max(...values, 0) + room(1),
      axisLabel: { show: false }, axisTick: { show: false }, axisLine: { show: false }, splitLine: { show: false },
    };
    option.yAxis = {
      type: "category", inverse: true, data: spec.rows.map((one) => one.name), axisTick: { show: false },
      axisLine: { onZero: false, show: false }, axisLabel: { color: css("--ink"), fontSize: 12 }, triggerEvent: true,
    };
    option.series = [{
      type: "bar", barMaxWidth: 14,
      markLine: { symbol: "none", silent: true, label: { show: false }, data: [{ xAxis: 0, lineStyle: { color: css("--line-strong"), type: "solid" } }] },
      data: spec.rows.map((one) => ({
        value: one.v, itemStyle: { color: colour(one.c), borderRadius: 2 },
        label: { show: true, position: one.v < 0 ? "left" : "right", formatter: one.said, color: css("--ink-2"), fontSize: 11 },
      })),
    }];
    return option;
  };

  const drawn = [];
  // As large as its place, which changes with the window and with what is opened beside it.
  const room = new ResizeObserver(() => drawn.forEach(({ chart, kind, spec, part }) => {
    chart.resize();
    place = part;
    if (kind === "hbars") chart.setOption(kinds[kind](spec, part)); // words take pixels, whatever the width
  }));
  function draw() {
    drawn.splice(0).forEach(({ chart }) => chart.dispose());
    document.querySelectorAll("[data-chart]").forEach((part) => {
      place = part;
      const kind = part.dataset.chart;
      const spec = legend.seen(kind, JSON.parse(document.getElementById(part.dataset.src).textContent));
      const chart = echarts.init(part, null, { renderer: "svg" });
      const option = kinds[kind](spec, part);
      if (kind !== "hbars") measure(option, spec); // bars stand around 0
      chart.setOption(option);
      leads.from(chart, kind, spec);
      const key = part.parentElement.querySelector("[data-marks]");
      if (key) key.hidden = !marks(spec).length;
      drawn.push({ chart, kind, spec, part });
      room.observe(part);
    });
  }
  draw();
  document.fonts.addEventListener("loadingdone", () => { came += 1; draw(); }); // it was measured before its font had come
  document.addEventListener("hl:theme", draw);
  document.addEventListener("hl:legend", draw);
  // A part of the page that came later may have charts too.
  document.addEventListener("htmx:afterSettle", () => { if (document.querySelectorAll("[data-chart]").length !== drawn.length) draw(); });
  matchMedia("print").addEventListener("change", draw); // paper has colours of its own
})();
