// A part of the page as it is seen, painted on a canvas: grounds, outlines, drawings and words, where they stand and as
// they look. What cannot be seen, and what `without` matches, is left out. Not here: what a picture is made of (picture.js).
(function () {
  const NONE = /^rgba\(.*, 0\)$|^transparent$/;
  const LOOKS = ["fill", "stroke", "stroke-width", "stroke-opacity", "stroke-dasharray", "opacity", "font-size", "font-weight", "font-family"];
  const unseen = (look) => look.display === "none" || look.visibility === "hidden";

  function loaded(address) {
    return new Promise((resolve, reject) => {
      const image = new Image();
      image.onload = () => resolve(image);
      image.onerror = reject;
      image.src = address;
    });
  }

  // A drawing as an image of its own, which has no style sheet: what it says of looks goes along as attributes.
  function drawing(svg) {
    const copy = svg.cloneNode(true), box = svg.getBoundingClientRect();
    const from = [svg, ...svg.querySelectorAll("*")], to = [copy, ...copy.querySelectorAll("*")];
    from.forEach((part, i) => {
      const look = getComputedStyle(part);
      LOOKS.forEach((name) => to[i].setAttribute(name, look.getPropertyValue(name)));
    });
    copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
    copy.setAttribute("width", box.width);
    copy.setAttribute("height", box.height);
    return loaded("data:image/svg+xml;charset=utf-8," + encodeURIComponent(new XMLSerializer().serializeToString(copy)));
  }

  // The words of a text, line by line as they were set.
  function lines(node) {
    const range = document.createRange(), found = [], text = node.data;
    for (let at = 0; at < text.length; ) {
      const end = at + String.fromCodePoint(text.codePointAt(at)).length;
      range.setStart(node, at);
      range.setEnd(node, end);
      const box = range.getClientRects()[0];
      const sign = text.slice(at, end), blank = !sign.trim(), last = found.at(-1);
      if (box && box.width) {
        const same = last && Math.abs(last.top - box.top) < 2;
        if (same) Object.assign(last, { words: last.words + sign, right: blank ? last.right : box.right });
        else if (!blank) found.push({ words: sign, left: box.left, right: box.right, top: box.top, height: box.height });
      }
      at = end;
    }
    return found;
  }

  function ground(pen, box, look, x, y) {
    if (!NONE.test(look.backgroundColor)) {
      pen.fillStyle = look.backgroundColor;
      pen.beginPath();
      pen.roundRect(x, y, box.width, box.height, parseFloat(look.borderTopLeftRadius) || 0);
      pen.fill();
    }
    if (look.outlineStyle !== "none" && parseFloat(look.outlineWidth)) {
      const inside = -parseFloat(look.outlineOffset);
      pen.strokeStyle = look.outlineColor;
      pen.setLineDash(look.outlineStyle === "dashed" ? [3, 2] : []);
      pen.strokeRect(x + inside, y + inside, box.width - 2 * inside, box.height - 2 * inside);
      pen.setLineDash([]);
    }
    if (look.borderTopStyle !== "none" && parseFloat(look.borderTopWidth)) {
      pen.fillStyle = look.borderTopColor;
      pen.fillRect(x, y, box.width, parseFloat(look.borderTopWidth));
    }
  }

  // The square before a channel's name stands in no element.
  function square(pen, part, x, y) {
    const look = getComputedStyle(part, "::before"), size = parseFloat(look.width);
    if (look.content === "none" || !size || NONE.test(look.backgroundColor)) return;
    pen.fillStyle = look.backgroundColor;
    pen.fillRect(x, y + (part.getBoundingClientRect().height - size) / 2, size, size);
  }

  function write(pen, node, look, left, top) {
    pen.font = `${look.fontWeight} ${look.fontSize} ${look.fontFamily}`;
    pen.fillStyle = look.color;
    pen.textBaseline = "middle";
    // A canvas has no tabular figures: what ends at an edge, or stands in a middle, does so there too.
    pen.textAlign = { right: "right", end: "right", center: "center" }[look.textAlign] || "left";
    const at = { left: (line) => line.left, right: (line) => line.right, center: (line) => (line.left + line.right) / 2 }[pen.textAlign];
    lines(node).forEach((line) => pen.fillText(line.words.trimEnd(), at(line) - left, line.top - top + line.height / 2));
  }

  // `pen` stands where the part's own top left corner is to come.
  async function paint(pen, root, without) {
    const { left, top } = root.getBoundingClientRect();
    async function walk(part) {
      const look = getComputedStyle(part), box = part.getBoundingClientRect();
      if (unseen(look) || part.matches(without)) return;
      if (part instanceof SVGSVGElement) {
        if (box.width && box.height) pen.drawImage(await drawing(part), box.left - left, box.top - top, box.width, box.height);
        return;
      }
      if (part !== root) ground(pen, box, look, box.left - left, box.top - top);
      square(pen, part, box.left - left, box.top - top);
      for (const child of part.childNodes) {
        if (child.nodeType === Node.TEXT_NODE) write(pen, child, look, left, top);
        else if (child.nodeType === Node.ELEMENT_NODE) await walk(child);
      }
    }
    await walk(root);
  }

  window.paint = { paint, loaded };
})();
