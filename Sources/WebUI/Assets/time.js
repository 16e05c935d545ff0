// Moments: relative for who looks, exact for who asks and for screen readers.

const exactFormat = new Intl.DateTimeFormat(undefined, {
  year: "numeric", month: "short", day: "numeric",
  hour: "2-digit", minute: "2-digit", second: "2-digit", timeZoneName: "short",
});
const clockFormat = new Intl.DateTimeFormat(undefined, {
  hour: "2-digit", minute: "2-digit", second: "2-digit",
});

const units = [["d", 86400], ["h", 3600], ["min", 60], ["s", 1]];

export function duration(seconds) {
  const whole = Math.max(0, Math.round(seconds));
  const index = units.findIndex(([, length]) => whole >= length);
  if (index < 0) return "0 s";
  const [unit, length] = units[index];
  const count = Math.floor(whole / length);
  const next = units[index + 1];
  const rest = next && index < 2 && count < 4 ? Math.floor((whole % length) / next[1]) : 0;
  return rest > 0 ? `${count} ${unit} ${rest} ${next[0]}` : `${count} ${unit}`;
}

function relative(moment) {
  const seconds = (Date.now() - moment) / 1000;
  if (Math.abs(seconds) < 5) return "now";
  return seconds > 0 ? `${duration(seconds)} ago` : `in ${duration(-seconds)}`;
}

export const exact = (text) => exactFormat.format(new Date(text));
export const clockTime = (text) => clockFormat.format(new Date(text));

export function time(text, { isAge = false } = {}) {
  if (!text) return document.createTextNode("–");
  const element = document.createElement("time");
  element.dateTime = text;
  element.title = exact(text);
  if (isAge) element.dataset.age = "true";
  const shown = document.createElement("span");
  shown.ariaHidden = "true";
  const spoken = document.createElement("span");
  spoken.className = "hidden-text";
  spoken.textContent = element.title;
  element.append(shown, spoken);
  show(element);
  return element;
}

function show(element) {
  const moment = Date.parse(element.dateTime);
  const text = element.dataset.age
    ? duration((Date.now() - moment) / 1000) : relative(moment);
  if (element.firstChild.textContent !== text) element.firstChild.textContent = text;
}

setInterval(() => {
  for (const element of document.querySelectorAll("time")) show(element);
}, 5000);
