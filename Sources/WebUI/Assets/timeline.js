// An alert's timeline: each delivery, change and try to close, with its cause, newest first; what
// was ignored says why, and the payload is one click away.

import { get } from "./api.js";
import { h, replace } from "./dom.js";
import { icon } from "./icons.js";
import { clockTime, duration, exact, time } from "./time.js";
import { actor } from "./words.js";

const looks = {
  created: ["good", "info"], updated: ["calm", "dot"], resolved: ["good", "resolved"],
  refired: ["bad", "firing"], duplicate: ["calm", "off"], ignored_stale: ["calm", "off"],
  close_owed: ["busy", "waiting"], close_sent: ["busy", "info"],
  close_delayed: ["warn", "waiting"], close_confirmed: ["good", "resolved"],
  close_failed: ["bad", "failed"], close_cancelled: ["calm", "off"],
};

function headline({ outcome, status, cause }) {
  const who = actor(cause);
  switch (outcome) {
    case "created": return status === "firing" ? "Fired" : "Came in resolved";
    case "updated": return cause.kind === "user" ? "Nothing to do" : "Updated";
    case "resolved":
      return cause.kind === "user" ? `Resolved by ${who}` : "Resolved: BigPanda shows it closed";
    case "refired": return "Fired again";
    case "duplicate": return "Ignored: the same payload again";
    case "ignored_stale": return "Ignored: older than what was known";
    case "close_owed": return "Close owed to BigPanda";
    case "close_sent": return "BigPanda accepted the close";
    case "close_delayed": return "Close not carried out; it goes on";
    case "close_confirmed": return "Closed in BigPanda, confirmed";
    case "close_failed": return "Close failed";
    case "close_cancelled": return "Close cancelled";
    default: return outcome;
  }
}

// Why it came out as it did, where the headline alone would leave somebody wondering.
function explanation(entry, newest) {
  switch (entry.outcome) {
    case "duplicate":
      return "Byte for byte what was applied last: BigPanda, or the way here, sent it twice. "
        + "Nothing was changed.";
    case "ignored_stale":
      return entry.changed_on && newest
        ? `It tells of ${clockTime(entry.changed_on)}, ${behind(entry.changed_on, newest)} behind `
          + `what had been applied by then (${clockTime(newest)}). Nothing was changed.`
        : "A later state had been applied by then. Nothing was changed.";
    case "updated":
      if (entry.status === "resolved" && entry.cause.kind === "bigpanda") {
        return "The alert stays resolved: this is the echo of the close, or not later than it.";
      }
      return null;
    case "refired":
      return "It is later than the resolution, so the problem is back.";
    case "close_cancelled":
      return entry.comment ? null : "Nothing more is sent for it.";
    default: return null;
  }
}

function behind(earlier, later) {
  const seconds = (Date.parse(later) - Date.parse(earlier)) / 1000;
  return seconds < 1 ? "less than a second" : duration(seconds);
}

export function timeline(signal) {
  const element = h("ol", { class: "timeline", reversed: true });
  let shown = "";
  const show = (entries) => {
    const text = JSON.stringify(entries);
    if (text === shown) return;
    shown = text;
    let newest = null;
    const told = entries.map((entry) => {
      const before = newest;
      const isApplied = !["duplicate", "ignored_stale"].includes(entry.outcome);
      if (isApplied && entry.changed_on && (!newest || entry.changed_on > newest)) {
        newest = entry.changed_on;
      }
      return [entry, before];
    });
    // Entries are only ever added: those that are shown stay as they are, opened payloads too.
    const missing = told.slice(element.childElementCount);
    if (told.length < element.childElementCount) {
      replace(element, told.map((one) => row(one, signal)).reverse());
    } else {
      for (const one of missing) element.prepend(row(one, signal));
    }
  };
  return { element, show };
}

function row([entry, newest], signal) {
  const begins = entry.outcome === "created" && entry.status === "firing";
  const [tone, shape] = looks[begins ? "refired" : entry.outcome] ?? ["calm", "dot"];
  const why = explanation(entry, newest);
  const cause = actor(entry.cause);
  return h("li", { class: tone },
    h("span", { class: `mark ${tone}` }, icon(shape)),
    h("div", {},
      h("p", { class: "what" }, headline(entry)),
      why && h("p", { class: "why" }, why),
      entry.comment && h("p", { class: "comment" }, entry.comment),
      h("p", { class: "when" }, time(entry.at), h("span", { "aria-hidden": "true" },
        ` · ${exact(entry.at)}`), ` · by ${cause}`,
      entry.changed_on && h("span", {}, ` · BigPanda's time ${clockTime(entry.changed_on)}`)),
      entry.delivery_id && payload(entry.delivery_id, signal)));
}

// The webhook as it came in, fetched when somebody opens it.
export function payload(id, signal) {
  const content = h("div", {});
  let isLoaded = false;
  return h("details", {
    class: "payload",
    ontoggle: async (event) => {
      if (!event.target.open || isLoaded) return;
      replace(content, h("p", { role: "status" }, "Loading…"));
      try {
        const delivery = await get(`/v1/deliveries/${encodeURIComponent(id)}`, { signal });
        isLoaded = true;
        replace(content, body(delivery), h("p", {},
          h("a", { href: `/deliveries/${encodeURIComponent(id)}` }, `Webhook ${id}`)));
      } catch (error) {
        if (signal.aborted) return;
        replace(content, h("p", { class: "reason" }, error.status === 404
          ? "The journal no longer has it: it keeps what GATEWAY_RETENTION_DAYS and "
            + "GATEWAY_JOURNAL_BYTES allow." : error.message));
      }
    },
  }, h("summary", {}, "Raw payload"), content);
}

// JSON with its members on lines of their own, and else as it came: nothing is read, so no number
// loses a digit and no member that stands twice is lost.
function spread(text) {
  let depth = 0;
  const line = () => `\n${"  ".repeat(Math.min(Math.max(depth, 0), 40))}`;
  return text.replace(/"(?:[^"\\]|\\.)*"|\s+|[[{]\s*[\]}]|[[\]{},:]/g, (part) => {
    if (/^\s/.test(part)) return "";
    if (part.length > 1) return part;
    if (part === "{" || part === "[") {
      depth += 1;
      return part + line();
    }
    if (part === "}" || part === "]") {
      depth -= 1;
      return line() + part;
    }
    if (part === ",") return part + line();
    return part === ":" ? ": " : part;
  });
}

// A body as it came.
export function body(delivery) {
  if (delivery.body_base64) {
    return h("p", {}, "Not text; in base 64: ", h("code", {}, delivery.body_base64));
  }
  if (delivery.body === null) return h("p", { class: "quiet" }, "The body was not kept.");
  let text = delivery.body;
  try {
    JSON.parse(text);
    text = spread(text);
  } catch {
    // Shown as it is.
  }
  return h("pre", { tabindex: "0", role: "region", "aria-label": `Body of ${delivery.id}` },
    text);
}
