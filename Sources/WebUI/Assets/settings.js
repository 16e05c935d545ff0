// Settings: what all of their pages have, sessions, and about.

import { get, may, remove } from "./api.js";
import { confirm } from "./dialog.js";
import { facts, h } from "./dom.js";
import { listOf } from "./list.js";
import { duration, time } from "./time.js";

export function settings(current, ...content) {
  const link = (path, text) => h("a", {
    href: `/settings/${path}`, "aria-current": path === current ? "page" : null,
  }, text);
  return [
    h("h1", {}, "Settings"),
    h("nav", { class: "tabs", "aria-label": "Settings" },
      link("integrations", "Integrations"), h("a", { href: "/alerts/sources" }, "Sources"),
      link("outbound", "Outbound"), link("tokens", "Tokens"), link("sessions", "Sessions"),
      link("audit", "Audit log"), link("status", "Status"), link("about", "About")),
    content,
  ];
}

export async function sessionsPage({ query, signal }) {
  const list = await listOf({
    path: "/v1/sessions", caption: "Sessions, the one used last first", query, signal,
    columns: [
      { name: "From", cell: (session) => [session.peer,
        session.current && h("span", { class: "chip" }, "this browser")] },
      { name: "With", cell: (session) => session.token_name ?? "a revoked token" },
      { name: "Signed in", isWide: true, cell: (session) => time(session.created_at) },
      { name: "Last used", cell: (session) => time(session.last_used_at) },
      { name: "Ends", isWide: true, cell: (session) => time(session.expires_at) },
    ],
    empty: () => [h("h2", {}, "Nobody is signed in")],
  });
  return {
    title: "Sessions",
    content: settings("sessions",
      h("h2", {}, "Sessions"),
      h("p", {}, "Browsers that are signed in, with which token. One that is not used for "
        + "12 hours is signed out."),
      list.content,
      may("admin") && h("button", { type: "button", class: "danger", onclick: () => confirm({
        title: "Sign everybody out?", submitText: "Sign out everywhere",
        busyText: "Signing out…",
        text: "All browsers are signed out, this one too. If the admin token is known to somebody "
          + "whom it should not be, change it as well.",
        submit: async () => {
          await remove("/v1/sessions");
          location.assign("/sign-in");
        },
      }) }, "Sign out everywhere")),
  };
}

const stores = { sqlite: "SQLite, in one file", postgresql: "PostgreSQL" };

export async function aboutPage({ signal }) {
  const about = await get("/v1/about", { signal });
  return {
    title: "About",
    content: settings("about", h("section", { class: "card", "aria-labelledby": "about-title" },
      h("h2", { id: "about-title" }, "About this gateway"),
      facts([
        ["Version", about.version],
        ["Store", stores[about.store] ?? about.store],
        ["Schema", String(about.schema_version)],
        ["Runs for", duration(about.uptime_seconds)],
        ["Since", time(about.started_at)],
        ["Callback URLs begin with", h("code", {}, about.public_url)],
      ]),
      h("p", {}, h("a", { href: "/openapi.json", download: "openapi.json" },
        "The API's description"), " (OpenAPI 3.1)"))),
  };
}
