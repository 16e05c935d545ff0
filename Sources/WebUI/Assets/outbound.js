// Settings: webhook endpoints, which the gateway tells of alerts, and what each was told.

import { get, may, patch, post, remove } from "./api.js";
import { busy, confirm, errorBox, openDialog } from "./dialog.js";
import { copyField, facts, field, h, replace } from "./dom.js";
import { badge } from "./icons.js";
import { listOf } from "./list.js";
import { settings } from "./settings.js";
import { time } from "./time.js";
import { eventWords } from "./words.js";

const secretNote = "The receiver checks signatures with it. It is not shown again.";

export async function endpointsPage({ query, signal }) {
  const news = h("div", { role: "status" });
  let reload = () => {};
  const list = await listOf({
    path: "/v1/webhook-endpoints", caption: "Webhook endpoints, by name", query, signal,
    columns: [
      { name: "Name", cell: (endpoint) => [
        h("a", { href: `/settings/outbound/${encodeURIComponent(endpoint.id)}` }, endpoint.name),
        h("span", { class: "sub" }, endpoint.url),
      ] },
      { name: "State", isShort: true, cell: stateBadge },
      { name: "Last success", cell: (endpoint) => (endpoint.last_success_at
        ? time(endpoint.last_success_at) : "never") },
      { name: "Told of", isWide: true, cell: ({ events }) =>
        events.map((event) => eventWords[event] ?? event).join(", ") },
    ],
    empty: () => [h("h2", {}, "Nobody is told"),
      h("p", {}, "Endpoints of paging and chat tools get a signed webhook for what happens to "
        + "alerts and closes.")],
  });
  reload = list.reload;
  return {
    title: "Outbound",
    content: settings("outbound",
      h("h2", {}, "Outbound"),
      h("p", {}, "Whom the gateway tells of alerts, by webhooks that are signed as Standard "
        + "Webhooks has it."),
      may("admin") && h("button", { type: "button", class: "primary",
        onclick: () => createDialog(news, () => reload()) }, "New endpoint"),
      news, list.content),
  };
}

function stateBadge(endpoint) {
  if (!endpoint.enabled) {
    const reasons = { gone: "Disabled: gone", failing: "Disabled: failing" };
    const text = reasons[endpoint.disabled_reason];
    return text ? badge("bad", "failed", text) : badge("calm", "off", "Disabled");
  }
  return endpoint.failing_since ? badge("warn", "waiting", "Failing")
    : badge("good", "resolved", "Enabled");
}

function createDialog(news, done) {
  const name = field("Name", h("input", { type: "text", maxlength: "200", autocomplete: "off" }));
  const url = field("URL", h("input", { type: "url", maxlength: "2048", autocomplete: "off" }),
    "Where webhooks are posted to; https, and no private address unless it is allowed.");
  openDialog({
    title: "New endpoint", submitText: "Create endpoint", busyText: "Creating…",
    body: [name, url],
    submit: async () => {
      const [text, target] = [name.input.value.trim(), url.input.value.trim()];
      name.complain(text ? null : "Enter a name.");
      url.complain(target ? null : "Enter a URL.");
      if (!text || !target) {
        (text ? url : name).input.focus();
        return false;
      }
      const endpoint = await post("/v1/webhook-endpoints", { name: text, url: target });
      replace(news, h("div", { class: "card" }, h("p", {}, secretNote),
        copyField(`Secret of ${endpoint.name}`, endpoint.secret, "Copy secret")));
      await done();
      return true;
    },
  });
}

const stateWords = { pending: "Waits", delivered: "Delivered", failed: "Given up" };
const tones = {
  pending: ["busy", "waiting"], delivered: ["good", "resolved"], failed: ["bad", "failed"],
};

