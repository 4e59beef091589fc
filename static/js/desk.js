// The desk, live and by keyboard. The page works without this: every step is a form, every item a link.

const lists = document.getElementById("desk-lists");
const status = document.getElementById("desk-status");
const FIRST_WAIT = 1000;
const LONGEST_WAIT = 30000; // ms
const QUIET_TOO_LONG = 60000; // ms: a heartbeat comes every 25 s

// Being live

let wait = FIRST_WAIT;
let heardAt = Date.now();
let shownAt = Date.now(); // how old what is shown is
let isStale = false;

function connect() {
  heardAt = Date.now();
  const scheme = location.protocol === "https:" ? "wss:" : "ws:";
  const socket = new WebSocket(`${scheme}//${location.host}/ws/desk/`);
  const watch = setInterval(() => {
    if (Date.now() - heardAt > QUIET_TOO_LONG) socket.close();
  }, 5000);
  socket.onmessage = (message) => {
    heardAt = Date.now();
    const said = JSON.parse(message.data);
    if (said.type === "hello") {
      wait = FIRST_WAIT;
      status.textContent = status.dataset.live;
    }
    if (said.type === "hello" || said.type === "changed") refresh();
  };
  socket.onclose = () => {
    clearInterval(watch);
    sayLost();
    setTimeout(connect, wait * (0.5 + Math.random()));
    wait = Math.min(wait * 2, LONGEST_WAIT);
  };
}

function sayLost() {
  const time = new Date(shownAt).toLocaleTimeString(document.documentElement.lang, { timeStyle: "short" });
  status.textContent = status.dataset.lost.replace("{time}", time);
}

// New lists wait until nobody is in the middle of something: what is half typed is not taken away.
async function refresh() {
  if (isBusy()) {
    isStale = true;
    return;
  }
  isStale = false;
  const answer = await fetch(lists.dataset.fragment, { credentials: "same-origin", redirect: "error" }).catch(() => null);
  if (!answer || !answer.ok) {
    isStale = true;
    sayLost();
    return;
  }
  shownAt = Date.now();
  status.textContent = status.dataset.live;
  const html = await answer.text();
  if (isBusy()) {
    isStale = true;
    return;
  }
  const item = current()?.dataset.item;
  const chosen = [...lists.querySelectorAll("input[type=checkbox]:checked")].map((each) => each.id);
  const open = [...lists.querySelectorAll("[data-item] details[open]")].map(placeOf);
  lists.innerHTML = html; // our own page's fragment
  for (const id of chosen) document.getElementById(id)?.click();
  for (const place of open) detailsAt(place)?.setAttribute("open", "");
  if (item) focus(lists.querySelector(`[data-item="${item}"]`));
}

function placeOf(details) {
  const home = details.closest("[data-item]");
  return [home.dataset.item, [...home.querySelectorAll("details")].indexOf(details)];
}

function detailsAt([item, number]) {
  return lists.querySelector(`[data-item="${item}"]`)?.querySelectorAll("details")[number];
}

function isBusy() {
  const at = document.activeElement;
  if (at && lists.contains(at) && at.matches("input:not([type=checkbox]), select, textarea")) return true;
  return [...lists.querySelectorAll("input[name=because]:not([type=hidden])")].some((each) => each.value !== "");
}

lists.addEventListener("focusout", () => setTimeout(() => isStale && refresh(), 300));

// Keys

const items = () => [...lists.querySelectorAll("[data-item]")];
const current = () => document.activeElement?.closest?.("[data-item]");

function focus(item) {
  if (!item) return;
  item.tabIndex = -1;
  item.focus();
  item.scrollIntoView({ block: "nearest" });
}

function move(by) {
  const all = items();
  const at = all.indexOf(current());
  focus(all[at === -1 ? (by > 0 ? 0 : all.length - 1) : Math.min(Math.max(at + by, 0), all.length - 1)]);
}

function press(key, within = lists) {
  const found = within?.querySelector(`[data-key="${key}"]`);
  if (!found) return;
  if (found.matches("details")) {
    found.open = true;
    found.querySelector("input:not([type=hidden]), select")?.focus();
  } else {
    found.click();
  }
}

const KEYS = {
  j: () => move(1),
  ArrowDown: () => move(1),
  k: () => move(-1),
  ArrowUp: () => move(-1),
  Enter: () => document.activeElement === current() && current()?.querySelector("h3 a")?.click(),
  t: () => press("t", current()),
  d: () => press("d", current()),
  a: () => press("a", current()),
  x: () => press("x", current()),
  m: () => press("m"),
  u: () => press("u"),
  "?": () => {
    const keys = document.querySelector(".keys");
    keys.open = true;
    keys.querySelector("summary").focus();
  },
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const at = event.target;
  if (event.key === "Escape" && at.closest?.("[data-item]")) {
    focus(at.closest("[data-item]"));
    return;
  }
  if (at.matches?.("input:not([type=checkbox]), select, textarea")) return;
  const isOurs = event.key === "Enter" ? at === current() : !(event.key.startsWith("Arrow") && at.matches("summary"));
  const act = isOurs && KEYS[event.key];
  if (!act) return;
  event.preventDefault();
  act();
});

// After a step one is where one was, not at the top again.
document.addEventListener("submit", () => {
  const item = current()?.dataset.item;
  if (item) sessionStorage.setItem("desk-at", item);
});
const before = sessionStorage.getItem("desk-at");
if (before) {
  sessionStorage.removeItem("desk-at");
  focus(lists.querySelector(`[data-item="${CSS.escape(before)}"]`) ?? items()[0]);
}

connect();
