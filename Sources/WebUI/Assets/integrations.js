// Integrations: connections to BigPanda's organisations, their keys and how they fare.

import { forgetDirectory, get, may, patch, post, remove } from "./api.js";
import { canaryButtons, canaryFacts, canaryOf } from "./canary.js";
import { busy, confirm, errorBox, openDialog } from "./dialog.js";
import { facts, field, h, refresh, replace, secretInput, select } from "./dom.js";
import * as live from "./live.js";
import { settings } from "./settings.js";
import { duration, time } from "./time.js";
import { integrationBadge, plural } from "./words.js";

const regions = [["us", "US"], ["eu", "EU"], ["custom", "Custom"]];
const warnSeconds = 30 * 86400;

export async function integrationsPage({ signal }) {
  const list = h("div", { class: "cards" });
  const news = h("div", { role: "status" });
  const error = errorBox();
  let shown = null;
  // What is as before stays, and with it what its buttons said.
  const show = (integrations) => {
    const text = JSON.stringify(integrations);
    if (text === shown) return;
    shown = text;
    refresh(list, integrations.map((integration) => card(integration, changed)));
  };
  const load = async () => {
    try {
      show(await getAll(signal));
      error.say("");
    } catch (problem) {
      if (!signal.aborted) error.say(problem.message);
    }
  };
  const changed = (integration) => {
    forgetDirectory();
    dispatchEvent(new Event("integrations-changed"));
    replace(news, integration && h("p", { class: "good-news" },
      `“${integration.name}” is `
        + `${integration.state === "connected" ? "connected" : "changed"}: `
        + `its key sees ${plural(integration.environments.length, "environment")}.`));
    return load();
  };
  live.on(["integration"], live.soon(load, signal), signal);
  // No event tells what came of a canary.
  live.regularly(load, signal);
  show(await getAll(signal));
  return {
    title: "Integrations",
    content: settings("integrations",
      h("h2", {}, "Integrations"),
      h("section", { class: "card", "aria-labelledby": "bigpanda-title" },
        h("h3", { id: "bigpanda-title" }, "BigPanda"),
        h("p", {}, "Closes the incidents of alerts that are resolved here, and reads them back. It "
          + "needs an API key with Environments View and Incident Actions."),
        may("admin") && h("button", { type: "button", class: "primary",
          onclick: () => connectDialog(changed) }, "Connect")),
      news, error, list),
  };
}

const pathOf = ({ id }) => `/v1/integrations/${encodeURIComponent(id)}`;

async function getAll(signal) {
  const { items } = await get("/v1/integrations?limit=500", { signal });
  return Promise.all(items.map(async (integration) => (
    { ...integration, canary: await canaryOf(pathOf(integration), signal) })));
}

function card(integration, changed) {
  const path = pathOf(integration);
  const error = errorBox();
  const check = h("button", { type: "button", onclick: () => busy(check, "Checking…", async () => {
    error.say("");
    try {
      await post(`${path}/check`);
      await changed();
    } catch (problem) {
      error.say(problem.message);
    }
  }) }, "Check now");
  const { environments } = integration;
  return h("article", { class: "card", "aria-label": integration.name },
    h("h3", {}, integration.name, " ", integrationBadge(integration.state)),
    integration.state_reason && h("p", { class: "warning" }, integration.state_reason),
    facts([
      ["Region", integration.region?.toUpperCase() ?? integration.base_url],
      ["API key", `…${integration.key_suffix}`],
      ["Key expires", expiry(integration.key_expires_at)],
      ["Checked", time(integration.checked_at)],
      [`Environments seen (${environments.length})`, environments.length > 0
        ? environments.map(({ name }) => name).join(", ") : "None: grant Environments View"],
      ["Closes are attributed to", `the owner of the key …${integration.key_suffix}, with the name `
        + "of whoever resolved the alert in the comment"],
      ...canaryFacts(integration.canary),
    ]),
    error,
    h("div", { class: "buttons" }, may("operator") && check,
      may("admin") && h("button", { type: "button",
        onclick: () => replaceKeyDialog(integration, path, changed) }, "Replace key"),
      may("admin") && h("button", { type: "button", class: "danger", onclick: () => confirm({
        title: "Remove this integration?", submitText: "Remove", busyText: "Removing…",
        text: "Its key is forgotten. Nothing that belongs to it may be left: sources, or what is "
          + "still owed.",
        submit: async () => {
          await remove(path);
          await changed();
        },
      }) }, "Remove"),
      canaryButtons(integration, path, changed)));
}

