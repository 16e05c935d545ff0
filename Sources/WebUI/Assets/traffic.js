// A source's silences: what was learned of when its webhooks come, and whether anybody is told.

import { may, patch } from "./api.js";
import { busy, errorBox } from "./dialog.js";
import { facts, h, refresh } from "./dom.js";
import { badge } from "./icons.js";
import { time } from "./time.js";
import { plural } from "./words.js";

const daysToLearn = 14;

export const isQuiet = (source) => source.quiet_watch && source.traffic?.state === "quiet";

export const quietBadge = () => badge("warn", "waiting", "Quiet");

// What stands on a source's page; `taken` gets the source that a press of the button made.
export function silence(path, taken) {
  let source = null;
  const about = h("div");
  const error = errorBox();
  const toggle = h("button", { type: "button", onclick: async () => {
    error.say("");
    let changed = null;
    await busy(toggle, "Changing…", async () => {
      try {
        changed = await patch(path, { quiet_watch: !source.quiet_watch });
      } catch (problem) {
        error.say(problem.message);
      }
    });
    if (changed) taken(changed);
  } });
  const show = (current) => {
    source = current;
    if (!toggle.classList.contains("busy")) {
      toggle.textContent = source.quiet_watch ? "Stop watching" : "Watch";
    }
    refresh(about, facts([
      ["Watched", source.quiet_watch ? "Yes: it is told when webhooks that usually come stay away"
        : "No: nobody is told when they stay away"],
      ["Traffic", traffic(source)],
      ["Quiet since", source.traffic?.state === "quiet" && source.last_delivery_at
        ? time(source.last_delivery_at) : null],
      ["Missing", missing(source.traffic)],
    ]));
  };
  const element = h("section", { class: "card", "aria-labelledby": "silence-title" },
    h("h2", { id: "silence-title" }, "Silence"), about, error, may("admin") && toggle);
  return { element, show };
}

function traffic({ traffic: learned }) {
  switch (learned?.state) {
    case undefined: return "Not looked at while it is disabled";
    case "quiet": return quietBadge();
    case "normal": return badge("good", "resolved", "Normal");
    case "learning": return [badge("busy", "waiting", "Learning"),
      ` ${plural(learned.days_learned, "day")} of ${daysToLearn}`];
    default: return learned.state;
  }
}

function missing(learned) {
  if (learned?.state !== "quiet") return null;
  return `About ${learned.missed_spans} of the last ${learned.silent_spans} spans of ten minutes `
    + "usually bring a webhook";
}
