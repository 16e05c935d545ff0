// One alert: what it is, what became of its close, what happened, and resolving it.

import { get, getDirectory, may, post } from "./api.js";
import { busy, errorBox, openDialog } from "./dialog.js";
import { facts, field, h, refresh, replace, webLink } from "./dom.js";
import * as live from "./live.js";
import { time } from "./time.js";
import { timeline } from "./timeline.js";
import { actor, closeBadge, closeSteps, severityBadge, statusBadge } from "./words.js";

export async function alertPage({ parameters, signal }) {
  const path = `/v1/alerts/${encodeURIComponent(parameters.id)}`;
  const first = Promise.all([get(path, { signal }), getDirectory(signal)]);
  // What happens from here on is heard, and loaded once this has been.
  const loadSoon = live.soon(() => first.then(load, () => {}), signal, 150);
  live.on(["alert", "close", "delivery"], (kind, object) => {
    const id = kind === "alert" ? object.id : object?.alert_id;
    if (kind === "reset" || id === parameters.id) loadSoon();
  }, signal);
  let [alert, directory] = await first;
  const heading = h("h1");
  const status = h("div", { class: "statusline" });
  const actions = h("div", { class: "buttons" });
  const close = h("div", { "aria-live": "polite" });
  const attributes = h("div");
  const history = timeline(signal);
  const problem = h("p", { role: "status", class: "quiet" });

  const resolve = h("button", { type: "button", class: "primary",
    onclick: () => resolveDialog(path, alert, (changed) => {
      alert = changed;
      show();
      // The button that had the focus is gone.
      heading.tabIndex = -1;
      heading.focus();
    }) }, "Resolve");
  const exporting = h("a", { class: "button", href: `${path}/export`,
    download: `${alert.id}.json` }, "Export");

  const show = () => {
    heading.textContent = alert.title || alert.incident_id;
    replace(status, statusBadge(alert.status),
      alert.severity && severityBadge(alert.severity),
      alert.flapping && h("span", { class: "chip" }, "flapping"),
      alert.snoozed && h("span", { class: "chip" }, "snoozed in BigPanda"),
      h("span", { class: "quiet" }, since(alert)));
    const canResolve = alert.status === "firing" && may("operator");
    const wanted = [canResolve && resolve, exporting].filter(Boolean);
    if (actions.childElementCount !== wanted.length) replace(actions, wanted);
    showClose(close, alert, path, (changed) => {
      alert = { ...alert, close: changed };
      load();
    });
    refresh(attributes, attributeList(alert, directory));
    history.show(alert.timeline);
  };

  async function load() {
    try {
      alert = await get(path, { signal });
      directory = await getDirectory(signal);
      problem.textContent = "";
      show();
    } catch (error) {
      if (!signal.aborted) problem.textContent = `Not up to date: ${error.message}`;
    }
  }

  show();
  return {
    title: alert.title || alert.incident_id,
    content: [
      h("div", { class: "head" }, h("div", {}, heading, status), actions),
      problem,
      h("div", { class: "columns" },
        h("div", {},
          alert.description && alert.description !== alert.title
            && h("p", { class: "description" }, alert.description),
          close,
          h("section", { "aria-labelledby": "timeline-title" },
            h("h2", { id: "timeline-title" }, "Timeline"), history.element)),
        h("section", { class: "card", "aria-labelledby": "about-title" },
          h("h2", { id: "about-title" }, "Attributes"), attributes)),
    ],
  };
}

function since(alert) {
  if (alert.status === "firing") {
    return ["since ", time(alert.fired_at ?? alert.created_at)];
  }
  return [time(alert.resolved_at), ` by ${alert.resolved_by ? actor(alert.resolved_by) : "–"}`];
}

// The close in words, and what an operator can do about it.
function showClose(element, { close, status }, alertPath, changed) {
  const text = close ? JSON.stringify([close, status]) : "";
  if (element.dataset.shown === text) return;
  element.dataset.shown = text;
  if (!close) {
    replace(element, status === "resolved"
      && h("p", { class: "quiet" }, "BigPanda closed the incident itself; nothing is owed."));
    return;
  }
  const error = errorBox();
  const retry = h("button", { type: "button", onclick: () => busy(retry, "Trying…", async () => {
    error.say("");
    try {
      changed(await post(`/v1/closes/${close.id}/retry`));
    } catch (problem) {
      error.say(problem.message);
    }
  }) }, "Try again now");
  const canRetry = ["failed", "cancelled", "pending"].includes(close.state)
    && status === "resolved" && may("operator");
  refresh(element, h("section", { class: `close card ${close.state}`, "aria-label": "Close" },
    h("p", { class: "close-state" }, closeBadge(close.state)),
    h("p", {}, closeSteps[close.state]),
    close.last_error && h("p", { class: "reason" }, close.last_error),
    facts([
      ["Attempts", String(close.attempts)],
      ["Next attempt", close.next_attempt_at && time(close.next_attempt_at)],
      ["Asked for by", close.requested_by],
    ], { class: "facts inline" }),
    canRetry && retry, error));
}

function attributeList(alert, directory) {
  const source = directory.sources.find(({ id }) => id === alert.source_id);
  const link = alert.source_url && webLink(alert.source_url, "Open in BigPanda");
  return [
    link && h("p", {}, link),
    facts([
      ["Incident", h("code", {}, alert.incident_id)],
      ["BigPanda status", alert.bigpanda_status],
      ["Severity", alert.severity],
      ["Source", source
        ? h("a", { href: `/alerts/sources/${source.id}` }, source.name) : alert.source_id],
      ["Environment", alert.environment_id && h("code", {}, environmentName(alert, directory))],
      ["Alerts in it", alert.alert_count === null ? null : String(alert.alert_count)],
      ["First seen", time(alert.created_at)],
      ["Last change", time(alert.updated_at)],
      ["Gateway's id", h("code", {}, alert.id)],
    ]),
    Object.keys(alert.tags).length > 0 && [
      h("h3", {}, "Tags"),
      facts(Object.entries(alert.tags).sort(([a], [b]) => (a < b ? -1 : 1))),
    ],
  ];
}

function environmentName(alert, directory) {
  for (const { environments } of directory.integrations) {
    const found = environments.find(({ id }) => id === alert.environment_id);
    if (found) return found.name;
  }
  return alert.environment_id;
}

function resolveDialog(path, alert, done) {
  const comment = field("Comment", h("textarea", { rows: "3", maxlength: "4000" }),
    "Optional. BigPanda shows it with the incident.");
  openDialog({
    title: "Resolve alert",
    body: [h("p", {}, "The incident is closed in BigPanda too: ",
      h("strong", {}, alert.title || alert.incident_id)), comment],
    submitText: "Resolve alert", busyText: "Resolving…",
    submit: () => {
      const text = comment.input.value.trim();
      return post(`${path}/resolve`, text ? { comment: text } : {});
    },
    done,
  });
}
