// Elements from names, properties and children. Whatever is text stays text: nothing here, and
// nothing elsewhere, makes markup out of a string.

const svgNamespace = "http://www.w3.org/2000/svg";

export function h(tag, properties, ...children) {
  return build(document.createElement(tag), properties, children);
}

export function svg(tag, properties, ...children) {
  return build(document.createElementNS(svgNamespace, tag), properties, children);
}

function build(element, properties, children) {
  for (const [name, value] of Object.entries(properties ?? {})) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "value") element.value = value;
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null
    && child !== undefined && child !== false));
  return element;
}

export function replace(element, ...children) {
  element.replaceChildren(...children.flat(Infinity).filter(Boolean));
}

// The same for what is shown again and again: who is at its third button stays at the third.
export function refresh(element, ...children) {
  const focusables = () => [...element.querySelectorAll("a, button, input")];
  const index = focusables().indexOf(document.activeElement);
  replace(element, ...children);
  if (index >= 0) focusables()[index]?.focus({ preventScroll: true });
}

// Only these lead out of the gateway, and the page that they open knows nothing of ours.
export function webLink(address, text) {
  let url;
  try {
    url = new URL(address);
  } catch {
    return null;
  }
  if (url.protocol !== "https:" && url.protocol !== "http:") return null;
  return h("a", { href: url.href, rel: "noopener noreferrer", target: "_blank" }, text,
    h("span", { class: "hidden-text" }, " (opens in a new tab)"));
}

let lastID = 0;

export function newID(prefix = "id") {
  lastID += 1;
  return `${prefix}-${lastID}`;
}

// A label and what it belongs to, with a hint below and room for what is wrong with it.
export function field(label, input, hint) {
  input.id ||= newID("field");
  const problem = h("p", { class: "problem", id: `${input.id}-problem`, hidden: true });
  const described = [problem.id];
  const parts = [h("label", { for: input.id }, label), input];
  if (hint) {
    const text = h("p", { class: "hint", id: `${input.id}-hint` }, hint);
    described.unshift(text.id);
    parts.push(text);
  }
  input.setAttribute("aria-describedby", described.join(" "));
  const box = h("div", { class: "field" }, parts, problem);
  box.input = input;
  box.complain = (text) => {
    problem.hidden = !text;
    problem.textContent = text ?? "";
    if (text) input.setAttribute("aria-invalid", "true");
    else input.removeAttribute("aria-invalid");
  };
  return box;
}

// A field for a secret: masked like a password, but a text box for assistive technology.
export function secretInput(properties) {
  return h("input", {
    type: "text", class: "masked", autocomplete: "off", autocapitalize: "off",
    spellcheck: "false", ...properties,
  });
}

export function select(options, value, properties) {
  const element = h("select", properties,
    options.map(([key, text]) => h("option", { value: key }, text)));
  element.value = value;
  return element;
}

// A definition list; entries without a value are left out.
export function facts(entries, properties) {
  return h("dl", { class: "facts", ...properties }, entries
    .filter(([, value]) => value !== null && value !== undefined && value !== "")
    .map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value))));
}

export async function copy(input) {
  try {
    await navigator.clipboard.writeText(input.value);
    return true;
  } catch {
    // Without https browsers have only the old way.
    input.select();
    return document.execCommand("copy");
  }
}

// A field that can't be changed, with a button that copies it.
export function copyField(label, value, buttonText) {
  const input = h("input", { type: "text", readonly: true, value });
  const box = field(label, input);
  const said = h("span", { class: "said", role: "status" });
  const button = h("button", {
    type: "button",
    onclick: async () => {
      said.textContent = await copy(input) ? "Copied" : "Select and copy it by hand";
      setTimeout(() => { said.textContent = ""; }, 4000);
    },
  }, buttonText);
  input.after(h("div", { class: "beside" }, button, said));
  return box;
}
