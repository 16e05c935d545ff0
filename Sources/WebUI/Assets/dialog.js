// Real dialogs: the browser keeps focus inside, Escape closes, focus goes back to the opener.

import { h, newID } from "./dom.js";

// A button that shows that it works, and takes no second press meanwhile.
export async function busy(button, text, work) {
  if (button.getAttribute("aria-disabled") === "true") return;
  const before = [...button.childNodes];
  button.setAttribute("aria-disabled", "true");
  button.classList.add("busy");
  button.textContent = text;
  try {
    await work();
  } finally {
    button.removeAttribute("aria-disabled");
    button.classList.remove("busy");
    button.replaceChildren(...before);
  }
}

// Where an error is told: in place, at once, in words.
export function errorBox() {
  const box = h("div", { role: "alert", class: "error" });
  box.say = (text) => {
    box.textContent = text ?? "";
  };
  return box;
}

// Opens a dialog with a form. `submit` does the work: when it returns, the dialog closes, unless it
// returns false; when it throws, what it says is shown. `done` takes what it returned, once the
// dialog has given the focus back, so that it may move it on.
export function openDialog({
  title, body, submitText, busyText, isDanger, submit, explain, done,
}) {
  const id = newID("dialog");
  const error = errorBox();
  const button = h("button", { type: "submit", class: isDanger ? "danger" : "primary" },
    submitText);
  const close = () => dialog.close();
  const form = h("form", {
    novalidate: true,
    onsubmit: (event) => {
      event.preventDefault();
      error.say("");
      busy(button, busyText ?? "Working…", async () => {
        try {
          const result = await submit();
          if (result === false) return;
          close();
          done?.(result);
        } catch (problem) {
          error.say(explain?.(problem) ?? problem.message);
        }
      });
    },
  }, h("h2", { id }, title), body, error,
  h("div", { class: "buttons" }, button,
    h("button", { type: "button", onclick: close }, "Cancel")));
  const dialog = h("dialog", { "aria-labelledby": id, onclose: () => dialog.remove() }, form);
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}

// Asks before something that can't be undone.
export function confirm({ text, isDanger = true, ...rest }) {
  return openDialog({ body: h("p", {}, text), isDanger, ...rest });
}
