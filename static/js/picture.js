// A tile as a picture: its name, its days, its number or its finding, and what it draws, saved as PNG or put on the
// clipboard. Drawn by the browser alone, in the colours of the page. Not here: drawing charts (charts.js), painting what is
// HTML (paint.js), tiles (board.js).
(function () {
  const SCALE = 2, EDGE = 20, LINE = 22; // pixels of the picture to one of the page; around it; between its lines
  const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const family = () => getComputedStyle(document.body).fontFamily;
  const text = (part) => (part ? part.textContent.replace(/\s+/g, " ").trim() : "");

  // The channels that are shown, with their colours.
  function legend(tile) {
    return [...tile.querySelectorAll(".leg button[aria-pressed='true'] .chn")].map((one) => [text(one), getComputedStyle(one, "::before").backgroundColor]);
  }

  // What a tile draws: a chart is an image as it is, all else is painted.
  async function charted(pen, viz, x, y) {
    // Written by the browser: ECharts' own text of it breaks at the quotes of a font's name.
    const image = await paint.loaded("data:image/svg+xml;charset=utf-8," + encodeURIComponent(new XMLSerializer().serializeToString(viz.querySelector("svg"))));
    pen.drawImage(image, x, y, viz.clientWidth, viz.clientHeight);
  }
  async function painted(pen, part, x, y) {
    pen.save();
    pen.translate(x, y);
    await paint.paint(pen, part, "details, .sr, noscript");
    pen.restore();
  }

  // As many lines as words of a width take.
  function broken(pen, words, width) {
    const found = [""];
    (words.match(/\s*(?:[\u2e80-\uffef]|[^\s\u2e80-\uffef]+)/g) || []).forEach((word) => {
      if (pen.measureText(found.at(-1) + word).width <= width) found.push(found.pop() + word);
      else found.push(word.trim());
    });
    return found;
  }

  async function draw(tile) {
    const viz = tile.querySelector("[data-chart]"), part = viz || tile.querySelector("[data-drawn]");
    const said = text(tile.querySelector(".kpi-value")) || text(tile.querySelector(".finding"));
    const days = text(tile.querySelector(".card-h .q")) || text(document.querySelector(".period summary .num"));
    const size = viz ? [viz.clientWidth, viz.clientHeight] : [Math.max(...[part, ...part.querySelectorAll(".tw")].map((one) => one.scrollWidth)), part.scrollHeight];
    const ruler = document.createElement("canvas").getContext("2d");
    ruler.font = `13px ${family()}`;
    const note = tile.querySelector(".told [data-note]"), own = note?.dataset.note === "days";
    const told = viz
      ? [[said, days].filter(Boolean).join(" · ")]
      : [said, own ? "" : days, text(note)].filter(Boolean).flatMap((words) => broken(ruler, words, size[0]));
    const key = legend(tile), head = LINE * (told.length + (key.length ? 2 : 1)) + EDGE;
    const width = size[0] + 2 * EDGE, height = size[1] + head + 2 * EDGE;
    const canvas = Object.assign(document.createElement("canvas"), { width: width * SCALE, height: height * SCALE });
    const pen = canvas.getContext("2d");
    const write = (words, x, y, font, colour) => { pen.font = `${font} ${family()}`; pen.fillStyle = colour; pen.fillText(words, x, y); };
    pen.scale(SCALE, SCALE);
    pen.fillStyle = css("--surface");
    pen.fillRect(0, 0, width, height);
    write(text(tile.querySelector("h2")), EDGE, EDGE + 14, "600 15px", css("--ink"));
    told.forEach((line, i) => write(line, EDGE, EDGE + 14 + LINE * (i + 1), "13px", css("--ink-2")));
    let x = EDGE;
    key.forEach(([words, colour]) => {
      pen.fillStyle = colour;
      pen.fillRect(x, EDGE + 6 + LINE * (told.length + 1), 9, 9);
      write(words, x + 14, EDGE + 14 + LINE * (told.length + 1), "12px", css("--ink-2"));
      x += pen.measureText(words).width + 30;
    });
    await (viz ? charted : painted)(pen, part, EDGE, head + EDGE);
    return new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
  }

  async function save(tile) {
    const address = URL.createObjectURL(await draw(tile));
    const file = text(tile.querySelector("h2")).replace(/[^\p{L}\p{N}]+/gu, "-").replace(/^-|-$/g, "") || "tile";
    const link = Object.assign(document.createElement("a"), { href: address, download: `${file}.png` });
    link.click();
    setTimeout(() => URL.revokeObjectURL(address), 10_000);
  }

  async function copy(tile) {
    const said = document.getElementById("board-said"), words = JSON.parse(document.getElementById("board-words").textContent);
    try {
      await navigator.clipboard.write([new ClipboardItem({ "image/png": draw(tile) })]);
      said.textContent = words.copied;
    } catch {
      said.textContent = words.notCopied;
    }
  }

  const able = { png: true, copy: Boolean(window.ClipboardItem && navigator.clipboard?.write) };
  const all = () => document.querySelectorAll("[data-picture]");
  // What a tile shows may come after the page.
  function offer() {
    all().forEach((button) => {
      const there = button.closest("[data-tile]").querySelector("[data-chart], [data-drawn]");
      button.hidden = !there || !able[button.dataset.picture];
    });
  }
  all().forEach((button) => button.addEventListener("click", () => {
    button.closest("details").open = false;
    (button.dataset.picture === "png" ? save : copy)(button.closest("[data-tile]"));
  }));
  offer();
  document.addEventListener("htmx:afterSettle", offer);
})();
