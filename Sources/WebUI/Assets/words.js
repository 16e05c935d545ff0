// What the API's words mean, in words for people.

import { badge } from "./icons.js";

export function statusBadge(status) {
  return status === "firing" ? badge("bad", "firing", "Firing")
    : badge("good", "resolved", "Resolved");
}

const severities = {
  critical: ["bad", "diamond"], high: ["bad", "diamond"], major: ["bad", "diamond"],
  warning: ["warn", "ring"], medium: ["warn", "ring"], minor: ["warn", "ring"],
  unknown: ["calm", "ring"],
};

export function severityBadge(severity) {
  if (!severity) return "–";
  const [tone, shape] = severities[severity.toLowerCase()] ?? ["calm", "dot"];
  return badge(tone, shape, severity.charAt(0).toUpperCase() + severity.slice(1));
}

const closes = {
  pending: ["busy", "waiting", "Closing in BigPanda"],
  sending: ["busy", "waiting", "Closing in BigPanda"],
  sent: ["busy", "waiting", "Closing in BigPanda"],
  confirmed: ["good", "resolved", "Closed in BigPanda"],
  failed: ["bad", "failed", "Close failed"],
  cancelled: ["calm", "off", "Close cancelled"],
};

export const closeBadge = (state) => badge(...closes[state] ?? ["calm", "dot", state]);

export const closeStates = [
  ["", "All"], ["pending", "Pending"], ["sending", "Sending"], ["sent", "Sent"],
  ["confirmed", "Confirmed"], ["failed", "Failed"], ["cancelled", "Cancelled"],
];

export const closeSteps = {
  pending: "Waits for its turn; it is sent as soon as BigPanda's rate limit and its state allow.",
  sending: "A call to BigPanda is under way.",
  sent: "BigPanda accepted the close. It counts once BigPanda shows the incident closed.",
  confirmed: "BigPanda shows the incident closed.",
  failed: "The incident may still be open in BigPanda: try again, or close it there.",
  cancelled: "Nothing more is sent for this close.",
};

const outcomes = {
  created: ["good", "info", "Taken in: new alert"],
  updated: ["good", "info", "Taken in: update"],
  resolved: ["good", "resolved", "Taken in: resolved"],
  refired: ["bad", "firing", "Taken in: fires again"],
  duplicate: ["calm", "off", "Ignored: duplicate"],
  ignored_stale: ["calm", "off", "Ignored: out of date"],
  refused: ["warn", "failed", "Refused"],
};

export const outcomeBadge = (outcome) => badge(...outcomes[outcome] ?? ["calm", "dot", outcome]);

export const outcomeOptions = [["", "All"]].concat(
  Object.entries(outcomes).map(([key, [, , text]]) => [key, text]));

const refusals = {
  bad_secret: ["Missing or wrong secret",
    "Set the header Authorization: Bearer … in BigPanda to the source's secret; rotate it if it "
      + "is lost."],
  method_not_allowed: ["Wrong method", "BigPanda's webhook posts; something else called this URL."],
  unsupported_media_type: ["Not sent as JSON",
    "The sender has to say Content-Type: application/json."],
  not_json: ["Not JSON", "The raw body shows what came instead."],
  no_incident_id: ["No incident id", "This is not BigPanda's native payload; see the raw body."],
  bad_incident_id: ["Bad incident id", "An id is a text of 1 to 256 bytes."],
  too_large: ["Too large", "Raise GATEWAY_MAX_BODY_BYTES if incidents are really this large."],
  request_timeout: ["Came too slowly",
    "The connection from BigPanda, or a proxy's, is slow or stalled."],
  truncated_request: ["Broke off",
    "The connection ended before all was there; BigPanda tries again."],
  bad_framing: ["Malformed request", "What came is no proper HTTP; look at the proxy in between."],
  overloaded: ["Too busy", "BigPanda was told to try again."],
  store_unavailable: ["Could not be stored",
    "BigPanda was told to try again; see the gateway's log."],
};

export const refusalText = (reason) => refusals[reason]?.[0] ?? reason ?? "";
export const refusalAdvice = (reason) => refusals[reason]?.[1] ?? "";

const states = {
  connected: ["good", "resolved", "Connected"],
  key_rejected: ["bad", "failed", "Key rejected"],
  key_forbidden: ["bad", "failed", "Key lacks rights"],
  unreachable: ["warn", "waiting", "Unreachable"],
};

export const integrationBadge = (state) => badge(...states[state] ?? ["calm", "dot", state]);

export function actor({ kind, name }) {
  switch (kind) {
    case "bigpanda": return `BigPanda (${name})`;
    case "user": return name;
    case "reconcile": return "the gateway, reading BigPanda";
    default: return `the gateway (${name})`;
  }
}

export function bytes(count) {
  if (count < 1024) return `${count} B`;
  return count < 1048576 ? `${(count / 1024).toFixed(1)} KB` : `${(count / 1048576).toFixed(1)} MB`;
}

export const plural = (count, one, many = `${one}s`) =>
  `${count.toLocaleString()} ${count === 1 ? one : many}`;

export const roles = { viewer: "Viewer", operator: "Operator", admin: "Admin" };

export const eventWords = {
  "alert.created": "Alert created", "alert.resolved": "Alert resolved",
  "alert.refired": "Alert re-fired", "alert.updated": "Alert updated",
  "close.confirmed": "Close confirmed", "close.failed": "Close failed", "endpoint.test": "Test",
};

export const actionWords = {
  "integration.create": "Connected an integration",
  "integration.update": "Changed an integration",
  "integration.delete": "Removed an integration",
  "integration.check": "Recorded a check of a key",
  "source.create": "Made a source",
  "source.update": "Changed a source",
  "source.rotate_secret": "Rotated a secret",
  "source.delete": "Removed a source",
  "alert.resolve": "Resolved an alert",
  "close.retry": "Retried a close",
  "close.cancel": "Cancelled a close",
  "delivery.replay": "Replayed a delivery",
  "webhook_endpoint.create": "Made a webhook endpoint",
  "webhook_endpoint.update": "Changed a webhook endpoint",
  "webhook_endpoint.rotate_secret": "Rotated an endpoint’s secret",
  "webhook_endpoint.delete": "Removed a webhook endpoint",
  "webhook_endpoint.test": "Tested a webhook endpoint",
  "webhook_delivery.replay": "Posted a webhook again",
  "session.create": "Signed in",
  "session.delete": "Signed out",
  "session.delete_all": "Signed everybody out",
  "token.create": "Made a token",
  "token.revoke": "Revoked a token",
  "admin_token.rotate": "Changed the admin token",
  "master_key.rotate": "Changed the master key",
  "master_key.reseal": "Sealed API keys anew",
  "store.restore": "Restored a backup",
  "store.migrate": "Moved the store here",
};
