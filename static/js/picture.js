// A tile as a picture: its name, its days, its number and its chart, saved as PNG or put on the clipboard. Drawn by the
// browser alone, in the colours of the page. Not here: drawing charts (charts.js), tiles (board.js).
(function () {
  const SCALE = 2, EDGE = 20, LINE = 22; // pixels of the picture to one of the page; around it; between its lines
  const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const family = () => getComputedStyle(document.body).fontFamily;
  const text = (part) => (part ? part.textContent.replace(/\s+/g, " ").trim() : "");

  function loaded(address) {
    return new Promise((resolve, reject) => {
      const image = new Image();
      image.onload = () => resolve(image);
      image.onerror = reject;
      image.src = address;
    });
  }

  // The channels that are shown, with their colours.
  function legend(tile) {
    return [...tile.querySelectorAll(".leg button[aria-pressed='true'] .chn")].map((one) => [text(one), getComputedStyle(one, "::before").backgroundColor]);
  }

  async function draw(tile) {
    const viz = tile.querySelector("[data-chart]");
    // Written by the browser: ECharts' own text of it breaks at the quotes of a font's name.
    const image = await loaded("data:image/svg+xml;charset=utf-8," + encodeURIComponent(new XMLSerializer().serializeToString(viz.querySelector("svg"))));
    const key = legend(tile), head = LINE * (key.length ? 3 : 2) + EDGE;
    const width = viz.clientWidth + 2 * EDGE, height = viz.clientHeight + head + 2 * EDGE;
    const canvas = Object.assign(document.createElement("canvas"), { width: width * SCALE, height: height * SCALE });
    const pen = canvas.getContext("2d");
    const write = (words, x, y, font, colour) => { pen.font = `${font} ${family()}`; pen.fillStyle = colour; pen.fillText(words, x, y); };
    pen.scale(SCALE, SCALE);
    pen.fillStyle = css("--surface");
    pen.fillRect(0, 0, width, height);
    write(text(tile.querySelector("h2")), EDGE, EDGE + 14, "600 15px", css("--ink"));
    const days = text(tile.querySelector(".card-h .q")) || text(document.querySelector(".period summary .num"));
    write([text(tile.querySelector(".kpi-value")), days].filter(Boolean).join(" · "), EDGE, EDGE + 14 + LINE, "13px", css("--ink-2"));
    let x = EDGE;
    key.forEach(([words, colour]) => {
      pen.fillStyle = colour;
      pen.fillRect(x, EDGE + 6 + 2 * LINE, 9, 9);
      write(words, x + 14, EDGE + 14 + 2 * LINE, "12px", css("--ink-2"));
      x += pen.measureText(words).width + 30;
    });
    pen.drawImage(image, EDGE, head + EDGE, viz.clientWidth, viz.clientHeight);
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
  document.querySelectorAll("[data-picture]").forEach((button) => {
    const tile = button.closest("[data-tile]"), what = button.dataset.picture;
    if (!tile.querySelector("[data-chart]")) return;
    button.hidden = !able[what];
    button.addEventListener("click", () => {
      button.closest("details").open = false;
      (what === "png" ? save : copy)(tile);
    });
  });
})();
