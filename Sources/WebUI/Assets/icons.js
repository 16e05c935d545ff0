// Shapes that stand beside words, so that no meaning hangs on a colour alone.

import { h, svg } from "./dom.js";

const shapes = {
  firing: "M8 1.5 15 14H1Z",
  resolved: "M8 1a7 7 0 1 0 0 14A7 7 0 0 0 8 1Zm-1 10.2L3.8 8l1.2-1.2 2 2 4-4L12.200 6Z",
  waiting: "M8 1a7 7 0 1 0 0 14A7 7 0 0 0 8 1Zm.8 3v3.700l2.700 2.700-1.100 1.100-3.200-3.200V4Z",
  failed: "M5 1h6l4 4v6l-4 4H5l-4-4V5Zm.8 3.600L4.600 5.800 6.800 8l-2.200 2.200 1.200 1.200"
    + "L8 9.200l2.200 2.200 1.200-1.200L9.200 8l2.200-2.200-1.200-1.200L8 6.800Z",
  off: "M8 1a7 7 0 1 0 0 14A7 7 0 0 0 8 1ZM4 7.200h8v1.600H4Z",
  info: "M8 1a7 7 0 1 0 0 14A7 7 0 0 0 8 1Zm-.8 3h1.600v1.600H7.200Zm0 3h1.600v5H7.200Z",
  dot: "M8 3a5 5 0 1 0 0 10A5 5 0 0 0 8 3Z",
  ring: "M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2Zm0 2a4 4 0 1 1 0 8 4 4 0 0 1 0-8Z",
  diamond: "M8 1 15 8 8 15 1 8Z",
};

export function icon(name) {
  return svg("svg", { class: "icon", viewBox: "0 0 16 16", "aria-hidden": "true",
    focusable: "false" }, svg("path", { d: shapes[name] ?? shapes.dot, "fill-rule": "evenodd" }));
}

// A word with its shape; `tone` is one of bad, warn, good, busy, calm.
export function badge(tone, shape, text) {
  return h("span", { class: `badge ${tone}` }, icon(shape), text);
}
