// What drawings stand on: SVG elements, and texts cut to their place. Not here: what is drawn (ribbon.js, confluence.js).
(function () {
  const NS = "http://www.w3.org/2000/svg";

  function make(name, attributes, parent, text) {
    const element = document.createElementNS(NS, name);
    for (const key in attributes) element.setAttribute(key, attributes[key]);
    if (text != null) element.textContent = text;
    if (parent) parent.append(element);
    return element;
  }

  function fit(element, most) { // a text too long for its place ends in dots
    for (let text = element.textContent; text && element.getComputedTextLength() > most; ) {
      text = text.slice(0, -1);
      element.textContent = text + "…";
    }
  }

  window.drawing = { make, fit };
})();
