// The composer gets better with this and works without it: ticks write into the boxes at once, and the
// preview follows what is typed. The latest words win; nothing here saves anything.

const PAUSE = 400; // ms without a keystroke before the preview is asked for
const PATIENCE = 15e3; // ms until a line that says nothing counts as dead

const form = document.querySelector("form[data-composer]");
const target = document.querySelector("[data-preview]");
const status = document.querySelector("[data-preview-status]");
const token = () => form.elements.namedItem("csrfmiddlewaretoken").value;

let waiting = 0;
let asked = 0; // number of the newest question
let going = null;

function say(what) {
  const text = status.dataset[what];
  if (status.textContent !== text) status.textContent = text;
}

// What a person has folded open stays open.
function keepOpen(replace) {
  const open = [...target.querySelectorAll("details")].map((each) => each.open);
  const scrolled = target.parentElement.scrollTop;
  replace();
  target.querySelectorAll("details").forEach((each, at) => {
    if (at in open) each.open = open[at];
  });
  target.parentElement.scrollTop = scrolled;
}

async function ask() {
  const mine = ++asked;
  going?.abort();
  going = new AbortController();
  const patience = setTimeout(() => going?.abort(), PATIENCE);
  try {
    const answer = await fetch(form.dataset.previewUrl + location.search, {
      method: "POST",
      body: new URLSearchParams(new FormData(form)),
      headers: { "X-Fragment": "preview", "X-CSRFToken": token() },
      signal: going.signal,
    });
    if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
    const text = await answer.text();
    if (mine !== asked) return;
    keepOpen(() => { target.innerHTML = text; });
    say("fresh");
  } catch {
    if (mine === asked) say("lost");
  } finally {
    clearTimeout(patience);
  }
}

function soon() {
  say("waiting");
  clearTimeout(waiting);
  waiting = setTimeout(ask, PAUSE);
}

const linesOf = (box) => box.value.split("\n").map((line) => line.trim()).filter(Boolean);

// A tick puts the block's words into the box of each language, before the first larger step; taking it away takes them out.
function tick(box) {
  const all = [...form.querySelectorAll(`input[name="pick"][data-kind="${box.dataset.kind}"]`)];
  for (const text of box.parentElement.querySelectorAll("[data-text]")) {
    const field = form.elements.namedItem(`${text.dataset.text}-${box.dataset.kind}`);
    if (!field) continue;
    const words = text.textContent.trim();
    const lines = linesOf(field).filter((line) => line !== words);
    if (box.checked) {
      const larger = new Set(all.slice(all.indexOf(box) + 1).map((each) => textOf(each, text.dataset.text)));
      const place = lines.findIndex((line) => larger.has(line));
      lines.splice(place < 0 ? lines.length : place, 0, words);
    }
    field.value = lines.join("\n");
  }
  const shown = new Set(form.elements.namedItem("shown").value.split(" ").filter(Boolean));
  if (box.checked) shown.add(box.value);
  else shown.delete(box.value);
  form.elements.namedItem("shown").value = [...shown].join(" ");
}

function textOf(box, language) {
  return box.parentElement.querySelector(`[data-text="${language}"]`)?.textContent.trim();
}

if (form && target) {
  form.addEventListener("input", soon);
  form.addEventListener("change", (event) => {
    if (event.target.name === "pick") tick(event.target);
    soon();
  });
  form.querySelector("[data-ask-preview]").addEventListener("click", (event) => {
    event.preventDefault();
    clearTimeout(waiting);
    ask();
  });
}
document.querySelector("#faults")?.focus();