export async function endpointPage({ parameters, query, signal, go }) {
  const path = `/v1/webhook-endpoints/${encodeURIComponent(parameters.id)}`;
  let endpoint = await get(path, { signal });
  const [state, about, fresh] = [h("div", { class: "statusline" }), h("div"),
    h("div", { "aria-live": "polite" })];
  const error = errorBox();
  const toggle = h("button", { type: "button" });
  const show = () => {
    replace(state, stateBadge(endpoint));
    toggle.textContent = endpoint.enabled ? "Disable" : "Enable";
    replace(about, facts([
      ["URL", h("code", {}, endpoint.url)],
      ["Told of", endpoint.events.map((event) => eventWords[event] ?? event).join(", ")],
      ["Failing since", endpoint.failing_since && time(endpoint.failing_since)],
      ["Secret made", time(endpoint.secret_created_at)],
      ["Old secret signs until", endpoint.previous_secret_expires_at
        && time(endpoint.previous_secret_expires_at)],
    ]));
  };
  const list = await listOf({
    path: `${path}/deliveries`, caption: "What it was told, newest first", query, signal,
    filters: [{ name: "state", label: "State",
      options: [["", "All"], ...Object.entries(stateWords)] }],
    columns: [
      { name: "Happened", cell: (item) => time(item.created_at) },
      { name: "What", cell: (item) => [eventWords[item.event] ?? item.event,
        item.alert_id && h("a", { class: "sub", href: `/alerts/${item.alert_id}` },
          item.alert_id)] },
      { name: "State", isShort: true, cell: (item) =>
        badge(...tones[item.state], stateWords[item.state]) },
      { name: "Tries", isNumber: true, isShort: true, cell: (item) => String(item.attempts) },
      { name: "Last answer", isWide: true, cell: ({ last_attempt: last }) =>
        last && (last.error ?? String(last.status_code)) },
      may("operator") && { name: "Actions", isShort: true, cell: (item) => replay(item) },
    ].filter(Boolean),
    empty: () => [h("h2", {}, "Nothing")],
  });
  // Runs what a button does; what that says is shown, and the list is loaded anew.
  const act = (button, text, work) => busy(button, text, async () => {
    error.say("");
    try {
      await work();
      await list.reload();
    } catch (problem) {
      error.say(problem.message);
    }
  });
  const replay = (item) => {
    const button = h("button", { type: "button", onclick: () => act(button, "Posting…",
      () => post(`${path}/deliveries/${encodeURIComponent(item.id)}/replay`)) }, "Replay",
    h("span", { class: "hidden-text" }, `: ${item.id}`));
    return button;
  };
  const test = h("button", { type: "button",
    onclick: () => act(test, "Posting…", () => post(`${path}/test`)) }, "Post a test");
  toggle.addEventListener("click", async () => {
    let changed = null;
    await act(toggle, "Changing…", async () => {
      changed = await patch(path, { enabled: !endpoint.enabled });
    });
    if (changed) endpoint = changed;
    show();
  });
  const rotate = h("button", { type: "button", onclick: () => confirm({
    title: "Rotate the secret?", submitText: "Make a new one", busyText: "Rotating…",
    isDanger: false, text: "For a day webhooks carry signatures of both, the old one's too.",
    submit: async () => {
      const { secret, ...changed } = await post(`${path}/rotate-secret`, {});
      endpoint = changed;
      show();
      replace(fresh, h("div", { class: "card" }, h("p", {}, secretNote),
        copyField("New secret", secret, "Copy secret")));
    },
  }) }, "Rotate secret");
  const gone = h("button", { type: "button", class: "danger", onclick: () => confirm({
    title: "Remove this endpoint?", submitText: "Remove", busyText: "Removing…",
    text: `“${endpoint.name}” is told of nothing more; what it was told is forgotten.`,
    submit: async () => {
      await remove(path);
      go("/settings/outbound");
    },
  }) }, "Remove");
  show();
  return {
    title: endpoint.name,
    content: [
      h("p", {}, h("a", { href: "/settings/outbound" }, "← All endpoints")),
      h("div", { class: "head" }, h("div", {}, h("h1", {}, endpoint.name), state),
        h("div", { class: "buttons" }, may("operator") && test,
          may("admin") && [toggle, rotate, gone])),
      error, fresh, about, list.content,
    ],
  };
}
