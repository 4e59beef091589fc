// How far an import is, without loading the page again and again. Without this the page refreshes itself.

const EVERY = 1000; // ms

function show(part, { done, total }) {
  const bar = part.querySelector("progress");
  if (total) {
    bar.max = total;
    bar.value = done;
  }
  part.querySelector("[data-done]").textContent = String(done);
  part.querySelector("[data-total]").textContent = total ? String(total) : "…";
}

async function look(part) {
  try {
    const answer = await fetch(part.dataset.import, { credentials: "same-origin", headers: { Accept: "application/json" } });
    if (!answer.ok || answer.redirected) return location.reload(); // signed out, or deleted: the page says so
    const told = await answer.json();
    if (!told.working) return location.reload();
    show(part, told);
  } catch {
    // No line just now: the work goes on all the same.
  }
  setTimeout(() => look(part), EVERY);
}

for (const part of document.querySelectorAll("[data-import]")) look(part);
