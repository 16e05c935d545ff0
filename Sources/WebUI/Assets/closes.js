// What is owed to BigPanda, and what became of it.

import { get, may, post } from "./api.js";
import { busy, confirm, errorBox } from "./dialog.js";
import { h } from "./dom.js";
import { listOf } from "./list.js";
import { time } from "./time.js";
import { closeBadge, closeStates, closeSteps } from "./words.js";

const callsAtOnce = 6;

export async function closesPage({ query, signal }) {
  const error = errorBox();
  const titles = new Map();
  let reload = () => {};
  const act = (button, text, path) => busy(button, text, async () => {
    error.say("");
    try {
      await post(path);
      await reload();
    } catch (problem) {
      error.say(problem.message);
    }
  });
  const list = await listOf({
    path: "/v1/closes", caption: "Closes, newest first", query, signal, kinds: ["close"],
    filters: [{ name: "state", label: "State", options: closeStates }],
    before: (closes) => loadTitles(closes, titles, signal),
    columns: [
      { name: "Alert", cell: (close) => [
        h("a", { href: `/alerts/${encodeURIComponent(close.alert_id)}` },
          titles.get(close.alert_id) ?? close.alert_id),
        h("span", { class: "sub" }, [`by ${close.requested_by}`, close.comment]
          .filter(Boolean).join(": ")),
      ] },
      { name: "State", isShort: true, cell: (close) => closeBadge(close.state) },
      { name: "What happens", isWide: true,
        cell: (close) => [close.last_error ?? closeSteps[close.state],
          close.next_attempt_at && h("span", { class: "sub" }, "next ",
            time(close.next_attempt_at))] },
      { name: "Attempts", isNumber: true, isWide: true, cell: (close) => String(close.attempts) },
      { name: "Owed since", isWide: true, cell: (close) => time(close.created_at) },
      may("operator")
        && { name: "Actions", isShort: true,
          cell: (close) => actions(close, titles, act, () => reload()) },
    ].filter(Boolean),
    empty: (hasFilters) => (hasFilters
      ? [h("h2", {}, "None in this state"), h("p", {}, "Choose another state to see others.")]
      : [h("h2", {}, "Nothing was ever owed"),
        h("p", {},
          "When somebody resolves an alert here, the close of its incident stands here.")]),
  });
  reload = list.reload;
  return { title: "Closes", content: [h("h1", {}, "Closes"), error, list.content] };
}

function actions(close, titles, act, reload) {
  const what = titles.get(close.alert_id) ?? close.alert_id;
  const named = (text) => [text, h("span", { class: "hidden-text" }, `: ${what}`)];
  const canRetry = ["pending", "failed", "cancelled"].includes(close.state);
  const canCancel = ["pending", "sending", "sent", "failed"].includes(close.state);
  return h("div", { class: "buttons" },
    canRetry && h("button", { type: "button", onclick: (event) =>
      act(event.currentTarget, "Trying…", `/v1/closes/${close.id}/retry`) }, named("Retry")),
    canCancel && h("button", { type: "button", onclick: () => confirm({
      title: "Give this close up?", submitText: "Give it up", busyText: "Cancelling…",
      text: `The incident of “${what}” stays open in BigPanda unless somebody closes it there.`,
      submit: () => post(`/v1/closes/${close.id}/cancel`), done: reload,
    }) }, named("Cancel")));
}

// The titles of the alerts, which closes don't carry; those of before are kept.
async function loadTitles(closes, titles, signal) {
  const missing = [...new Set(closes.map((close) => close.alert_id))]
    .filter((id) => !titles.has(id));
  const take = async () => {
    while (missing.length > 0) {
      const id = missing.pop();
      try {
        const alert = await get(`/v1/alerts/${encodeURIComponent(id)}`, { signal });
        titles.set(id, alert.title || alert.incident_id);
      } catch (problem) {
        if (signal.aborted || problem.status === 401) throw problem;
        titles.set(id, id);
      }
    }
  };
  await Promise.all(Array.from({ length: callsAtOnce }, take));
}
