// What happens, as it happens: the gateway's stream of events.
//
// The browser resumes it by itself where it broke off. When it gives up, or the gateway has lost
// the place, pages are told to load anew; until the stream is back they do so now and then.

const kinds = ["alert", "close", "delivery", "integration"];
const pollMilliseconds = 15000;
const waitMaxMilliseconds = 30000;
const hiddenMaxMilliseconds = 30000;

// The gateway writes the counts of /v1/statistics down up to 5 s behind what they count.
export const countsMilliseconds = 6000;

const listeners = new Set();
let source = null;
let showState = () => {};
let wait = 1000;
let retry = null;
let poll = null;
let pause = null;
let lastID = "";
let isStarted = false;
let isPaused = false;
let wasLive = false;

export function onState(action) {
  showState = action;
}

// Calls `action(kind, object)` until `signal` ends it; kind is "reset" when all is to be loaded.
export function on(wanted, action, signal) {
  const listener = { wanted: new Set(wanted), action };
  listeners.add(listener);
  signal.addEventListener("abort", () => listeners.delete(listener));
}

function tell(kind, object) {
  for (const { wanted, action } of [...listeners]) {
    if (kind === "reset" || wanted.has(kind)) action(kind, object);
  }
}

function isLive() {
  showState("live");
  wait = 1000;
  clearInterval(poll);
  poll = null;
}

function isLost() {
  showState(wasLive ? "lost" : "off");
  poll ??= setInterval(() => tell("reset"), pollMilliseconds);
}

export function start() {
  stop();
  showState("connecting");
  isStarted = true;
  open();
}

function open() {
  isPaused = false;
  const place = lastID ? `?last_event_id=${encodeURIComponent(lastID)}` : "";
  const opened = new EventSource(`/v1/stream${place}`);
  source = opened;
  // Behind a connection without a place nobody knows what was missed: pages load while it is made.
  let hasMissed = !lastID;
  const note = (event) => {
    lastID = event.lastEventId || lastID;
  };
  opened.onopen = () => {
    if (hasMissed) tell("reset");
    hasMissed = false;
    wasLive = true;
    isLive();
  };
  opened.onerror = () => {
    isLost();
    if (opened.readyState !== EventSource.CLOSED) return;
    retry = setTimeout(open, wait);
    wait = Math.min(wait * 2, waitMaxMilliseconds);
  };
  opened.addEventListener("reset", (event) => {
    note(event);
    tell("reset");
  });
  opened.addEventListener("removed", (event) => {
    note(event);
    const object = JSON.parse(event.data);
    tell(object.kind, object);
  });
  for (const kind of kinds) {
    opened.addEventListener(kind, (event) => {
      note(event);
      tell(kind, JSON.parse(event.data));
    });
  }
}

export function stop() {
  close();
  isStarted = false;
  wasLive = false;
  lastID = "";
  showState("stopped");
}

function close() {
  source?.close();
  source = null;
  clearTimeout(retry);
  clearInterval(poll);
  poll = null;
}

// A browser has six connections to a gateway for all of its tabs: one that nobody looks at gives
// its own back, and goes on where it was as soon as somebody looks.
document.addEventListener("visibilitychange", () => {
  clearTimeout(pause);
  if (!isStarted) return;
  if (document.hidden) {
    pause = setTimeout(() => {
      isPaused = true;
      close();
    }, hiddenMaxMilliseconds);
  } else if (isPaused) {
    open();
  }
});

// Runs `action` at the pace of a page whose stream is lost, for what no event tells: not while
// nobody looks, and at once when somebody looks again. While the stream is lost, "reset" does it.
export function regularly(action, signal) {
  const look = () => {
    if (!document.hidden && !poll) action();
  };
  const timer = setInterval(look, pollMilliseconds);
  signal.addEventListener("abort", () => clearInterval(timer));
  document.addEventListener("visibilitychange", look, { signal });
}

// Runs `action` once for any number of calls that follow each other quickly.
export function soon(action, signal, milliseconds = 250) {
  let timer = null;
  signal.addEventListener("abort", () => clearTimeout(timer));
  return () => {
    timer ??= setTimeout(() => {
      timer = null;
      if (!signal.aborted) action();
    }, milliseconds);
  };
}
