// What renews itself: pausing by button, where there is one (its key: shell.js), and by itself while an event is open.
// The polling itself is htmx's; rows do not move under a pointer that moves or a row that has the focus.
(function () {
  const part = document.getElementById("stream"), button = document.querySelector("[data-pause]");
  if (!part) return;
  const STILL_MS = 2500;
  let paused = false, moved = -STILL_MS, row = "";
  function set(value) {
    paused = value;
    if (!button) return;
    button.setAttribute("aria-pressed", String(paused));
    button.querySelector("[data-when='going']").hidden = paused;
    button.querySelector("[data-when='paused']").hidden = !paused;
  }
  // The row that stands open, also after the stream was renewed.
  function mark() {
    part.querySelectorAll("tbody tr").forEach((one) => {
      if (one.querySelector("button")?.getAttribute("hx-get") === row) one.setAttribute("aria-selected", "true");
      else one.removeAttribute("aria-selected");
    });
  }
  button?.addEventListener("click", () => set(!paused));
  part.addEventListener("pointermove", (event) => { moved = event.timeStamp; });
  document.addEventListener("htmx:beforeRequest", (event) => {
    const polling = event.detail.elt === part;
    const busy = performance.now() - moved < STILL_MS || part.querySelector(":focus");
    if (polling && (paused || busy || document.hidden)) event.preventDefault();
    if (!polling && event.detail.target?.id === "opened") {
      set(true);
      row = event.detail.elt.getAttribute("hx-get");
      mark();
    }
  });
  document.addEventListener("htmx:afterSwap", mark);
})();
