// The canary of an integration: a synthetic incident that goes the whole way now and then.

import { get, may, put, remove } from "./api.js";
import { confirm, openDialog } from "./dialog.js";
import { field, h } from "./dom.js";
import { badge } from "./icons.js";
import { time } from "./time.js";

const states = {
  waiting: ["busy", "waiting", "None has ended yet"],
  passed: ["good", "resolved", "Passed"],
  failed: ["bad", "failed", "Failed"],
  late: ["warn", "waiting", "Late"],
};
const intervalSecondsDefault = 3600;

// The canary as it is, or what kept it from being known.
export async function canaryOf(path, signal) {
  try {
    return await get(`${path}/canary`, { signal });
  } catch (problem) {
    if (signal.aborted) throw problem;
    return { problem: problem.message };
  }
}

// Entries for the facts of an integration.
export function canaryFacts(canary) {
  if (canary.problem) return [["Canary", canary.problem]];
  if (!canary.enabled) return [["Canary", "Off"]];
  const run = canary.last_run;
  const hops = run?.hops ?? [];
  return [
    ["Canary", [badge(...states[canary.state] ?? ["calm", "dot", canary.state]),
      ` every ${interval(canary.interval_seconds)}`]],
    ["Its last one", run && [time(run.ended_at), run.failed_hop
      ? `, got no further than ${run.failed_hop}: ${run.reason}`
      : `, took ${latency(hops.reduce((sum, { seconds }) => sum + seconds, 0))}`]],
    ["Its hops", hops.map(({ hop, seconds }) => `${hop} ${latency(seconds)}`).join(", ")],
    ["Last passed", canary.last_passed_at ? time(canary.last_passed_at) : "Never"],
  ];
}

// In the largest unit of which it is a whole number.
function interval(seconds) {
  const [unit, length] = [["h", 3600], ["min", 60]].find(([, size]) => seconds % size === 0)
    ?? ["s", 1];
  return `${seconds / length} ${unit}`;
}

const latency = (seconds) =>
  (seconds < 1 ? `${Math.round(seconds * 1000)} ms` : `${seconds.toFixed(1)} s`);

// `changed` loads the integrations anew.
export function canaryButtons(integration, path, changed) {
  const { canary } = integration;
  if (!may("admin") || canary.problem) return null;
  const id = `canary-${integration.id}`;
  // Of the two buttons this one stays.
  const done = async () => {
    await changed();
    document.getElementById(id)?.focus();
  };
  return [
    h("button", { type: "button", id,
      onclick: () => canaryDialog(integration, path, done) },
    canary.enabled ? "Change canary" : "Set canary"),
    canary.enabled && h("button", { type: "button", class: "danger", onclick: () => confirm({
      title: "Remove the canary?", submitText: "Remove", busyText: "Removing…", done,
      text: `No canary of “${integration.name}” is sent any more, and what came of the last one is `
        + "forgotten.",
      submit: () => remove(`${path}/canary`),
    }) }, "Remove canary"),
  ];
}

function canaryDialog(integration, path, done) {
  const { canary } = integration;
  const seconds = field("Interval in seconds", h("input", { type: "number", min: "60",
    max: "86400", value: String(canary.interval_seconds ?? intervalSecondsDefault) }),
  "From 60, a minute, to 86400, a day. The first is sent at once.");
  openDialog({
    title: `Canary of ${integration.name}`, submitText: "Save", busyText: "Saving…", done,
    body: [
      h("p", {}, "A canary comes in by the gateway’s own callback URL, becomes an alert that lists "
        + "leave out, is resolved, and its close is sent to BigPanda, which must not know it."),
      seconds],
    submit: () => {
      const text = seconds.input.value.trim();
      seconds.complain(text ? null : "Enter a number of seconds.");
      if (text) return put(`${path}/canary`, { interval_seconds: Number(text) });
      seconds.input.focus();
      return false;
    },
  });
}
