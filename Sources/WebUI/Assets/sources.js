// The sources: webhook endpoints, with how much comes through them.

import { get, getDirectory, may } from "./api.js";
import { panel, tabs } from "./alerts.js";
import { bars } from "./chart.js";
import { h } from "./dom.js";
import { badge } from "./icons.js";
import { listOf } from "./list.js";
import * as live from "./live.js";
import { time } from "./time.js";
import { plural } from "./words.js";

export async function sourcesPage({ query, signal, go }) {
  let directory = await getDirectory(signal);
  let reload = () => {};
  live.on(["delivery"], live.soon(() => reload(), signal, live.countsMilliseconds), signal);
  const list = await listOf({
    path: "/v1/sources", caption: "Alert sources by name", query, signal, kinds: ["delivery"],
    before: async (items) => {
      directory = await getDirectory(signal);
      const { sources } = await get("/v1/statistics", { signal });
      const webhooks = new Map(sources.map((source) => [source.source_id, source.webhooks]));
      for (const source of items) source.webhooks = webhooks.get(source.id);
    },
    columns: [
      { name: "Name", cell: (source) => [
        h("a", { href: `/alerts/sources/${encodeURIComponent(source.id)}` }, source.name),
        h("span", { class: "sub" }, integrationName(source, directory)),
      ] },
      { name: "State", isShort: true, cell: (source) => (source.enabled
        ? badge("good", "resolved", "Enabled") : badge("calm", "off", "Disabled")) },
      { name: "Last delivery", isShort: true, cell: (source) => (source.last_delivery_at
        ? time(source.last_delivery_at) : "None yet") },
      { name: "Taken in", isNumber: true, isShort: true,
        cell: (source) => source.delivery_count.toLocaleString() },
      { name: "24 hours", isWide: true, cell: (source) => sparkline(source.webhooks) },
    ],
    empty: () => [h("h2", {}, "No source yet"),
      h("p", {}, "A source is a webhook for BigPanda to send its incidents to. Make one, then "
        + "enter its callback URL and secret in BigPanda.")],
  });
  reload = list.reload;
  return {
    title: "Sources",
    content: [
      h("div", { class: "head" }, h("h1", {}, "Sources"),
        may("admin") && h("div", { class: "buttons" }, h("button", { type: "button",
          class: "primary", onclick: () => go("/alerts/sources/new") }, "New alert source"))),
      tabs("sources"), panel("sources", list.content),
    ],
  };
}

function integrationName(source, { integrations }) {
  return integrations.find(({ id }) => id === source.integration_id)?.name ?? "";
}

export function sparkline(hours) {
  if (!hours) return h("span", { class: "quiet" }, "Nothing");
  const sum = hours.reduce((total, count) => total + count, 0);
  const most = Math.max(...hours);
  return bars(hours, `${plural(sum, "webhook")} in 24 hours, at most ${most} an hour`);
}
