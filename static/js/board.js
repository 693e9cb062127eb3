// A board: a tile is dragged and resized by pointer (its grip, its corner) and by keyboard (arrow keys on the grip, with
// Shift its size), what is in its way goes down as metrics/boards/grid.py has it, and the server, which is asked by the
// tile's own form, has the last word. Full screen. Without this file the forms do the same.
// Not here: pictures of tiles (picture.js), charts (charts.js).
(function () {
  const board = document.querySelector("[data-board]");
  if (!board) return;
  const words = JSON.parse(document.getElementById("board-words").textContent);
  const said = document.getElementById("board-said"), failed = document.getElementById("board-failed");
  const columns = Number(board.dataset.columns), tallest = Number(board.dataset.tallest);
  const LEAST = { w: 2, h: 2 }, WIDE = 7, WAIT_MS = 500; // cells of a tile; columns of a wide one; after the last key
  const wide = matchMedia("(min-width: 1101px)"); // there tiles stand on the grid
  const tiles = [...board.querySelectorAll("[data-tile]")];
  const sides = ["x", "y", "w", "h"];
  const part = (key) => tiles.find((one) => one.dataset.tile === String(key));
  const place = (one) => ({ key: Number(one.dataset.tile), ...Object.fromEntries(sides.map((side) => [side, Number(one.dataset[side])])) });
  const now = () => tiles.map(place);

  // ---- the grid ------------------------------------------------------------------------------
  const overlap = (a, b) => a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;
  const reading = (a, b) => a.y - b.y || a.x - b.x || a.key - b.key;
  function moved(places, to) {
    const settled = [to];
    places.filter((one) => one.key !== to.key).sort(reading).forEach((one) => {
      const tile = { ...one };
      for (let way; (way = settled.filter((other) => overlap(tile, other))).length; ) tile.y = Math.max(...way.map((other) => other.y + other.h));
      settled.push(tile);
    });
    return settled;
  }
  const within = (value, low, high) => Math.min(Math.max(value, low), high);
  function fit(to) {
    const w = within(to.w, Math.min(LEAST.w, columns), columns), h = within(to.h, LEAST.h, tallest);
    return { ...to, w, h, x: within(to.x, 0, columns - w), y: Math.max(to.y, 0) };
  }
  function lay(places) {
    places.forEach((one) => {
      const tile = part(one.key);
      sides.forEach((side) => { tile.dataset[side] = one[side]; });
      [["--x", one.x + 1], ["--y", one.y + 1], ["--w", one.w], ["--h", one.h]].forEach(([name, value]) => tile.style.setProperty(name, value));
      tile.classList.toggle("wide", one.w >= WIDE);
      const form = tile.querySelector("[data-place]");
      Object.entries({ column: one.x + 1, row: one.y + 1, width: one.w, height: one.h }).forEach(([name, value]) => { form.elements[name].value = value; });
    });
  }

  // ---- saying and saving ---------------------------------------------------------------------
  const name = (tile) => tile.querySelector("h2").textContent.trim();
  function tell(tile) {
    const at = { name: name(tile), x: Number(tile.dataset.x) + 1, y: Number(tile.dataset.y) + 1, w: tile.dataset.w, h: tile.dataset.h };
    said.textContent = words.moved.replace(/\$(\w+)/g, (_all, word) => at[word]);
  }
  let kept = now(); // as the server has it
  const same = (a, b) => sides.every((side) => a[side] === b[side]);
  async function save(tile) {
    if (same(place(tile), kept.find((one) => one.key === Number(tile.dataset.tile)))) return;
    const form = tile.querySelector("[data-place]");
    try {
      const answer = await fetch(form.action, { method: "POST", body: new FormData(form), headers: { Accept: "application/json" } });
      if (!answer.ok || answer.redirected) throw new Error(answer.status);
      kept = (await answer.json()).tiles;
      failed.hidden = true;
      said.textContent += " · " + words.kept;
    } catch {
      failed.hidden = false;
    }
    lay(kept);
  }

  // ---- by pointer ----------------------------------------------------------------------------
  function drag(event, tile, size) {
    if (event.button !== 0 || !wide.matches) return;
    event.preventDefault();
    const handle = event.currentTarget, from = now(), at = place(tile), box = board.getBoundingClientRect();
    const gap = parseFloat(getComputedStyle(board).columnGap), step = (box.width + gap) / columns;
    const high = parseFloat(getComputedStyle(board).gridAutoRows) + gap, start = [event.pageX, event.pageY];
    const scrolled = board.scrollTop;
    handle.setPointerCapture(event.pointerId);
    tile.classList.add("held");
    board.classList.add("held");
    function follow(to) {
      const right = Math.round((to.pageX - start[0]) / step), down = Math.round((to.pageY + board.scrollTop - scrolled - start[1]) / high);
      const wanted = size ? { ...at, w: within(at.w + right, 1, columns - at.x), h: at.h + down } : { ...at, x: at.x + right, y: at.y + down };
      lay(moved(from, fit(wanted)));
    }
    function end(done) {
      handle.removeEventListener("pointermove", follow);
      removeEventListener("keydown", escape, true);
      tile.classList.remove("held");
      board.classList.remove("held");
      if (!done) lay(from);
      else { tell(tile); save(tile); }
    }
    function escape(key) {
      if (key.key !== "Escape") return;
      key.stopPropagation();
      handle.releasePointerCapture(event.pointerId);
      over(false);
    }
    let open = true;
    function over(done) { if (open) { open = false; end(done); } }
    handle.addEventListener("pointermove", follow);
    handle.addEventListener("pointerup", () => over(true), { once: true });
    handle.addEventListener("pointercancel", () => over(false), { once: true });
    addEventListener("keydown", escape, true);
  }

  // ---- by keyboard ---------------------------------------------------------------------------
  const KEYS = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1] };
  let due = 0;
  function key(event, tile) {
    if (event.key === "Escape") { clearTimeout(due); lay(kept); tell(tile); return; }
    const way = KEYS[event.key];
    if (!way || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    const at = place(tile);
    const wanted = event.shiftKey
      ? { ...at, w: within(at.w + way[0], 1, columns - at.x), h: at.h + way[1] }
      : { ...at, x: at.x + way[0], y: at.y + way[1] };
    lay(moved(kept, fit(wanted)));
    tile.scrollIntoView({ block: "nearest" });
    tell(tile);
    clearTimeout(due);
    due = setTimeout(() => save(tile), WAIT_MS);
  }

  tiles.forEach((tile) => {
    const grip = tile.querySelector("[data-grip]"), corner = tile.querySelector("[data-corner]");
    if (!grip) return;
    grip.hidden = corner.hidden = false;
    grip.addEventListener("pointerdown", (event) => { grip.focus(); drag(event, tile, false); });
    corner.addEventListener("pointerdown", (event) => drag(event, tile, true));
    grip.addEventListener("keydown", (event) => key(event, tile));
    grip.addEventListener("blur", () => { if (due) { clearTimeout(due); due = 0; save(tile); } });
  });

  const full = document.querySelector("[data-full]");
  if (full && document.fullscreenEnabled) {
    full.hidden = false;
    full.addEventListener("click", () => board.requestFullscreen());
  }
})();
