// Live events: pausing by button or `p`, and by itself while an event is open. The polling itself is htmx's.
(function () {
  const part = document.getElementById("stream"), button = document.querySelector("[data-pause]");
  if (!part || !button) return;
  let paused = false;
  function set(value) {
    paused = value;
    button.setAttribute("aria-pressed", String(paused));
    button.querySelector("[data-when='going']").hidden = paused;
    button.querySelector("[data-when='paused']").hidden = !paused;
  }
  button.addEventListener("click", () => set(!paused));
  document.addEventListener("keydown", (event) => {
    if (event.key === "p" && !event.target.matches("input, textarea, select")) set(!paused);
  });
  document.addEventListener("htmx:beforeRequest", (event) => {
    const polling = event.detail.elt === part;
    if (polling && (paused || document.hidden)) event.preventDefault();
    if (!polling && event.detail.target?.id === "opened") set(true);
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target.id === "opened" && innerWidth < 1100) event.detail.target.scrollIntoView();
  });
})();
