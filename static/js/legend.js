// The legend of a chart: an entry hides or shows its line; what is hidden stands in the address (?hide=tmall), so that it
// comes along when the period changes, the page is loaded again or its address is shared. One tab stop, arrows go along.
// Not here: drawing (charts.js), which draws what `legend.seen` leaves, and anew on `hl:legend`.
(function () {
  const NAME = "hide";
  const hidden = new Set(new URLSearchParams(location.search).getAll(NAME));
  const buttons = () => document.querySelectorAll("button[data-series]");
  const shows = (series) => !hidden.has(series);

  function put(params) {
    params.delete(NAME);
    hidden.forEach((series) => params.append(NAME, series));
  }

  // What stays on this page takes it along: links that change a part of the address, and the form of the period.
  function along() {
    document.querySelectorAll('a[href^="?"]').forEach((link) => {
      const params = new URLSearchParams(link.getAttribute("href").slice(1));
      put(params);
      link.setAttribute("href", "?" + params);
    });
    document.querySelectorAll("form.range").forEach((form) => {
      form.querySelectorAll(`[name=${NAME}]`).forEach((field) => field.remove());
      hidden.forEach((value) => form.append(Object.assign(document.createElement("input"), { type: "hidden", name: NAME, value })));
    });
  }

  function show() {
    buttons().forEach((button) => button.setAttribute("aria-pressed", String(shows(button.dataset.series))));
    along();
  }

  function toggle(series) {
    if (!hidden.delete(series)) hidden.add(series);
    const url = new URL(location.href);
    put(url.searchParams);
    history.replaceState(history.state, "", url);
    show();
    document.dispatchEvent(new CustomEvent("hl:legend"));
  }

  // Of all that can be pressed in a legend one is reached by Tab, the others from there.
  const reach = (bar) => [...bar.querySelectorAll("button, a[href]")];
  function stop(bar, at) {
    reach(bar).forEach((one) => one.setAttribute("tabindex", one === at ? "0" : "-1"));
  }
  function begin(bar) {
    if (bar.dataset.begun) return;
    bar.dataset.begun = "1";
    stop(bar, reach(bar)[0]);
    bar.addEventListener("focusin", (event) => stop(bar, event.target));
    bar.addEventListener("keydown", (event) => {
      const all = reach(bar), step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
      if (!step) return;
      event.preventDefault();
      all[(all.indexOf(document.activeElement) + step + all.length) % all.length].focus();
    });
  }
  const every = () => document.querySelectorAll(".chkey").forEach(begin);

  document.addEventListener("click", (event) => {
    const button = event.target.closest("button[data-series]");
    if (button) toggle(button.dataset.series);
  });
  // What is compared with, of the channels that are shown.
  function older(spec, series) {
    if (!spec.ref || !shows("before")) return null;
    if (series.length === spec.series.length) return spec.ref;
    return { ...spec.ref, data: spec.ref.data.map((_all, i) => series.reduce((sum, one) => sum + (one.before[i] || 0), 0)) };
  }

  // A chart without what is hidden.
  function seen(kind, spec) {
    if (kind === "area") {
      const series = spec.series.filter((one) => shows(one.slug));
      return { ...spec, series, ref: older(spec, series) };
    }
    if (kind !== "line") return spec;
    const none = (data) => data.map(() => null);
    return {
      ...spec, data: shows("now") ? spec.data : none(spec.data), target: shows("target") ? spec.target : null,
      ref: shows("before") ? spec.ref : { ...spec.ref, data: none(spec.ref.data) },
      band: shows("band") ? spec.band : null,
    };
  }

  every();
  show();
  // Of a part of the page that came later.
  document.addEventListener("htmx:afterSwap", () => { if (document.querySelector(".chkey:not([data-begun])")) { every(); show(); } });
  window.legend = { seen };
})();
