// What BigPanda has to post to a source: shown first, then set up.

import { post } from "./api.js";
import { busy, openDialog } from "./dialog.js";
import { field, h } from "./dom.js";

// A button that asks BigPanda, shows what it lacks, and has it set up by whoever agrees.
// `tell(text)` says what came of it, `fail(text)` why nothing did, `installed()` follows a change.
export function installButton(sourcePath, { tell, fail, installed }) {
  const path = `${sourcePath}/install-webhook`;
  const show = (plan, key) => {
    if (!plan.request) {
      tell("BigPanda’s webhook is as it should be. Nothing was changed.");
      return;
    }
    planDialog(path, plan, key, () => {
      tell("BigPanda was called: its webhook posts here with a new secret. Older secrets work for "
        + "another day.");
      installed();
    });
  };
  const button = h("button", { type: "button", onclick: () => {
    fail("");
    tell("");
    return busy(button, "Asking BigPanda…", async () => {
      try {
        show(await post(path, { apply: false }));
      } catch (problem) {
        if (problem.code === "unknown_trigger_key") keyDialog(path, problem, show);
        else fail(problem.message);
      }
    });
  } }, "Install webhook in BigPanda");
  return button;
}

function planDialog(path, { request, differences }, key, done) {
  const call = `${request.method} ${request.path}\n${JSON.stringify(request.body, null, 2)}`;
  openDialog({
    title: "Install webhook in BigPanda", done,
    submitText: request.method === "POST" ? "Create it" : "Change it",
    busyText: "Calling BigPanda…",
    body: [
      h("p", {}, "What is not as it should be:"),
      h("ul", {}, differences.map((difference) => h("li", {}, difference))),
      h("p", {}, "Nothing was changed yet. This call puts it right:"),
      h("pre", { tabindex: "0", role: "region", "aria-label": "Call" }, call),
      h("p", { class: "hint" }, "A new secret is made for BigPanda; older ones work for another "
        + "day. AutoShare rules are not set up by it: add them in BigPanda."),
    ],
    submit: () => post(path, { apply: true, ...(key && { trigger_key: key }) }),
  });
}

// For organisations none of whose webhooks shows what names a trigger.
function keyDialog(path, problem, show) {
  const key = field("Trigger key", h("input", { type: "text", maxlength: "64",
    autocomplete: "off", spellcheck: "false" }), "As BigPanda told you.");
  const given = () => key.input.value.trim();
  openDialog({
    title: "What names a trigger?", submitText: "Show the call", busyText: "Asking BigPanda…",
    body: [h("p", {}, problem.message), key],
    submit: () => {
      key.complain(given() ? null : "Enter the trigger key.");
      if (given()) return post(path, { apply: false, trigger_key: given() });
      key.input.focus();
      return false;
    },
    done: (plan) => show(plan, given()),
  });
}
