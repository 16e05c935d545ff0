// The gateway's API, as a page that is signed in uses it.

let csrfToken = null;
let role = null;
let onSignedOut = () => {};

// An answer that is an error: what went wrong, and what to do.
export class Problem extends Error {
  constructor(status, code, detail) {
    super(detail);
    this.status = status;
    this.code = code;
  }
}

const advice = {
  store_unavailable: "Nothing was changed. See the gateway's log and /readyz, then try again.",
  overloaded: "The gateway has more to do than it can; try again in a few seconds.",
  unavailable: "Try again; if it stays like this, see the gateway's log.",
  operator_required: "Sign in with a token that may do this, or ask somebody who has one.",
  admin_required: "Sign in with a token that may do this, or ask somebody who has one.",
  csrf_token_wrong: "This page is out of date. Reload it and try again.",
  bigpanda_unreachable: "Check the region or base URL, and that this machine may reach it.",
};

export function whenSignedOut(action) {
  onSignedOut = action;
}

export function setSession(session) {
  csrfToken = session?.csrf_token ?? null;
  role = session?.role ?? null;
}

const ranks = ["viewer", "operator", "admin"];

// Whether whoever is signed in may do what needs a role; the gateway has the last word.
export const may = (needed) => ranks.indexOf(role) >= ranks.indexOf(needed);

async function problem(response) {
  let told = {};
  try {
    told = await response.json();
  } catch {
    // Not ours: a proxy's page, perhaps.
  }
  const detail = told.detail ?? told.title ?? `The gateway answered ${response.status}.`;
  const hint = advice[told.code];
  return new Problem(response.status, told.code, hint ? `${detail} ${hint}` : detail);
}

export async function call(method, path, body, { signal, keepsSession } = {}) {
  const headers = {};
  if (body !== undefined) headers["Content-Type"] = "application/json";
  if (method !== "GET" && csrfToken) headers["X-CSRF-Token"] = csrfToken;
  let response;
  try {
    response = await fetch(path, {
      method, headers, signal, body: body === undefined ? undefined : JSON.stringify(body),
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new Problem(0, "unreachable",
      "The gateway can't be reached. Check the connection, then try again.");
  }
  if (response.status === 401 && !keepsSession) onSignedOut();
  if (!response.ok) throw await problem(response);
  return response.status === 204 ? null : response.json();
}

export const get = (path, options) => call("GET", path, undefined, options);
export const post = (path, body, options) => call("POST", path, body, options);
export const put = (path, body) => call("PUT", path, body);
export const patch = (path, body) => call("PATCH", path, body);
export const remove = (path) => call("DELETE", path);

export function query(path, parameters) {
  const set = Object.entries(parameters).filter(([, value]) => value);
  return set.length ? `${path}?${new URLSearchParams(set)}` : path;
}

// Integrations and sources, which most pages name; asked for once and again when they change.
let directory = null;

export function forgetDirectory() {
  directory = null;
}

export function getDirectory(signal) {
  directory ??= Promise.all([
    get("/v1/sources?limit=500"), get("/v1/integrations?limit=500"),
  ]).then(([sources, integrations]) => ({
    sources: sources.items,
    integrations: integrations.items,
    nameOfSource: (id) => sources.items.find((source) => source.id === id)?.name ?? id,
  })).catch((error) => {
    directory = null;
    throw error;
  });
  if (signal?.aborted) throw signal.reason;
  return directory;
}
