// Elements, and numbers written for people. A stranger's text is only ever textContent.

export const byId = (id) => document.getElementById(id);

// Make an element: properties, then children (elements or texts).
export function make(tag, properties = {}, ...children) {
  const found = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name.includes("-") || name === "role") found.setAttribute(name, value);
    else found[name] = value;
  }
  found.append(...children.filter((child) => child !== null && child !== undefined));
  return found;
}

// A long name may break after an underscore; what does not print is shown.
export function breakable(text) {
  const shown = String(text).replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (c) => {
    const code = c.codePointAt(0).toString(16);
    return code.length > 2 ? `\\u${code.padStart(4, "0")}` : `\\x${code.padStart(2, "0")}`;
  });
  const found = document.createDocumentFragment();
  shown.split(/(?<=_)/).forEach((part, i) => {
    if (i) found.append(document.createElement("wbr"));
    found.append(part);
  });
  return found;
}

const SVG = "http://www.w3.org/2000/svg";
function draw(tag, attributes) {
  const found = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) found.setAttribute(name, value);
  return found;
}

// A bar from the middle to the right (more) or to the left (less); `share` is from -1 to 1.
export function bar(share) {
  const width = Math.min(50, 50 * Math.abs(share));
  const found = draw("svg", {
    class: "bar",
    viewBox: "0 0 100 10",
    preserveAspectRatio: "none",
    "aria-hidden": "true",
  });
  const x = share >= 0 ? 50 : 50 - width;
  found.append(draw("rect", { class: share >= 0 ? "plus" : "minus", x, y: 1, width, height: 8 }));
  found.append(draw("line", { x1: 50, x2: 50, y1: 0, y2: 10 }));
  return found;
}

const minus = (text) => text.replace("-", "\u2212");
const whole = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const tenth = new Intl.NumberFormat("en", { maximumFractionDigits: 1 });
const known = (value) => typeof value === "number" && Number.isFinite(value);
const unless = (value, write) => (known(value) ? minus(write(value)) : "\u2013");

export const count = (value) => unless(value, whole.format);
export const figure = (value) => unless(value, tenth.format);
export const percent = (value) => unless(value, (v) => `${(100 * v).toFixed(1)}%`);
export const digits = (value) => unless(value, (v) => String(Number(v.toPrecision(4))));
export const signed = (value, decimals = 2) =>
  unless(value, (v) => `${v >= 0 ? "+" : ""}${v.toFixed(decimals)}`);
export const plural = (number, one, many) => `${count(number)} ${number === 1 ? one : many}`;

export const decimal = (value, places) => unless(value, (v) => v.toFixed(places));

// Begin a sentence of the service with a capital, and end it.
export const sentence = (text) =>
  `${text.slice(0, 1).toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? "" : "."}`;

// Let a hand rest before a screen reader is told, and before a long list is drawn anew.
export function rested(act, wait = 250) {
  let waiting = 0;
  return (...words) => {
    window.clearTimeout(waiting);
    waiting = window.setTimeout(() => act(...words), wait);
  };
}

export function save(blob, name) {
  const url = URL.createObjectURL(blob);
  make("a", { href: url, download: name }).click();
  window.setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
