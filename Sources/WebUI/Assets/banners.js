// What every page tells at its top: keys that BigPanda refuses or that are about to end, and what
// does not get done until somebody acts.

import { forgetDirectory, get, may } from "./api.js";
import { h, replace } from "./dom.js";
import * as live from "./live.js";
import { askAgain, onStatus } from "./status.js";
import { plural } from "./words.js";

const element = document.getElementById("banners");
const warnSeconds = 30 * 86400;
// The banner of keys tells of these, and what to do.
const toldOfKeys = ["integration_paused", "key_expired"];
const subjectsMax = 3;
let watching = new AbortController();
let shown = {};

export function start() {
  stop();
  watching = new AbortController();
  const { signal } = watching;
  const loadKeys = async () => {
    try {
      show({ keys: ofKeys((await get("/v1/integrations?limit=500", { signal })).items) });
    } catch {
      // The page itself says what does not work.
    }
  };
  const loadStatus = () => askAgain(signal);
  const keysSoon = live.soon(loadKeys, signal);
  const statusSoon = live.soon(loadStatus, signal);
  live.on(["integration"], () => {
    forgetDirectory();
    keysSoon();
    statusSoon();
  }, signal);
  addEventListener("integrations-changed", keysSoon, { signal });
  onStatus({ show: ({ findings }) => show({ status: ofFindings(findings) }) }, signal);
  live.regularly(loadStatus, signal);
  loadKeys();
  loadStatus();
}

export function stop() {
  watching.abort();
  shown = {};
  replace(element);
}

// Each banner is a text and, if need be, a link; one that says what it said stays where it is, so
// that nobody hears it twice.
function show(parts) {
  if (watching.signal.aborted) return;
  const before = JSON.stringify(shown);
  shown = { ...shown, ...parts };
  if (JSON.stringify(shown) === before) return;
  const old = new Map([...element.children].map((banner) => [banner.dataset.text, banner]));
  replace(element, [shown.keys, shown.status].flat().filter(Boolean).map(({ text, link }) =>
    old.get(text) ?? h("div", { role: "alert", class: "banner", "data-text": text },
      h("p", {}, text, link && [" ", h("a", { href: link[0] }, link[1])]))));
}

function ofKeys(integrations) {
  const refused = integrations.filter(({ state }) => state.startsWith("key_"));
  const ending = integrations.filter(({ state, key_expires_at: end }) =>
    end && !state.startsWith("key_") && Date.parse(end) - Date.now() <= warnSeconds * 1000);
  const link = may("admin") && ["/settings/integrations", "Replace it"];
  const refusals = refused.map(({ name, state }) => (state === "key_rejected"
    ? `BigPanda rejects the API key of “${name}”.`
    : `The API key of “${name}” may not do what the gateway needs.`)).join(" ");
  const endings = ending.map(({ name, key_expires_at: end }) => (Date.parse(end) <= Date.now()
    ? `The API key of “${name}” has ended.`
    : `The API key of “${name}” ends ${left(end)}.`)).join(" ");
  return [
    refusals && { text: `${refusals} What it owes BigPanda waits until the key is replaced.`,
      link },
    endings && { text: `${endings} Closes wait once it has.`, link },
  ];
}

function left(end) {
  const days = Math.floor((Date.parse(end) - Date.now()) / 86400000);
  return days < 1 ? "within a day" : `in ${plural(days, "day")}`;
}

// Names what the worst findings are about; the page tells the rest, whose figures go on changing.
function ofFindings(findings) {
  const subjects = [...new Set(findings.filter(({ code, severity }) =>
    severity === "error" && !toldOfKeys.includes(code)).map(({ subject }) => subject))];
  if (subjects.length === 0) return null;
  const rest = subjects.length - subjectsMax;
  const named = subjects.slice(0, subjectsMax).map((subject) => `“${subject}”`).join(", ");
  return {
    text: "Something does not get done until somebody acts: "
      + `${named}${rest > 0 ? ` and ${rest} more` : ""}.`,
    link: ["/settings/status", "What to do"],
  };
}
