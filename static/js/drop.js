// A file that is dropped, or chosen: sent with its progress; what is wrong is said in place. Without a script it is a form.
(function () {
  const form = () => document.querySelector("form[data-drop]");
  let inside = 0; // dragging over what stands in the page leaves and enters all the time

  function say(place, text) {
    const wrong = place.querySelector(".drop-wrong");
    wrong.textContent = text;
    wrong.hidden = !text;
  }

  function going(place, name) {
    const part = place.querySelector(".drop-going");
    part.hidden = !name;
    part.querySelector("[data-name]").textContent = name;
    part.querySelector("progress").removeAttribute("value");
    place.querySelector("input[type=file]").disabled = Boolean(name);
  }

  function failed(place, text) {
    going(place, "");
    place.querySelector("input[type=file]").value = "";
    say(place, text);
    place.querySelector("input[type=file]").focus();
  }

  // What the server says of a file that it did not take; a page instead of a sentence is something else that broke.
  function told(request) {
    try {
      const said = JSON.parse(request.responseText);
      return said.message || "";
    } catch {
      return "";
    }
  }

  function send(place, file) {
    say(place, "");
    if (file.size > Number(place.dataset.limit)) return failed(place, place.dataset.tooLarge);
    const body = new FormData(place);
    body.set("file", file);
    going(place, file.name);
    const request = new XMLHttpRequest(), bar = place.querySelector("progress");
    request.upload.addEventListener("progress", (event) => {
      if (event.lengthComputable) bar.value = Math.round(100 * event.loaded / event.total);
    });
    request.addEventListener("load", () => {
      if (request.status === 202) location.assign(JSON.parse(request.responseText).page);
      else failed(place, told(request) || place.dataset.failed);
    });
    request.addEventListener("error", () => failed(place, place.dataset.failed));
    request.open("POST", place.action);
    request.setRequestHeader("Accept", "application/json");
    request.send(body);
  }

  const files = (event) => [...(event.dataTransfer?.types || [])].includes("Files");
  function over(on) {
    form()?.classList.toggle("over", on);
  }
  // The whole page takes it: who misses the frame by a finger's width would else see the file opened by the browser.
  document.addEventListener("dragenter", (event) => { if (files(event) && form()) { inside += 1; over(true); } });
  document.addEventListener("dragleave", (event) => { if (files(event) && form() && (inside -= 1) <= 0) { inside = 0; over(false); } });
  document.addEventListener("dragover", (event) => { if (files(event) && form()) event.preventDefault(); });
  document.addEventListener("drop", (event) => {
    const place = form();
    if (!place || !files(event)) return;
    event.preventDefault();
    inside = 0;
    over(false);
    if (place.querySelector("input[type=file]").disabled) return;
    const dropped = [...event.dataTransfer.files];
    if (dropped.length > 1) failed(place, place.dataset.one);
    else if (dropped.length) send(place, dropped[0]);
  });
  document.addEventListener("change", (event) => {
    const place = event.target.closest?.("form[data-drop]");
    if (place && event.target.type === "file" && event.target.files.length) send(place, event.target.files[0]);
  });
})();
