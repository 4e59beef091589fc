// The entry form gets better with this and works without it: rows grow, what does not matter folds away,
// a second tap on "save" waits for the first, and nothing typed is lost to a dead line or a session that ended.

const PATIENCE = 15e3; // ms until a line that says nothing counts as dead

const showFor = {
  // "name=value": while that choice is made. "name~number": while the amount chosen takes a number.
  "=": (control, value) => control?.value === value,
  "~": (control) => !["", "primary", "major", "minor", "trace"].includes(control?.value ?? ""),
};

function fold(form) {
  for (const part of form.querySelectorAll("[data-shown-with]")) {
    const [, name, sign, value] = part.dataset.shownWith.match(/^([^=~]+)([=~])(.*)$/);
    part.hidden = !showFor[sign](form.elements.namedItem(name), value) && !part.querySelector(".wrong");
    for (const field of part.querySelectorAll("input, select")) field.disabled = part.hidden;
  }
}

function addRow(group) {
  const rows = group.querySelectorAll("[data-row]");
  const last = rows[rows.length - 1];
  const number = Number(last.dataset.row);
  if (number + 1 >= Number(group.dataset.most)) return;
  const row = last.cloneNode(true);
  row.dataset.row = String(number + 1);
  for (const part of [row, ...row.querySelectorAll("*")]) {
    for (const name of ["id", "for", "name", "data-shown-with", "aria-describedby"]) {
      const value = part.getAttribute(name);
      if (value) part.setAttribute(name, value.replace(`-finding-${number}-`, `-finding-${number + 1}-`));
    }
  }
  for (const field of row.querySelectorAll("input, select")) {
    if (field.type === "checkbox") field.checked = false;
    else field.value = "";
    field.removeAttribute("aria-invalid");
  }
  for (const wrong of row.querySelectorAll(".wrong")) wrong.remove();
  last.after(row);
  row.querySelector("input").focus();
}

function isEmpty(row) {
  const typed = [...row.querySelectorAll("input, select")].some((field) => (field.type === "checkbox" ? field.checked : field.value));
  return !typed && !row.querySelector(".wrong");
}

// Without a script there are several empty rows; with one, two are enough until more are asked for.
function dropSpareRows(group) {
  for (const row of [...group.querySelectorAll("[data-row]")].slice(2).reverse()) {
    if (!isEmpty(row)) return;
    row.remove();
  }
}

function improve(form) {
  form.addEventListener("change", () => fold(form));
  for (const group of form.querySelectorAll("[data-grows]")) {
    dropSpareRows(group);
    const button = group.querySelector("[data-add-row]");
    button.hidden = false;
    button.addEventListener("click", () => {
      addRow(group);
      fold(form);
    });
  }
  fold(form);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    send(form);
  });
  // Coming back by the browser's own button, the form may be sent again: it carries the same id, so it is a replay.
  addEventListener("pageshow", () => rest(form, false));
}

function rest(form, isResting) {
  for (const button of form.querySelectorAll(".send button")) button.disabled = isResting;
}

// A form sent into a dead line, or after the session ended, would take what was typed with it. So the line is tried
// first, and the page stays as it is until it answers.
async function send(form) {
  rest(form, true);
  const problem = await tryLine(form);
  for (const note of form.querySelectorAll("[data-line]")) note.hidden = note.dataset.line !== problem;
  if (!problem) return form.submit();
  rest(form, false);
  form.querySelector(`[data-line="${problem}"]`)?.scrollIntoView({ block: "center" });
}

// What stands in the way of sending: "dead", "signed-out", or nothing.
async function tryLine(form) {
  const wasSignedOut = Boolean(form.querySelector("[data-line=signed-out]:not([hidden])"));
  try {
    const method = wasSignedOut ? "GET" : "HEAD";
    const answer = await fetch(location.href, { method, cache: "no-store", signal: AbortSignal.timeout(PATIENCE) });
    if (answer.redirected) return "signed-out";
    if (wasSignedOut) takeToken(form, await answer.text());
  } catch {
    return "dead";
  }
  return "";
}

// Signing in again makes the token of a form that waited worthless.
function takeToken(form, text) {
  const fresh = new DOMParser().parseFromString(text, "text/html").querySelector("[name=csrfmiddlewaretoken]");
  const held = form.querySelector("[name=csrfmiddlewaretoken]");
  if (fresh && held) held.value = fresh.value;
}

for (const form of document.querySelectorAll("form[data-entry]")) improve(form);
for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => print());
}
document.querySelector("#faults")?.focus();
