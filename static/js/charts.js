// ECharts with the house conventions. A chart is <div class="viz" data-chart="KIND" data-src="ID">, its numbers stand in
// <script type="application/json" id="ID">. Colours are read from the tokens and drawn again when the theme changes.
// The tooltip is our own markup with classes: the default one writes style="" into HTML, which the policy refuses;
// `confine` keeps ECharts from drawing its arrow the same way.
(function () {
  const zh = document.documentElement.lang.startsWith("zh");
  const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const plain = new Intl.NumberFormat(zh ? "zh-CN" : "en", { maximumFractionDigits: 2 });
  const cents = new Intl.NumberFormat(zh ? "zh-CN" : "en", { minimumFractionDigits: 2, maximumFractionDigits: 2 });
  const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
  const WEEKDAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];

  function big(value) {
    const size = Math.abs(value);
    if (zh) return size >= 1e8 ? plain.format(value / 1e8) + "亿" : size >= 1e4 ? plain.format(value / 1e4) + "万" : plain.format(value);
    return size >= 1e6 ? plain.format(value / 1e6) + "M" : size >= 1e3 ? plain.format(value / 1e3) + "k" : plain.format(value);
  }

  function units(spec) {
    const sign = (value) => (value < 0 ? "−" : "");
    const money = { exact: (v) => sign(v) + spec.symbol + cents.format(Math.abs(v)), axis: (v) => (v ? sign(v) + spec.symbol + big(Math.abs(v)) : "0") };
    const share = { exact: (v) => (v * 100).toFixed(1) + "%", axis: (v) => Math.round(v * 100) + "%" };
    return { money, share }[spec.unit] || { exact: plain.format, axis: big };
  }

  const colour = (name) => css("--c-" + name) || css("--accent");
  const escape = (text) => String(text).replace(/[&<>"]/g, (sign) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" }[sign]));

  function day(text, long) {
    const at = new Date(text + "T00:00:00");
    if (zh) return `${at.getMonth() + 1}月${at.getDate()}日${long ? " 周" + "日一二三四五六"[at.getDay()] : ""}`;
    return `${long ? WEEKDAYS[at.getDay()] + " " : ""}${at.getDate()} ${MONTHS[at.getMonth()]}`;
  }

  function frame(spec) {
    const line = css("--line");
    const text = { color: css("--ink-3"), fontSize: 11, fontFamily: getComputedStyle(document.body).fontFamily };
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
        type: "value", splitNumber: 4, axisLine: { show: false }, axisTick: { show: false }, splitLine: { lineStyle: { color: line } },
        axisLabel: { ...text, formatter: units(spec).axis },
      },
    };
  }

  const row = (c, name, value) => `<div class="r"><span class="sw c-${escape(c)}"></span>${escape(name)}<b>${escape(value)}</b></div>`;

  function tip(spec, points) {
    const show = units(spec).exact;
    const parts = points.filter((p) => spec.series[p.seriesIndex]);
    const total = parts.reduce((sum, p) => sum + (p.value || 0), 0);
    const i = points[0].dataIndex;
    const largest = [...parts].sort((a, b) => b.value - a.value);
    const ref = spec.ref && spec.ref.data[i] != null
      ? `<div class="r">${escape(spec.ref.name)}, ${day(spec.ref.x[i])}<b>${escape(show(spec.ref.data[i]))}</b></div>` : "";
    return `<div class="hl-tip"><div class="h">${day(points[0].axisValue, true)}</div>`
      + largest.map((p) => row(spec.series[p.seriesIndex].c, p.seriesName, show(p.value))).join("")
      + `<div class="r t2">${escape(spec.total)}<b>${escape(show(total))}</b></div>${ref}</div>`;
  }

  const kinds = {
    area(spec) {
      const option = frame(spec);
      option.series = spec.series.map((one) => ({
        type: "line", name: one.name, stack: "all", data: one.data, symbol: "none",
        lineStyle: { width: 1, color: css("--surface") }, itemStyle: { color: colour(one.c) }, areaStyle: { color: colour(one.c), opacity: 0.93 },
      }));
      if (spec.ref) {
        option.series.push({
          type: "line", name: spec.ref.name, data: spec.ref.data, symbol: "none",
          lineStyle: { width: 1.5, color: css("--ink"), type: [4, 3] }, itemStyle: { color: css("--ink") },
        });
      }
      option.tooltip.formatter = (points) => tip(spec, points);
      return option;
    },
  };

  const drawn = [];
  function draw() {
    drawn.splice(0).forEach((chart) => chart.dispose());
    document.querySelectorAll("[data-chart]").forEach((part) => {
      const spec = JSON.parse(document.getElementById(part.dataset.src).textContent);
      const chart = echarts.init(part, null, { renderer: "svg" });
      chart.setOption(kinds[part.dataset.chart](spec));
      drawn.push(chart);
    });
  }
  draw();
  document.addEventListener("hl:theme", draw);
  addEventListener("resize", () => drawn.forEach((chart) => chart.resize()));
})();
