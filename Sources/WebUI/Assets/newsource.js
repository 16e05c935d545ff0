// A new source, step by step: what sends, what it is called, what to enter in BigPanda.

import { forgetDirectory, getDirectory, post } from "./api.js";
import { busy, errorBox } from "./dialog.js";
import { copyField, field, h, newID, replace, select } from "./dom.js";

const kinds = [["bigpanda", "BigPanda", "Incidents, by the Notifications Webhook"]];

export async function newSourcePage({ signal }) {
  const { integrations } = await getDirectory(signal);
  const heading = h("h1", {}, "New alert source");
  const content = h("div", { class: "steps" });
  const step = (...parts) => {
    replace(content, parts);
    const first = content.querySelector("h2");
    first.tabIndex = -1;
    first.focus();
  };
  const toName = () => step(nameStep(integrations, (source) => {
    forgetDirectory();
    step(...doneStep(source));
  }));
  replace(content, integrations.length === 0 ? missingStep() : kindStep(toName));
  return { title: "New alert source", content: [heading, content] };
}

function missingStep() {
  return [h("h2", {}, "First set BigPanda up"),
    h("p", {}, "A source belongs to an organisation of BigPanda, in which its incidents are "
      + "closed. There is none yet."),
    h("a", { class: "button primary", href: "/settings/integrations" }, "Set BigPanda up")];
}

function kindStep(next) {
  let chosen = null;
  const error = errorBox();
  const nothing = h("p", { class: "quiet", role: "status" });
  const options = kinds.map(([key, name, detail]) => h("li", {
    role: "option", "aria-selected": "false", tabindex: "0", "data-key": key,
    onclick: () => choose(key),
    onkeydown: (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      choose(key);
    },
  }, h("strong", {}, name), h("span", { class: "sub", "aria-hidden": "true" }, detail)));
  const choose = (key) => {
    chosen = key;
    error.say("");
    for (const option of options) {
      option.setAttribute("aria-selected", String(option.dataset.key === key));
    }
  };
  const search = field("Search sources", h("input", {
    type: "search", autocomplete: "off",
    oninput: (event) => {
      const text = event.target.value.trim().toLowerCase();
      for (const option of options) {
        option.hidden = !option.textContent.toLowerCase().includes(text);
      }
      nothing.textContent = options.every(({ hidden }) => hidden)
        ? "Nothing matches. The gateway takes in BigPanda's webhooks." : "";
    },
  }));
  return h("form", {
    class: "card", novalidate: true,
    onsubmit: (event) => {
      event.preventDefault();
      if (chosen) next();
      else error.say("Choose a kind of source first.");
    },
  }, h("h2", {}, "What sends the alerts?"), search,
  h("ul", { role: "listbox", class: "options", "aria-label": "Kinds of sources" }, options),
  nothing, error, h("div", { class: "buttons" },
    h("button", { type: "submit", class: "primary" }, "Continue")));
}

function nameStep(integrations, done) {
  const error = errorBox();
  const name = field("Name", h("input", { type: "text", maxlength: "200", autocomplete: "off" }),
    "As it is to stand beside its alerts, such as Production.");
  const integration = field("Integration", select(
    integrations.map(({ id, name: text }) => [id, text]), integrations[0].id),
  "In which organisation its incidents are closed.");
  const button = h("button", { type: "submit", class: "primary" }, "Create source");
  const submit = async () => {
    const text = name.input.value.trim();
    name.complain(text ? null : "Give it a name.");
    if (!text) {
      name.input.focus();
      return;
    }
    try {
      done(await post("/v1/sources", { name: text, integration_id: integration.input.value }));
    } catch (problem) {
      error.say(problem.message);
    }
  };
  return h("form", {
    class: "card", novalidate: true,
    onsubmit: (event) => {
      event.preventDefault();
      error.say("");
      busy(button, "Creating…", submit);
    },
  }, h("h2", {}, "BigPanda"), name, integrations.length > 1 && integration, error,
  h("div", { class: "buttons" }, button));
}

// What to enter in BigPanda: shown after a source was made, or its secret rotated.
export function instructions(source) {
  const id = newID("header");
  return [
    copyField("Callback URL", source.callback_url, "Copy callback URL"),
    copyField("Secret", source.secret, "Copy secret"),
    h("p", { class: "warning" }, "The secret is shown this once. Whoever has it can send alerts."),
    h("h3", { id }, "In BigPanda"),
    h("ol", { "aria-labelledby": id },
      h("li", {}, "Integrations → New Integration → Webhook. Create the app key and enter the "
        + "callback URL."),
      h("li", {}, "Add this HTTP header: ",
        h("code", { class: "block" }, `Authorization: Bearer ${source.secret}`)),
      h("li", {}, "Leave the callback service (“expects callbacks”) off."),
      h("li", {}, "AutoShare: for each environment whose incidents are to come in, add an "
        + "AutoShare rule with this webhook as its channel. Incidents that exist already are "
        + "not sent.")),
  ];
}

function doneStep(source) {
  return [h("section", { class: "card", "aria-label": "What to enter" },
    h("h2", {}, `“${source.name}” is ready`), instructions(source)),
  h("p", {}, h("a", { class: "button primary", href: `/alerts/sources/${source.id}` },
    "Done: see whether something comes in"))];
}
