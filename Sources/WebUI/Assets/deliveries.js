// Webhooks as they came in, accepted or not.

import { getDirectory } from "./api.js";
import { h } from "./dom.js";
import { listOf } from "./list.js";
import { time } from "./time.js";
import { bytes, outcomeBadge, outcomeOptions, refusalText } from "./words.js";

export async function deliveriesPage({ query, signal }) {
  let directory = await getDirectory(signal);
  const sources = [["", "All"], ...directory.sources.map(({ id, name }) => [id, name])];
  const asked = query.get("source_id");
  if (asked && !sources.some(([id]) => id === asked)) sources.push([asked, asked]);
  const list = await listOf({
    path: "/v1/deliveries", caption: "Deliveries, newest first", query, signal,
    kinds: ["delivery"],
    filters: [
      { name: "outcome", label: "Outcome", options: outcomeOptions },
      { name: "source_id", label: "Source", options: sources },
    ],
    before: async () => {
      directory = await getDirectory(signal);
    },
    columns: [
      { name: "Received", isShort: true, cell: (delivery) => h("a",
        { href: `/deliveries/${encodeURIComponent(delivery.id)}` }, time(delivery.received_at),
        h("span", { class: "hidden-text" }, `, ${delivery.id}`)) },
      { name: "Outcome", cell: (delivery) => [outcomeBadge(delivery.outcome),
        delivery.reason && h("span", { class: "sub" }, refusalText(delivery.reason)),
        delivery.replay_of && h("span", { class: "sub" }, `replay of ${delivery.replay_of}`)] },
      { name: "Source", isWide: true, cell: (delivery) => (delivery.source_id
        ? directory.nameOfSource(delivery.source_id) : "–") },
      { name: "Incident", isWide: true, cell: (delivery) => (delivery.alert_id
        ? h("a", { href: `/alerts/${encodeURIComponent(delivery.alert_id)}` },
          delivery.incident_id ?? delivery.alert_id) : delivery.incident_id ?? "–") },
      { name: "From", isWide: true, cell: (delivery) => delivery.peer },
      { name: "Size", isNumber: true, isShort: true, cell: (delivery) => bytes(delivery.bytes) },
    ],
    empty: (hasFilters) => (hasFilters
      ? [h("h2", {}, "Nothing matches"), h("p", {}, "Change the filters to see others.")]
      : [h("h2", {}, "Nothing has come in"),
        h("p", {}, "What BigPanda posts to a source's callback URL stands here, refused or not. If "
          + "there should be something, check the callback URL and the AutoShare rule there."),
        h("a", { class: "button", href: "/alerts/sources" }, "Look at the sources")]),
  });
  return { title: "Deliveries", content: [h("h1", {}, "Deliveries"), list.content] };
}
