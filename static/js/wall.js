// Says on a wall screen how fresh it is, large enough to be read from the door, and takes down what has run out.
//
// live-alerts.js keeps the alerts as the server has them and writes on #live-status when it last knew so.

const LOST_AFTER = 120e3; // ms without a word from the server; it beats each 25 s
const LOOK_EVERY = 1e3;
const SMALLEST = 0.5; // share of the usual size
const NARROW = 768; // CSS pixels

const main = document.querySelector("main[data-now]");
const status = document.querySelector("#live-status");
const lost = document.querySelector("#lost");
const asOf = document.querySelector("#as-of");
const openedAt = Date.now();
// A screen's own clock may be days wrong; what runs out does so by the server's.
const behind = Date.parse(main.dataset.now) - openedAt;
const written = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "medium", timeStyle: "short" });

function put(element, text) {
  if (element.textContent !== text) element.textContent = text; // what did not change is not read out again
}

function tellAge(age) {
  const minutes = Math.floor(age / 60e3);
  const isLong = minutes >= 120;
  put(lost, (isLong ? lost.dataset.hours : lost.dataset.minutes).replace("{n}", isLong ? Math.floor(minutes / 60) : minutes));
}

function takeDown() {
  const cards = [...document.querySelectorAll("#alerts [data-expires]")];
  for (const card of cards) card.hidden = Date.parse(card.dataset.expires) <= Date.now() + behind;
  const quiet = document.querySelector("#alerts .quiet");
  if (quiet) quiet.hidden = cards.some((card) => !card.hidden);
}

// Nobody scrolls a wall: the letters shrink until everything is in sight, and grow again when there is room.
function fit() {
  const page = document.documentElement;
  page.style.removeProperty("--fit");
  if (innerWidth < NARROW) return; // a phone is scrolled
  for (let share = 0.95; share >= SMALLEST && page.scrollHeight > innerHeight; share -= 0.05) {
    page.style.setProperty("--fit", share);
  }
}

function look() {
  const checkedAt = Number(status.dataset.checkedAt) || openedAt;
  const age = Date.now() - checkedAt;
  put(asOf, asOf.dataset.text.replace("{time}", written.format(new Date(checkedAt + behind))));
  lost.hidden = age <= LOST_AFTER;
  if (!lost.hidden) tellAge(age);
  takeDown();
}

const whatStands = () => `${innerWidth} ${innerHeight} ${main.innerText}`;
let stood = "";

function keep() {
  look();
  const stands = whatStands();
  if (stands === stood) return;
  fit();
  stood = stands;
}

setInterval(keep, LOOK_EVERY);
keep();