function expiry(moment) {
  if (!moment) return "Not said";
  const seconds = (Date.parse(moment) - Date.now()) / 1000;
  if (seconds <= 0) return h("strong", { class: "late" }, "Expired ", time(moment));
  const left = [`${duration(seconds)} left, until `, new Date(moment).toLocaleDateString()];
  return seconds < warnSeconds ? h("strong", { class: "late" }, left) : left;
}

// What BigPanda said of a key, in words, and what to do.
function explain(problem) {
  switch (problem.code) {
    case "key_rejected":
      return "BigPanda rejected this API key. Check that it is whole, not revoked, and of this "
        + "region. Nothing was stored.";
    case "key_forbidden":
      return "BigPanda knows this API key, but it may not do what is needed. Grant its role "
        + "Environments View and Incident Actions. Nothing was stored.";
    case "not_bigpanda":
      return `What answers there is not BigPanda: ${problem.message} Nothing was stored.`;
    case "bigpanda_unreachable":
      return `BigPanda can't be reached: ${problem.message}`;
    default: return problem.message;
  }
}

function keyFields() {
  const key = field("API key", secretInput({ maxlength: "512" }),
    "Checked with BigPanda before it is stored, sealed, and never shown again.");
  const expires = field("Key expires", h("input", { type: "date" }),
    "Optional. The gateway then says in time that a new one is needed.");
  return { key, expires };
}

const required = (box, text) => {
  const value = box.input.value.trim();
  box.complain(value ? null : text);
  return value;
};

const endOfDay = (date) => (date ? `${date}T23:59:59Z` : undefined);

function focusFirstProblem(...boxes) {
  boxes.find(({ input }) => input.getAttribute("aria-invalid"))?.input.focus();
}

function connectDialog(changed) {
  const name = field("Name", h("input", { type: "text", maxlength: "200", autocomplete: "off",
    value: "BigPanda" }), "As this organisation is to be called here.");
  const { key, expires } = keyFields();
  const baseURL = field("Base URL", h("input", { type: "url", autocomplete: "off",
    placeholder: "https://api.example.org" }), "Where that organisation's API answers.");
  baseURL.hidden = true;
  const region = field("Region", select(regions, "us", {
    onchange: (event) => {
      baseURL.hidden = event.target.value !== "custom";
    },
  }));
  openDialog({
    title: "Connect BigPanda", body: [name, key, region, baseURL, expires],
    submitText: "Connect", busyText: "Asking BigPanda…", explain,
    submit: async () => {
      const isCustom = region.input.value === "custom";
      const wish = {
        name: required(name, "Give it a name."),
        api_key: required(key, "Enter the API key."),
        key_expires_at: endOfDay(expires.input.value),
      };
      if (isCustom) wish.base_url = required(baseURL, "Enter the base URL.");
      else wish.region = region.input.value;
      if (!wish.name || !wish.api_key || (isCustom && !wish.base_url)) {
        focusFirstProblem(name, key, baseURL);
        return false;
      }
      await changed(await post("/v1/integrations", wish));
      return true;
    },
  });
}

function replaceKeyDialog(integration, path, changed) {
  const { key, expires } = keyFields();
  openDialog({
    title: `Replace the key of ${integration.name}`, body: [
      h("p", {}, "The new key is checked first; the old one stays when it fails."), key, expires],
    submitText: "Replace", busyText: "Asking BigPanda…", explain,
    submit: async () => {
      const wish = { api_key: required(key, "Enter the API key."),
        key_expires_at: endOfDay(expires.input.value) ?? null };
      if (!wish.api_key) {
        focusFirstProblem(key);
        return false;
      }
      await changed(await patch(path, wish));
      return true;
    },
  });
}
