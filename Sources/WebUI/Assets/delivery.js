// One webhook: what came of it, as it came, and doing it again.

import { get, getDirectory, post } from "./api.js";
import { busy, confirm, errorBox } from "./dialog.js";
import { facts, h, replace } from "./dom.js";
import { time } from "./time.js";
import { body } from "./timeline.js";
import { bytes, outcomeBadge, refusalAdvice, refusalText } from "./words.js";

const results = {
  created: "make a new alert", updated: "update the alert, its status as it is",
  resolved: "resolve the alert", refired: "let the alert fire again",
  duplicate: "change nothing: it is what was applied last",
  ignored_stale: "change nothing: something later was applied since",
};

export async function deliveryPage({ parameters, signal, go }) {
  const path = `/v1/deliveries/${encodeURIComponent(parameters.id)}`;
  const [delivery, directory] = await Promise.all([get(path, { signal }), getDirectory(signal)]);
  const error = errorBox();
  const told = h("div", { role: "status" });
  const dry = h("button", { type: "button", onclick: () => busy(dry, "Asking…", async () => {
    error.say("");
    replace(told);
    try {
      const result = await post(`${path}/replay`, { dry_run: true });
      replace(told, h("p", { class: "card" },
        `Doing it again now would ${results[result.outcome] ?? result.outcome}. `
          + "Nothing was changed."));
    } catch (problem) {
      error.say(problem.message);
    }
  }) }, "Dry run");
  const replay = h("button", { type: "button", onclick: () => confirm({
    title: "Replay this webhook?", submitText: "Replay it", busyText: "Replaying…",
    isDanger: false, text: "It is taken in as if it came now; the rules of order hold for it too.",
    submit: async () => {
      const result = await post(`${path}/replay`, {});
      go(`/deliveries/${encodeURIComponent(result.delivery_id)}`);
    },
  }) }, "Replay");
  const canReplay = delivery.body !== null || delivery.body_base64;
  const headers = Object.entries(delivery.headers);
  return {
    title: delivery.id,
    content: [
      h("p", {}, h("a", { href: "/deliveries" }, "← All of them")),
      h("div", { class: "head" }, h("div", {}, h("h1", {}, delivery.id),
        h("div", { class: "statusline" }, outcomeBadge(delivery.outcome),
          h("span", { class: "quiet" }, time(delivery.received_at)))),
      h("div", { class: "buttons" }, canReplay && [dry, replay])),
      delivery.reason && h("p", { class: "warning" }, `${refusalText(delivery.reason)}. `,
        refusalAdvice(delivery.reason)),
      error, told,
      h("div", { class: "columns" },
        h("div", {}, h("h2", {}, "Body"), body(delivery)),
        h("section", { class: "card", "aria-labelledby": "about-title" },
          h("h2", { id: "about-title" }, "Attributes"),
          facts([
            ["Source", delivery.source_id
              && h("a", { href: `/alerts/sources/${delivery.source_id}` },
                directory.nameOfSource(delivery.source_id))],
            ["Incident", delivery.incident_id && h("code", {}, delivery.incident_id)],
            ["Alert", delivery.alert_id && h("a", { href: `/alerts/${delivery.alert_id}` },
              delivery.alert_id)],
            ["From", delivery.peer],
            ["Size", bytes(delivery.bytes)],
            ["Replay of", delivery.replay_of && h("a",
              { href: `/deliveries/${delivery.replay_of}` }, delivery.replay_of)],
          ]),
          headers.length > 0 && [h("h3", {}, "Header"),
            facts(headers.map(([name, value]) => [name, h("code", {}, value)]))])),
    ],
  };
}
