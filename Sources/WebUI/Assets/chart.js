// Small pictures of numbers, as SVG; each says in words what it shows.

import { h, svg } from "./dom.js";

const width = 240;
const height = 44;

function picture(summary, ...shapes) {
  return svg("svg", {
    class: "chart", viewBox: `0 0 ${width} ${height}`, preserveAspectRatio: "none",
    role: "img", "aria-label": summary,
  }, shapes);
}

const scale = (value, top) => height - 1 - (value / Math.max(top, 1)) * (height - 4);

// A line over time with the area below it.
export function area(values, summary) {
  const top = Math.max(...values);
  const step = width / Math.max(values.length - 1, 1);
  const points = values.map((value, index) =>
    `${(index * step).toFixed(1)} ${scale(value, top).toFixed(1)}`);
  const line = `M${points.join("L")}`;
  return picture(summary,
    svg("path", { class: "area", d: `${line}L${width} ${height}L0 ${height}Z` }),
    svg("path", { class: "line", d: line, "vector-effect": "non-scaling-stroke" }));
}

// A bar for each value; `marked` is the part of each that is told apart, on top.
export function bars(values, summary, marked = []) {
  const top = Math.max(...values.map((value, index) => value + (marked[index] ?? 0)));
  const step = width / values.length;
  const bar = (name, index, from, to) => svg("rect", {
    class: name, x: (index * step + 1).toFixed(1), width: (step - 2).toFixed(1),
    y: scale(to, top).toFixed(1),
    height: Math.max(scale(from, top) - scale(to, top), to > from ? 1 : 0).toFixed(1),
  });
  return picture(summary,
    svg("path", { class: "base", d: `M0 ${height - 0.5}H${width}`,
      "vector-effect": "non-scaling-stroke" }),
    values.map((value, index) => [
      value > 0 && bar("bar", index, 0, value),
      marked[index] > 0 && bar("mark", index, value, value + marked[index]),
    ]));
}

const day = 86400;
const lateSeconds = 600;

// A bar as long as something waits, from a second to a day; ticks at a minute and an hour.
export function waiting(seconds, summary) {
  const place = (value) => (Math.log(Math.min(value, day)) / Math.log(day)) * width;
  const tick = (value) => `M${place(value).toFixed(1)} 8V${height - 8}`;
  return picture(summary,
    svg("path", { class: "base", d: `M0 ${height / 2}H${width}${tick(60)}${tick(3600)}`,
      "vector-effect": "non-scaling-stroke" }),
    seconds >= 1 && svg("rect", { class: seconds < lateSeconds ? "bar" : "overdue", x: "0",
      y: String(height / 2 - 8), width: Math.max(place(seconds), 2).toFixed(1), height: "16" }));
}

// A number with its picture and what it means.
export function tile(name, number, detail, image) {
  return h("div", { class: "tile" },
    h("p", { class: "tile-name" }, name),
    h("p", { class: "tile-number" }, number),
    image, h("p", { class: "tile-detail" }, detail));
}
