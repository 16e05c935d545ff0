// The list of alerts, and the last day in pictures.

import { get, getDirectory, may } from "./api.js";
import { area, bars, tile, waiting } from "./chart.js";
import { h, refresh } from "./dom.js";
import { listOf } from "./list.js";
import * as live from "./live.js";
import { duration, time } from "./time.js";
import { closeBadge, severityBadge, statusBadge } from "./words.js";

// Alerts and their sources are two tabs of one place.
export function tabs(current) {
  const tab = (id, path, text) => h("a", {
    role: "tab", id: `tab-${id}`, href: path, "aria-selected": String(id === current),
    "aria-controls": id === current ? "panel" : null, tabindex: id === current ? "0" : "-1",
    onkeydown: (event) => {
      if (!["ArrowLeft", "ArrowRight"].includes(event.key)) return;
      event.preventDefault();
      (event.target.nextElementSibling ?? event.target.previousElementSibling).focus();
    },
  }, text);
  return h("div", { role: "tablist", class: "tabs", "aria-label": "Views" },
    tab("alerts", "/alerts", "Alerts"), tab("sources", "/alerts/sources", "Sources"));
}

export const panel = (current, ...content) => h("div",
  { role: "tabpanel", id: "panel", "aria-labelledby": `tab-${current}` }, content);

export async function alertsPage({ query, signal }) {
  let directory = await getDirectory(signal);
  const day = h("section", { class: "tiles", "aria-label": "The last 24 hours" });
  const showDay = async () => {
    try {
      refresh(day, tiles(await get("/v1/statistics", { signal })));
    } catch (problem) {
      if (!signal.aborted) refresh(day, h("p", { class: "quiet" }, problem.message));
    }
  };
  const first = showDay();
  live.on(["alert", "close", "delivery"],
    live.soon(() => first.then(showDay), signal, live.countsMilliseconds), signal);
  await first;

  const list = await listOf({
    path: "/v1/alerts", caption: "Alerts, newest change first", query, signal,
    kinds: ["alert", "close"],
    filters: [
      { name: "status", label: "Status",
        options: [["", "All"], ["firing", "Firing"], ["resolved", "Resolved"]] },
      { name: "q", label: "Search alerts", isSearch: true },
    ],
    before: async () => {
      directory = await getDirectory(signal);
    },
    columns: [
      { name: "Title", cell: (alert) => titleCell(alert) },
      { name: "Status", isShort: true, cell: (alert) => [statusBadge(alert.status),
        alert.close && !["confirmed", "cancelled"].includes(alert.close.state)
        && alert.status === "resolved" && closeBadge(alert.close.state)] },
      { name: "Severity", isShort: true, cell: (alert) => severityBadge(alert.severity) },
      { name: "Source", isWide: true, cell: (alert) => directory.nameOfSource(alert.source_id) },
      { name: "Age", isShort: true, isNumber: true,
        cell: (alert) => time(alert.fired_at ?? alert.created_at, { isAge: true }) },
    ],
    empty: (hasFilters) => emptyText(hasFilters, directory),
  });
  return {
    title: "Alerts",
    content: [h("h1", {}, "Alerts"), tabs("alerts"), panel("alerts", day, list.content)],
  };
}

function titleCell(alert) {
  const notes = [alert.flapping && "flapping", alert.snoozed && "snoozed in BigPanda"];
  return [
    h("a", { href: `/alerts/${encodeURIComponent(alert.id)}` }, alert.title || alert.incident_id),
    h("span", { class: "sub" }, [detail(alert), ...notes].filter(Boolean).join(" · ")),
  ];
}

// What says more than the title: the description, else some tags.
function detail(alert) {
  if (alert.description && alert.description !== alert.title) return alert.description;
  return Object.entries(alert.tags).slice(0, 3).map(([name, value]) => `${name} ${value}`)
    .join(" · ");
}

function emptyText(hasFilters, { integrations, sources }) {
  if (hasFilters) {
    return [h("h2", {}, "Nothing matches"),
      h("p", {}, "Change the filter or the search to see others.")];
  }
  if (integrations.length === 0 && may("admin")) {
    return [h("h2", {}, "Welcome"),
      h("p", {},
        "First connect to BigPanda with an API key, so that incidents can be closed there."),
      h("a", { class: "button primary", href: "/settings/integrations" }, "Set BigPanda up")];
  }
  if (sources.length === 0 && may("admin")) {
    return [h("h2", {}, "No source yet"),
      h("p", {}, "Make a webhook for BigPanda to send its incidents to."),
      h("a", { class: "button primary", href: "/alerts/sources/new" }, "Make a webhook")];
  }
  return [h("h2", {}, "All quiet"),
    h("p", {}, "No incident has come in yet. BigPanda sends those that an AutoShare rule shares "
      + "with the webhook; incidents from before are not sent."),
    h("a", { class: "button", href: "/deliveries" }, "See what has come in")];
}

function tiles(statistics) {
  const { hours } = statistics;
  const firing = hours.map((hour) => hour.firing);
  const webhooks = hours.map((hour) => hour.webhooks);
  const refused = hours.map((hour) => hour.refused);
  const sum = (numbers) => numbers.reduce((total, number) => total + number, 0);
  const { pending, sending, sent, failed } = statistics.closes;
  const owed = pending + sending + sent;
  const oldest = statistics.oldest_owed_close_at;
  const age = oldest ? (Date.parse(statistics.at) - Date.parse(oldest)) / 1000 : 0;
  return [
    tile("Firing", statistics.alerts.firing.toLocaleString(),
      `between ${Math.min(...firing)} and ${Math.max(...firing)} in 24 h`,
      area(firing, `Firing over 24 hours: between ${Math.min(...firing)} and `
        + `${Math.max(...firing)}, now ${statistics.alerts.firing}`)),
    tile("Webhooks in 24 h", sum(webhooks).toLocaleString(),
      sum(refused) > 0 ? ["and ", h("a", { href: "/deliveries?outcome=refused" },
        `${sum(refused).toLocaleString()} refused`)] : "none refused",
      bars(webhooks, `Webhooks by hour over 24 hours: ${sum(webhooks)} taken in, at most `
        + `${Math.max(...webhooks)} an hour; ${sum(refused)} refused`, refused)),
    tile("Owed to BigPanda", owed.toLocaleString(),
      [oldest ? `the oldest for ${duration(age)}` : "nothing waits", failed > 0 && [", ",
        h("a", { href: "/closes?state=failed" }, `${failed.toLocaleString()} failed`)]],
      waiting(age, oldest ? `The oldest close has been owed for ${duration(age)}`
        : "No close is owed")),
  ];
}
