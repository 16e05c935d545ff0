// Finds the page for a path and shows it; everything that is the same on all pages.

import * as api from "./api.js";
import * as banners from "./banners.js";
import { h, replace } from "./dom.js";
import * as live from "./live.js";
import { auditPage, tokensPage } from "./access.js";
import { alertsPage } from "./alerts.js";
import { alertPage } from "./alert.js";
import { closesPage } from "./closes.js";
import { deliveriesPage } from "./deliveries.js";
import { deliveryPage } from "./delivery.js";
import { newSourcePage } from "./newsource.js";
import { endpointPage, endpointsPage } from "./outbound.js";
import { aboutPage, sessionsPage } from "./settings.js";
import { integrationsPage } from "./integrations.js";
import { signInPage } from "./signin.js";
import { sourcePage } from "./source.js";
import { sourcesPage } from "./sources.js";
import { statusPage } from "./status.js";

const pages = [
  ["/sign-in", signInPage],
  ["/alerts", alertsPage],
  ["/alerts/sources", sourcesPage],
  ["/alerts/sources/new", newSourcePage],
  ["/alerts/sources/{id}", sourcePage],
  ["/alerts/{id}", alertPage],
  ["/closes", closesPage],
  ["/deliveries", deliveriesPage],
  ["/deliveries/{id}", deliveryPage],
  ["/settings/integrations", integrationsPage],
  ["/settings/outbound", endpointsPage],
  ["/settings/outbound/{id}", endpointPage],
  ["/settings/sessions", sessionsPage],
  ["/settings/tokens", tokensPage],
  ["/settings/audit", auditPage],
  ["/settings/status", statusPage],
  ["/settings/about", aboutPage],
];
const redirects = { "/": "/alerts", "/settings": "/settings/integrations" };

const main = document.getElementById("main");
const header = document.getElementById("top");
const announcer = document.getElementById("announcer");
let leaving = new AbortController();
let isSignedIn = false;

function find(path) {
  for (const [pattern, page] of pages) {
    const names = [];
    const source = pattern.replace(/\{(\w+)\}/g, (_, name) => {
      names.push(name);
      return "([^/]+)";
    });
    const match = new RegExp(`^${source}/?$`).exec(path);
    if (!match) continue;
    const parameters = {};
    try {
      names.forEach((name, index) => {
        parameters[name] = decodeURIComponent(match[index + 1]);
      });
    } catch {
      break;
    }
    return { page, parameters };
  }
  return { page: missingPage, parameters: {} };
}

async function missingPage() {
  return {
    title: "Not found",
    content: [h("h1", {}, "Not found"),
      h("p", {}, "There is no page here. ", h("a", { href: "/alerts" }, "Go to the list"), ".")],
  };
}

function failedPage(error) {
  const isGone = error.status === 404;
  return {
    title: isGone ? "Not found" : "Something went wrong",
    content: [
      h("h1", {}, isGone ? "Not found" : "Something went wrong"),
      h("p", { role: "alert", class: "error" }, error.message),
      isGone ? h("p", {}, "It may be older than what is kept.")
        : h("button", { type: "button", onclick: () => location.reload() }, "Try again"),
    ],
  };
}

// Goes to a page of the gateway as a link would.
export function go(path, { replaces = false } = {}) {
  // Whoever comes back finds the page where it was left.
  if (!replaces) history.replaceState({ y: scrollY }, "");
  history[replaces ? "replaceState" : "pushState"]({}, "", path);
  return show(path);
}

