// The entry form gets better with this and works without it: rows grow, what does not matter folds away,
// a second tap on "save" waits for the first.

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
  form.addEventListener("submit", () => {
    for (const button of form.querySelectorAll(".send button")) button.disabled = true;
  });
  // Coming back by the browser's own button, the form may be sent again: it carries the same id, so it is a replay.
  addEventListener("pageshow", () => {
    for (const button of form.querySelectorAll(".send button")) button.disabled = false;
  });
}

for (const form of document.querySelectorAll("form[data-entry]")) improve(form);
for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => print());
}
document.querySelector("#faults")?.focus();
