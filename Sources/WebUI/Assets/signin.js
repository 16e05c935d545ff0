// Signing in with a token.

import { post } from "./api.js";
import { busy, errorBox } from "./dialog.js";
import { field, h, secretInput } from "./dom.js";

export async function signInPage({ query, signedIn }) {
  const token = field("Admin token", secretInput({ "data-focus": true, name: "token" }),
    "One of your own, or the one in the file admin-token beside the store, unless "
      + "GATEWAY_ADMIN_TOKEN sets it.");
  const error = errorBox();
  const button = h("button", { type: "submit", class: "primary" }, "Sign in");
  const submit = async () => {
    error.say("");
    const text = token.input.value.trim();
    token.complain(text ? null : "Enter the admin token.");
    if (!text) {
      token.input.focus();
      return;
    }
    try {
      const session = await post("/v1/session", { token: text }, { keepsSession: true });
      token.input.value = "";
      await signedIn(session, query.get("next"));
    } catch (problem) {
      error.say(problem.code === "wrong_token"
        ? "This is not the admin token of this gateway, nor another of its tokens. "
          + "Check for a part that is missing."
        : problem.message);
      token.input.focus();
    }
  };
  const form = h("form", {
    class: "sign-in card", novalidate: true,
    onsubmit: (event) => {
      event.preventDefault();
      busy(button, "Signing in…", submit);
    },
  }, h("h1", {}, "Sign in"),
  query.get("next") && h("p", {}, "Sign in to see what you came for."),
  token, error, button);
  return { title: "Sign in", content: form };
}