async function show(path, { isFirst = false, y = 0 } = {}) {
  leaving.abort(new DOMException("left", "AbortError"));
  for (const dialog of document.querySelectorAll("dialog")) dialog.close();
  leaving = new AbortController();
  const { signal } = leaving;
  const url = new URL(path, location.origin);
  if (redirects[url.pathname]) return go(redirects[url.pathname], { replaces: true });
  if (!isSignedIn && url.pathname !== "/sign-in") return goToSignIn();
  markNavigation(url.pathname);
  const slow = setTimeout(() => {
    replace(main, h("p", { class: "loading", role: "status" }, "Loading…"));
  }, 400);
  const { page, parameters } = find(url.pathname);
  let shown;
  try {
    shown = await page({ parameters, query: url.searchParams, signal, go, signedIn });
  } catch (error) {
    if (signal.aborted) return undefined;
    if (error.status === 401) return goToSignIn();
    shown = failedPage(error);
  } finally {
    clearTimeout(slow);
  }
  if (signal.aborted) return undefined;
  document.title = `${shown.title} – bigpanda-gateway`;
  replace(main, shown.content);
  if (!isFirst) {
    scrollTo(0, y);
    const heading = main.querySelector("[data-focus]") ?? main.querySelector("h1") ?? main;
    if (!heading.hasAttribute("data-focus")) heading.tabIndex = -1;
    heading.focus({ preventScroll: true });
    // What the focus reads out is not said twice.
    announcer.textContent = heading.textContent === shown.title ? "" : shown.title;
  }
  return undefined;
}

function markNavigation(path) {
  for (const link of header.querySelectorAll("nav a")) {
    const isHere = path === link.pathname || path.startsWith(`${link.pathname}/`);
    if (isHere) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
}

// Signing in and out.

function goToSignIn() {
  isSignedIn = false;
  header.hidden = true;
  live.stop();
  banners.stop();
  api.setSession(null);
  api.forgetDirectory();
  if (location.pathname === "/sign-in") return undefined;
  const next = location.pathname + location.search;
  const isWorthIt = next !== "/" && next !== "/alerts";
  return go(isWorthIt ? `/sign-in?next=${encodeURIComponent(next)}` : "/sign-in",
    { replaces: true });
}

function signedIn(session, next) {
  begin(session);
  // Only to pages of ours: what a link asks for may be anything.
  const isOurs = next?.startsWith("/") && !next.startsWith("//") && !next.startsWith("/\\");
  return go(isOurs ? next : "/alerts", { replaces: true });
}

function begin(session) {
  isSignedIn = true;
  api.setSession(session);
  header.hidden = false;
  live.start();
  banners.start();
}

api.whenSignedOut(() => {
  if (isSignedIn) goToSignIn();
});

document.getElementById("sign-out").addEventListener("click", async () => {
  try {
    await api.remove("/v1/session");
  } catch (error) {
    // Whoever leaves the machine has to know that its session is still there.
    if (error.status !== 401) {
      main.querySelector("#not-out")?.remove();
      main.prepend(h("p", { id: "not-out", role: "alert", class: "error" },
        `You are still signed in. ${error.message}`));
      return;
    }
  }
  isSignedIn = false;
  history.replaceState({}, "", "/sign-in");
  goToSignIn();
  show("/sign-in");
});

// How live the page is.

const liveTexts = {
  connecting: "Connecting…", live: "Live", stopped: "",
  lost: "Connection lost: reconnecting", off: "Not live: refreshed every 15 s",
};

live.onState((state) => {
  const element = document.getElementById("live");
  if (element.dataset.state === state) return;
  element.dataset.state = state;
  element.textContent = liveTexts[state];
});

// Links and the browser's buttons.

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[href]");
  if (!link || event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey
    || event.shiftKey || event.altKey || link.target || link.hasAttribute("download")
    || link.origin !== location.origin) return;
  event.preventDefault();
  if (link.classList.contains("skip")) {
    main.focus();
    main.scrollIntoView();
    return;
  }
  go(link.pathname + link.search);
});

addEventListener("popstate", ({ state }) =>
  show(location.pathname + location.search, { y: state?.y }));

const first = location.pathname + location.search;
try {
  const session = await api.get("/v1/session");
  if (session) begin(session);
  show(first, { isFirst: true });
} catch (error) {
  document.title = "Something went wrong – bigpanda-gateway";
  replace(main, failedPage(error).content);
}
