// Axes that waste nothing: from which number to which, in which steps. Not here: what is drawn (charts.js).
(function () {
  const STEPS = [1, 2, 2.5, 5, 10], FEWEST = 3, MOST = 6, LIKED = 4; // parts of an axis
  const FLAT = 0.5; // a line that keeps to the upper half of an axis from 0 is drawn on one of its own
  const clean = (value) => Number(value.toPrecision(12)); // 0.1 + 0.2 is no name of a tick
  const near = (value) => Math.round(value * 1e9) / 1e9;

  // How many decimals it takes to tell ticks apart.
  function decimals(step) {
    for (let n = 0; n < 6; n += 1) if (Math.abs(Math.round(step * 10 ** n) - step * 10 ** n) < 1e-6) return n;
    return 6;
  }

  // The steps of 1, 2, 2.5 and 5 that leave the least of the height empty.
  function nice(low, high, whole) {
    const size = Math.floor(Math.log10((high - low) / LIKED));
    let best = null;
    [size - 1, size, size + 1].forEach((power) => STEPS.forEach((times) => {
      const step = clean(times * 10 ** power);
      if (whole && !Number.isInteger(step)) return;
      const first = Math.floor(near(low / step)), last = Math.ceil(near(high / step)), parts = last - first;
      if (parts > MOST || (parts < FEWEST && !(whole && step === 1))) return;
      const waste = (parts * step - (high - low)) / (high - low) + Math.abs(parts - LIKED) * 0.03;
      if (!best || waste < best.waste - 1e-9) best = { waste, min: clean(first * step), max: clean(last * step), interval: step };
    }));
    return best;
  }

  // The upper edges of what is stacked, at a place between two points.
  function edges(series, i, next = i, part = 0) {
    let sum = 0;
    return series.map((one) => (sum += (one.data[i] || 0) * (1 - part) + (one.data[next] || 0) * part));
  }

  // The axis of a chart as charts.js draws it: `series` are stacked, `data` is a line, `ref` a second one, `target` a third,
  // `band` what was expected.
  // One of a ratio may begin above 0, one of a sum never does; of what is counted there is nothing between 0 and 1.
  function of(spec) {
    const lines = [...(spec.data || []), ...(spec.ref?.data || []), ...(spec.target == null ? [] : [spec.target]), ...(spec.band?.low || []), ...(spec.band?.high || [])];
    const stacked = spec.series ? [0, ...spec.x.flatMap((_x, i) => edges(spec.series, i))] : [];
    return around([...stacked, ...lines], spec.ratio, spec.unit === "count" && !spec.ratio);
  }

  function around(values, ratio, whole) {
    const there = values.filter((value) => value != null && Number.isFinite(value));
    let low = Math.min(...there), high = Math.max(...there);
    if (!there.length || (low === 0 && high === 0)) return { min: 0, max: 1, interval: whole ? 1 : 0.25, begins: false };
    const begins = ratio && there.length > 1 && low > 0 && high > low && high - low < high * FLAT;
    if (!begins) { low = Math.min(low, 0); high = Math.max(high, 0); }
    const { min, max, interval } = nice(low, high, whole) || { min: low, max: high, interval: (high - low) / LIKED };
    return { min, max, interval, begins: begins && min > 0 };
  }

  window.axis = { of, edges, decimals };
})();
