// One source: where it is called, its secrets, whether it is used, and rotating its secret.

import { forgetDirectory, get, getDirectory, may, patch, post, remove } from "./api.js";
import { busy, confirm, errorBox, openDialog } from "./dialog.js";
import { copyField, facts, field, h, refresh, replace, select } from "./dom.js";
import { badge } from "./icons.js";
import { installButton } from "./install.js";
import * as live from "./live.js";
import { instructions } from "./newsource.js";
import { sparkline } from "./sources.js";
import { time } from "./time.js";
import { isQuiet, quietBadge, silence } from "./traffic.js";

const overlaps = [["0", "Ends at once"], ["3600", "One hour"], ["86400", "One day"],
  ["604800", "One week"], ["2592000", "30 days"]];

export async function sourcePage({ parameters, signal, go }) {
  const path = `/v1/sources/${encodeURIComponent(parameters.id)}`;
  const first = Promise.all([get(path, { signal }), getDirectory(signal)]);
  // What happens from here on is heard, and loaded once this has been.
  const loadAfter = (milliseconds) =>
    live.soon(() => first.then(load, () => {}), signal, milliseconds);
  const soon = [loadAfter(1000), loadAfter(live.countsMilliseconds)];
  live.on(["delivery"], (kind, delivery) => {
    if (kind !== "reset" && delivery.source_id !== parameters.id) return;
    for (const action of soon) action();
  }, signal);
  // No event tells that webhooks stay away.
  live.regularly(() => first.then(load, () => {}), signal);
  let [source, directory] = await first;
  const heading = h("h1", {}, source.name);
  const state = h("div", { class: "statusline" });
  const about = h("div");
  const secrets = h("div");
  const fresh = h("div", { "aria-live": "polite" });
  const news = h("div", { role: "status" });
  const error = errorBox();
  let isOutOfDate = false;

  const taken = (changed) => {
    source = { ...source, ...changed };
    delete source.secret;
    forgetDirectory();
    show();
  };
  const quiet = silence(path, (changed) => taken(changed));
  const change = async () => {
    error.say("");
    let changed = null;
    await busy(toggle, "Changing…", async () => {
      try {
        changed = await patch(path, { enabled: !source.enabled });
      } catch (problem) {
        error.say(problem.message);
      }
    });
    if (changed) taken(changed);
  };
  const toggle = h("button", { type: "button", onclick: change });
  const show = async () => {
    heading.textContent = source.name;
    replace(state, source.enabled ? badge("good", "resolved", "Enabled")
      : badge("calm", "off", "Disabled: its webhooks are refused"), isQuiet(source)
      && quietBadge());
    quiet.show(source);
    if (!toggle.classList.contains("busy")) {
      toggle.textContent = source.enabled ? "Disable" : "Enable";
    }
    replace(secrets, secretsTable(source.secrets));
    const hours = await statistics(source.id, signal);
    refresh(about, facts([
      ["Last delivery", source.last_delivery_at ? time(source.last_delivery_at) : "None yet"],
      ["Taken in", source.delivery_count.toLocaleString()],
      ["Last 24 hours", sparkline(hours)],
      ["Integration", directory.integrations.find(({ id }) => id === source.integration_id)?.name],
      ["Since", time(source.created_at)],
    ]));
  };
  async function load() {
    try {
      source = await get(path, { signal });
      directory = await getDirectory(signal);
      await show();
      if (isOutOfDate) error.say("");
      isOutOfDate = false;
    } catch (problem) {
      if (signal.aborted) return;
      isOutOfDate = true;
      error.say(problem.message);
    }
  }

  await show();
  return {
    title: source.name,
    content: [
      h("p", {}, h("a", { href: "/alerts/sources" }, "← Sources")),
      h("div", { class: "head" }, h("div", {}, heading, state), may("admin")
        && h("div", { class: "buttons" },
        h("button", { type: "button", class: "primary",
          onclick: () => rotateDialog(path, (changed) => {
            replace(fresh, h("section", { class: "card", "aria-label": "New secret" },
              h("h2", {}, "The new secret"), instructions(changed)));
            fresh.querySelector("h2").tabIndex = -1;
            fresh.querySelector("h2").focus();
            taken(changed);
          }) }, "Rotate secret"),
        installButton(path, {
          tell: (text) => replace(news, text && h("p", { class: "good-news" }, text)),
          fail: error.say, installed: load,
        }),
        toggle,
        h("button", { type: "button", onclick: () => renameDialog(path, source, taken) }, "Rename"),
        h("button", { type: "button", class: "danger", onclick: () => confirm({
          title: "Remove this source?", submitText: "Remove", busyText: "Removing…",
          text: "BigPanda's webhooks to it are refused from then on. Its alerts stay, and what "
            + "they owe is still closed.",
          submit: async () => {
            await remove(path);
            forgetDirectory();
            go("/alerts/sources");
          },
        }) }, "Remove"))),
      error, news, fresh,
      h("div", { class: "columns" },
        h("div", {}, h("section", { class: "card", "aria-labelledby": "use-title" },
          h("h2", { id: "use-title" }, "Use"), about,
          copyField("Callback URL", source.callback_url, "Copy callback URL"),
          h("p", {}, h("a", { href: `/deliveries?source_id=${encodeURIComponent(source.id)}` },
            "What came in through it"))), quiet.element),
        h("section", { class: "card", "aria-labelledby": "secrets-title" },
          h("h2", { id: "secrets-title" }, "Secrets in use"), secrets)),
    ],
  };
}

async function statistics(id, signal) {
  try {
    const { sources } = await get("/v1/statistics", { signal });
    return sources.find((item) => item.source_id === id)?.webhooks;
  } catch {
    return undefined;
  }
}

function secretsTable(secrets) {
  const last = secrets.map((secret) => secret.last_used_at).filter(Boolean).sort().at(-1);
  const row = (secret, index) => h("tr", {},
    h("th", { scope: "row" }, index === 0 ? "Newest" : "Before",
      secret.last_used_at && secret.last_used_at === last
      && h("span", { class: "chip" }, "used last")),
    h("td", {}, time(secret.created_at)),
    h("td", {}, secret.last_used_at ? time(secret.last_used_at) : "Never"),
    h("td", {}, secret.expires_at ? time(secret.expires_at) : "Stays"));
  return h("table", {}, h("caption", { class: "hidden-text" }, "Secrets, the newest first"),
    h("thead", {}, h("tr", {}, ["Secret", "Made", "Last used", "Ends"].map(
      (name) => h("th", { scope: "col" }, name)))),
    h("tbody", {}, secrets.map(row)));
}

function rotateDialog(path, done) {
  const overlap = field("The old one works for", select(overlaps, "86400"),
    "Long enough to enter the new one in BigPanda.");
  openDialog({
    title: "Rotate the secret",
    body: [
      h("p", {}, "A new secret is made and shown once. Both work until the old one ends."),
      overlap,
    ],
    submitText: "Make a new one", busyText: "Rotating…", done,
    submit: () => post(`${path}/rotate-secret`, { overlap_seconds: Number(overlap.input.value) }),
  });
}

function renameDialog(path, source, done) {
  const name = field("Name", h("input", { type: "text", maxlength: "200", value: source.name }));
  openDialog({
    title: "Rename the source", body: name, submitText: "Save", busyText: "Saving…", done,
    submit: () => {
      const text = name.input.value.trim();
      name.complain(text ? null : "Give it a name.");
      if (text) return patch(path, { name: text });
      name.input.focus();
      return false;
    },
  });
}
