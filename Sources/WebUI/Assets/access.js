// Settings: named tokens, and the log of who did what.

import { may, post, remove } from "./api.js";
import { confirm, openDialog } from "./dialog.js";
import { copyField, field, h, replace, select } from "./dom.js";
import { listOf } from "./list.js";
import { settings } from "./settings.js";
import { time } from "./time.js";
import { actionWords, roles } from "./words.js";

export async function tokensPage({ query, signal }) {
  const news = h("div", { role: "status" });
  let reload = () => {};
  const list = await listOf({
    path: "/v1/tokens", caption: "Named tokens, by name", query, signal,
    columns: [
      { name: "Name", cell: (token) => token.name },
      { name: "Role", isShort: true, cell: (token) => roles[token.role] ?? token.role },
      { name: "Last used", cell: (token) => (token.last_used_at ? time(token.last_used_at)
        : "never") },
      { name: "Made", isWide: true, cell: (token) => time(token.created_at) },
      may("admin") && { name: "Actions", isShort: true, cell: (token) => revoke(token, () => {
        replace(news);
        return reload();
      }) },
    ].filter(Boolean),
    empty: () => [h("h2", {}, "No named tokens"),
      h("p", {}, "Everybody uses the admin token. With a token of one's own, each does what the "
        + "role allows, and the audit log tells who did what.")],
  });
  reload = list.reload;
  return {
    title: "Tokens",
    content: settings("tokens",
      h("h2", {}, "Tokens"),
      h("p", {}, "For people and programs, beside the admin token. A viewer may look at "
        + "everything, an operator may also resolve alerts, retry and cancel closes, replay "
        + "deliveries and check keys, an admin may do everything."),
      may("admin") && h("button", { type: "button", class: "primary",
        onclick: () => createDialog(news, () => reload()) }, "New token"),
      news, list.content),
  };
}

function revoke(token, done) {
  return h("button", { type: "button", class: "danger", onclick: () => confirm({
    title: "Revoke this token?", submitText: "Revoke", busyText: "Revoking…",
    text: `Whoever uses the token “${token.name}” is refused from now on, and signed out.`,
    submit: async () => {
      await remove(`/v1/tokens/${encodeURIComponent(token.id)}`);
      await done();
    },
  }) }, "Revoke", h("span", { class: "hidden-text" }, `: ${token.name}`));
}

function createDialog(news, done) {
  const name = field("Name", h("input", { type: "text", maxlength: "200", autocomplete: "off" }),
    "Whose token it is, such as a person or a program.");
  const role = field("Role", select(Object.entries(roles), "viewer"));
  openDialog({
    title: "New token", submitText: "Create token", busyText: "Creating…", body: [name, role],
    submit: async () => {
      const text = name.input.value.trim();
      name.complain(text ? null : "Enter a name.");
      if (!text) {
        name.input.focus();
        return false;
      }
      const token = await post("/v1/tokens", { name: text, role: role.input.value });
      replace(news, h("div", { class: "card" },
        h("p", {}, `The token of “${token.name}”. It is not shown again.`),
        copyField("New token", token.token, "Copy token")));
      await done();
      return true;
    },
  });
}

export async function auditPage({ query, signal }) {
  const list = await listOf({
    path: "/v1/audit", caption: "What was done, newest first", query, signal,
    filters: [
      { name: "action", label: "Action", options: [["", "All"], ...Object.entries(actionWords)] },
      { name: "actor", label: "Who", isSearch: true },
      { name: "object_id", label: "Id", isSearch: true },
    ],
    columns: [
      { name: "When", cell: (entry) => time(entry.at) },
      { name: "Who", cell: ({ actor }) => [actor.name,
        h("span", { class: "sub" }, [actor.kind, actor.peer && `from ${actor.peer}`]
          .filter(Boolean).join(" "))] },
      { name: "What", cell: (entry) => [actionWords[entry.action] ?? entry.action,
        entry.fields.length > 0 && h("span", { class: "sub" }, entry.fields.join(", "))] },
      { name: "Id", isWide: true, cell: (entry) => h("code", {}, entry.object_id) },
      { name: "Outcome", isShort: true, cell: (entry) => entry.outcome },
    ],
    empty: (hasFilters) => (hasFilters
      ? [h("h2", {}, "Nothing like that"), h("p", {}, "Names and ids have to be whole.")]
      : [h("h2", {}, "Nothing was changed yet")]),
  });
  return {
    title: "Audit log",
    content: settings("audit", h("h2", {}, "Audit log"),
      h("p", {}, "Every change, who made it and from where. Entries can't be changed, and are kept "
        + "for 400 days."), list.content),
  };
}
