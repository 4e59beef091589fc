// Keeps the alerts on this page as fresh as the server has them, and says how fresh that is.
//
// <main data-live="/ws/alerts/?after=41&area=..."> says where to listen. A message only rings the bell:
// the page is fetched again and the part that changed put in place, so that the server alone decides what
// an alert looks like. A WebSocket first, else server-sent events, else a look each minute.

const SILENCE = 60e3; // ms; the server beats each 25 s
const LOOK_EVERY = 60e3;
const TRIES = 3; // failures before the next way is taken
const LONGEST_WAIT = 30e3;
const AGE_EVERY = 5e3;

const main = document.querySelector("main[data-live]");
const region = document.querySelector("#alerts, #alert");
const status = document.querySelector("#live-status");

const word = document.createElement("span"); // announced when it changes
word.setAttribute("role", "status");
const age = document.createElement("span"); // changes all the time, so it is not announced

let head = 0; // all that we asked for was heard up to here
let stream = null; // changes when the server's database was put back to an earlier day
let way = 0; // 0 socket, 1 stream, 2 a look each minute
let failures = 0;
let isLive = false;
let isOpen = false;
let checkedAt = Date.now();
let line = null; // what we listen on
let timer = 0;
let silence = 0;
let refreshing = null;
let isWanted = false;

function say(name, values = {}) {
  const text = status.dataset[name] ?? "";
  return Object.entries(values).reduce((said, [key, value]) => said.replace(`{${key}}`, value), text);
}

function clock(at) {
  return new Date(at).toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit" });
}

// The server says UTC, which nobody's clock shows at night; the browser knows the hour here.
function tellHere(root) {
  const written = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "medium", timeStyle: "short" });
  for (const time of root.querySelectorAll("time[datetime]")) {
    time.title = time.textContent;
    time.textContent = written.format(new Date(time.dateTime));
  }
}

function tellAge() {
  status.dataset.checkedAt = checkedAt; // for what shows it elsewhere, such as a wall screen
  const seconds = Math.round((Date.now() - checkedAt) / 1000);
  age.textContent = isLive ? " " + say("ageText", { seconds }) : "";
}

function tell(name) {
  if (!word.isConnected) status.replaceChildren(word, age);
  const text = say(name, { time: clock(checkedAt) });
  if (word.textContent !== text) word.textContent = text;
  status.classList.toggle("stale", !isLive);
  tellAge();
}

function checked() {
  checkedAt = Date.now();
  if (!isLive) {
    isLive = true;
    tell("liveText");
  }
  tellAge();
}

function stale() {
  isLive = false;
  tell("staleText");
}

function address(kind) {
  const url = new URL(main.dataset.live, location.href);
  url.searchParams.set("after", head);
  if (kind === "socket") url.protocol = url.protocol.replace("http", "ws");
  else url.pathname = "/alerts/live/";
  return url.href;
}

// The part that may change, anew. Keeps the element itself, so that what is new in it is announced.
async function swap() {
  const answer = await fetch(location.href, { cache: "no-store" });
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.getElementById(region.id);
  const live = page.querySelector("main[data-live]");
  if (!fresh || !live) throw new Error("not this page");
  tellHere(fresh);
  const held = region.contains(document.activeElement) && document.activeElement.getAttribute("href");
  region.className = fresh.className;
  region.replaceChildren(...fresh.childNodes);
  if (held) region.querySelector(`a[href="${CSS.escape(held)}"]`)?.focus();
  const shown = Number(new URL(live.dataset.live, location.href).searchParams.get("after"));
  head = Math.max(head, shown || 0);
}

// One at a time; whatever comes meanwhile is one more at the end.
function refresh() {
  isWanted = true;
  refreshing ??= (async () => {
    for (let wait = 1e3; isWanted; ) {
      isWanted = false;
      try {
        await swap();
        checkedAt = Date.now();
        isLive = true;
        tell(way === 2 ? "liveText" : "updatedText");
        wait = 1e3;
      } catch {
        stale();
        isWanted = true;
        await new Promise((done) => setTimeout(done, wait * (1 + Math.random())));
        wait = Math.min(wait * 2, LONGEST_WAIT);
      }
    }
    refreshing = null;
  })();
  return refreshing;
}

function heard(message) {
  clearTimeout(silence);
  silence = setTimeout(lost, SILENCE);
  if (message.type === "hello") {
    isOpen = true;
    failures = 0;
    if (way === 2) way = 0;
    clearTimeout(timer);
    if (message.reset || (stream && stream !== message.stream)) {
      head = message.head;
      refresh();
    }
    stream = message.stream;
  } else if (message.type === "event") {
    head = Math.max(head, message.seq);
    if (!region.dataset.alert || region.dataset.alert === message.event.alert.id) refresh();
  } else if (message.type === "heartbeat") {
    head = Math.max(head, message.head);
  }
  if (!refreshing) checked();
}

function hang() {
  clearTimeout(timer);
  clearTimeout(silence);
  if (line) {
    line.onclose = line.onerror = null;
    line.close();
  }
  line = null;
  isOpen = false;
}

function lost() {
  const wasOpen = isOpen;
  hang();
  failures += 1;
  if (!wasOpen && failures % TRIES === 0) way = Math.min(way + 1, 2);
  if (way < 2) stale();
  // Spread out: after a restart everyone comes back at once.
  const wait = way === 2 ? LOOK_EVERY : 1e3 + Math.random() * Math.min(LONGEST_WAIT, 2e3 * 2 ** failures);
  timer = setTimeout(connect, wait);
}

function connect() {
  hang();
  if (way === 2) refresh();
  if (way === 1) {
    line = new EventSource(address("stream"));
    for (const type of ["hello", "event", "heartbeat"]) {
      line.addEventListener(type, (event) => heard(JSON.parse(event.data)));
    }
  } else {
    line = new WebSocket(address("socket"));
    line.onmessage = (event) => heard(JSON.parse(event.data));
    line.onclose = lost;
  }
  line.onerror = lost;
}

function comeBack() {
  if (document.visibilityState === "visible" && !isOpen) connect();
}

if (main && region && status) {
  head = Number(new URL(main.dataset.live, location.href).searchParams.get("after")) || 0;
  tellHere(region);
  setInterval(tellAge, AGE_EVERY);
  addEventListener("online", comeBack);
  document.addEventListener("visibilitychange", comeBack);
  addEventListener("pagehide", hang);
  addEventListener("pageshow", (event) => event.persisted && (connect(), refresh()));
  connect();
}
