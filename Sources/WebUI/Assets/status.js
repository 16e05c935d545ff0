// Settings: whether the gateway is healthy and, if it is not, what to do.

import { get } from "./api.js";
import { errorBox } from "./dialog.js";
import { facts, h, refresh } from "./dom.js";
import { badge } from "./icons.js";
import { settings } from "./settings.js";
import { time } from "./time.js";

const watchers = new Set();

// Tells `show(status)` what came of each question, whoever asked, and `fail(problem)` what went
// wrong with one, until `signal` ends it.
export function onStatus(watcher, signal) {
  watchers.add(watcher);
  signal.addEventListener("abort", () => watchers.delete(watcher));
}

async function ask(signal) {
  const status = await get("/v1/status", { signal });
  for (const watcher of [...watchers]) watcher.show(status);
}

export async function askAgain(signal) {
  try {
    await ask(signal);
  } catch (problem) {
    if (signal.aborted) return;
    for (const watcher of [...watchers]) watcher.fail?.(problem);
  }
}

const verdicts = {
  healthy: ["good", "resolved", "Healthy", "Everything gets done; this is worth knowing."],
  degraded: ["warn", "waiting", "Degraded", "Work waits, or soon will."],
  failing: ["bad", "failed", "Failing", "Something does not get done until somebody acts."],
};
const severities = {
  error: ["bad", "failed", "Error"], warning: ["warn", "ring", "Warning"],
  notice: ["calm", "info", "Notice"],
};
// Where on these pages a finding is seen to.
const places = [
  [/^closes_failed$/, "/closes?state=failed", "Closes"], [/^closes_/, "/closes", "Closes"],
  [/source/, "/alerts/sources", "Sources"],
  [/^webhook_endpoint|^outbound/, "/settings/outbound", "Outbound"],
  [/integration|^key_|^breaker_|^canary_/, "/settings/integrations", "Integrations"],
];

// The page learns what the banners ask for, at their pace; it asks itself once.
export async function statusPage({ signal }) {
  const error = errorBox();
  const verdict = h("p", { class: "statusline" });
  const list = h("div", { class: "cards" });
  const figures = h("div");
  let before = null;
  const show = (status) => {
    error.say("");
    refresh(figures, figuresOf(status));
    const { findings } = status;
    const text = JSON.stringify([status.status, findings]);
    if (text === before) return;
    before = text;
    const [tone, shape, word, sentence] = verdicts[status.status] ?? ["calm", "dot", status.status];
    refresh(verdict, badge(tone, shape, word), h("span", {}, findings.length > 0 ? sentence
      : "All is well: there is nothing to do."));
    refresh(list, findings.map(card));
  };
  const fail = (problem) => error.say(`Not up to date: ${problem.message}`);
  onStatus({ show, fail }, signal);
  await ask(signal);
  return {
    title: "Status",
    content: settings("status", h("h2", {}, "Status"), verdict, error, list,
      h("section", { class: "card", "aria-labelledby": "figures-title" },
        h("h3", { id: "figures-title" }, "Figures"), figures)),
  };
}

function card({ code, severity, subject, seen, action }) {
  const place = places.find(([pattern]) => pattern.test(code));
  return h("article", { class: "card", "aria-label": subject },
    h("h3", {}, badge(...severities[severity] ?? ["calm", "dot", severity]), " ", subject),
    h("p", {}, seen),
    h("p", {}, h("strong", {}, "What to do: "), action),
    place && h("p", {}, h("a", { href: place[1] }, `Go to ${place[2]}`)));
}

function figuresOf({ at, closes, store, webhooks_waiting: waiting, other_gateways: others }) {
  return facts([
    ["Looked at", time(at)],
    ["Closes owed", closes?.owed.toLocaleString()],
    ["The oldest owed since", closes?.oldest_owed_at && time(closes.oldest_owed_at)],
    ["Webhooks waiting", waiting.toLocaleString()],
    ["Free where the store lies", store.free_bytes === null ? null
      : `${Math.floor(store.free_bytes / 1048576).toLocaleString()} MiB`],
    ["Other gateways", others?.toLocaleString()],
  ]);
}
