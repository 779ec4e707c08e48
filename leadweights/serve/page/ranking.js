// The ranked leads: searched, filtered and shown a page at a time, however many there are.

import {
  breakable,
  byId,
  count,
  digits,
  make,
  percent,
  plural,
  rested,
  save,
  signed,
} from "./dom.js";

const ROWS = 25;
const MOST_REASONS = 3;

let held = null; // what worker.js has packed
let shown = new Uint32Array(); // rows that are found, the best first
let page = 1;
let open = () => {};

export const probabilityOf = ({ numbers }) => numbers.adjusted_probability ?? numbers.probability;

// Show a new ranking; `openLead(row, place)` is called for the lead that somebody chooses.
export function showRanking(packed, openLead) {
  held = packed;
  open = openLead;
  held.place = new Uint32Array(held.size);
  held.order.forEach((row, at) => {
    held.place[row] = at + 1;
  });
  byId("filters").reset();
  offer("band", held.words.band?.names.slice(1).sort());
  const decided = held.numbers.decision;
  offer("decision", decided && ["contact", "no contact"]);
  byId("nothing").hidden = true;
  byId("results").hidden = false;
  byId("summary").replaceChildren(...summary());
  find();
}

function offer(id, names) {
  byId(`by-${id}`).hidden = !names?.length;
  byId(id).replaceChildren(
    make("option", { value: "" }, "All"),
    ...(names ?? []).map((name) => make("option", { value: name }, name)),
  );
}

function summary() {
  const { size, numbers, words } = held;
  const scored = numbers.lead_score?.reduce((sum, own) => sum + !Number.isNaN(own), 0) ?? 0;
  const said = [`${plural(size, "lead", "leads")}.`];
  if (scored < size)
    said.push(`${count(size - scored)} without consent: no score, and last in the list.`);
  if (words.band) {
    const rows = words.band.names
      .slice(1)
      .sort()
      .map((name) => {
        const code = words.band.names.indexOf(name);
        return `${name} ${count(words.band.values.reduce((sum, own) => sum + (own === code), 0))}`;
      });
    said.push(`Bands: ${rows.join(", ")}.`);
  }
  if (numbers.decision)
    said.push(
      `To be contacted: ${count(numbers.decision.reduce((sum, own) => sum + (own === 1), 0))}.`,
    );
  return [said.join(" ")];
}

// Find the rows that all filters let through.
function find() {
  const text = byId("search").value.trim().toLowerCase();
  const { keys, reasons, words, numbers } = held;
  const told = reasons.names.map((name) => name !== null && name.toLowerCase().includes(text));
  const band = byId("band").value && words.band.names.indexOf(byId("band").value);
  const decision = byId("decision").value && Number(byId("decision").value === "contact");
  const least = byId("least-shown").valueAsNumber / 100;
  const probability = probabilityOf(held);
  const matches = (row) => {
    if (keys.some(({ values }) => values[row].toLowerCase().includes(text))) return true;
    for (let i = row * reasons.most; i < (row + 1) * reasons.most; i += 1) {
      if (told[reasons.values[i]]) return true;
    }
    return false;
  };
  shown = held.order.filter(
    (row) =>
      (!text || matches(row)) &&
      (band === "" || words.band.values[row] === band) &&
      (decision === "" || numbers.decision[row] === decision) &&
      (!(least > 0) || probability?.[row] >= least),
  );
  turn(1);
  tell();
}

const tell = rested(() => {
  byId("found").textContent =
    shown.length === held.size
      ? `All ${plural(held.size, "lead is", "leads are")} shown, ${ROWS} on a page.`
      : `${plural(shown.length, "lead is", "leads are")} found, of ${count(held.size)}.`;
});

function turn(to) {
  const pages = Math.max(1, Math.ceil(shown.length / ROWS));
  page = Math.min(Math.max(1, Math.trunc(to) || 1), pages);
  byId("page").value = String(page);
  byId("page").max = String(pages);
  byId("of").textContent = count(pages);
  byId("pages").hidden = pages === 1;
  // A button under the focus stays enabled: aria-disabled says that it does nothing.
  for (const [id, off] of [
    ["first", page === 1],
    ["before", page === 1],
    ["next", page === pages],
    ["last", page === pages],
  ]) {
    byId(id).setAttribute("aria-disabled", String(off));
  }
  draw();
}

// The columns that the answer has: a heading, how a row is written, whether it is text.
function columns() {
  const { keys, numbers, words, reasons } = held;
  const found = [{ name: "Rank", write: (row) => count(held.place[row]) }];
  const keyed = keys.length ? keys : [{ name: "Row", values: null }];
  keyed.forEach(({ name, values }, at) =>
    found.push({
      name,
      text: true,
      key: at === 0,
      write: (row) => (values ? values[row] : count(row + 1)),
    }),
  );
  const probability = probabilityOf(held);
  if (numbers.score_100)
    found.push({ name: "Score", write: (row) => count(numbers.score_100[row]) });
  else found.push({ name: "Lead score", write: (row) => digits(numbers.lead_score?.[row]) });
  if (probability) found.push({ name: "Probability", write: (row) => percent(probability[row]) });
  for (const [name, title] of [
    ["band", "Band"],
    ["action", "Action"],
    ["trend", "Trend"],
  ]) {
    if (words[name])
      found.push({
        name: title,
        text: true,
        write: (row) => words[name].names[words[name].values[row]] ?? "\u2013",
      });
  }
  if (numbers.decision) {
    const decided = (row) => ({ 1: "contact", 0: "no contact" })[numbers.decision[row]] ?? "\u2013";
    found.push({ name: "Decision", text: true, write: decided });
  }
  if (reasons.most) found.push({ name: "Reasons", text: true, wide: true, write: reasonsOf });
  return found;
}

function* toldOf(row) {
  const { reasons } = held;
  for (let place = 0; place < reasons.most; place += 1) {
    const at = row * reasons.most + place;
    if (reasons.values[at]) yield [reasons.names[reasons.values[at]], reasons.effects[at]];
  }
}

const refused = (row) => {
  const { status } = held.words;
  return status?.names[status.values[row]] === "no_consent";
};

function reasonsOf(row) {
  const told = [...toldOf(row)].slice(0, MOST_REASONS);
  if (!told.length) return refused(row) ? "no consent, so no score" : "\u2013";
  const items = told.map(([reason, effect]) =>
    make(
      "li",
      {},
      breakable(reason),
      Number.isNaN(effect) ? "" : make("span", { className: "effect" }, ` ${signed(effect)}`),
    ),
  );
  return make("ol", { className: "reasons" }, ...items);
}

function draw() {
  const own = columns();
  const table = byId("rows");
  const headed = { Action: "text action", [own[1].name]: "text key" };
  const heads = own.map(({ name, text }) =>
    make(
      "th",
      { scope: "col", role: "columnheader", className: headed[name] ?? (text ? "text" : "") },
      breakable(name),
    ),
  );
  table.tHead.replaceChildren(make("tr", { role: "row" }, ...heads));
  const rows = [...shown.subarray((page - 1) * ROWS, page * ROWS)].map((row) =>
    make("tr", { role: "row" }, ...own.map((column) => cell(column, row))),
  );
  if (!rows.length) {
    const cell = make(
      "td",
      { role: "cell", colSpan: own.length, className: "text" },
      "No lead is found.",
    );
    rows.push(make("tr", { role: "row" }, cell));
  }
  table.tBodies[0].replaceChildren(...rows);
}

function cell({ name, text, key, wide, write }, row) {
  const value = write(row);
  const content = value instanceof Node ? value : breakable(value);
  const className = wide ? "text how" : text ? "text" : "";
  if (!key) return make("td", { role: "cell", "data-name": name, className }, content);
  const button = make(
    "button",
    { type: "button", className: "plain" },
    content,
    make("span", { className: "hidden" }, ": look at this lead"),
  );
  button.addEventListener("click", () => open(row, held.place[row]));
  return make("th", { scope: "row", role: "rowheader", className }, button);
}

// What is found, as CSV; a text that a spreadsheet would take for a formula gets an apostrophe.
function asCsv() {
  const { keys, numbers, words, reasons } = held;
  const places = Array.from({ length: reasons.most }, (_, i) => i + 1);
  const names = [
    "rank",
    ...keys.map(({ name }) => name),
    ...Object.keys(numbers),
    ...Object.keys(words),
  ];
  const lines = [[...names, ...places.map((place) => `reason_${place}`)]];
  for (const row of shown) {
    const told = [...toldOf(row)].map(([reason]) => safe(reason));
    lines.push([
      held.place[row],
      ...keys.map(({ values }) => safe(values[row])),
      ...Object.values(numbers).map((values) => (Number.isNaN(values[row]) ? "" : values[row])),
      ...Object.values(words).map(({ names: own, values }) => safe(own[values[row]] ?? "")),
      ...places.map((place) => told[place - 1] ?? ""),
    ]);
  }
  return lines.map((line) => `${line.map(quote).join(",")}\r\n`).join("");
}

const safe = (text) =>
  /^[=+\-@\t\r]/.test(text) && !Number.isFinite(Number(text)) ? `'${text}` : text;
const quote = (value) => {
  const text = String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};

export function startRanking() {
  const later = rested(find, 150);
  byId("search").addEventListener("input", later);
  byId("least-shown").addEventListener("input", later);
  for (const id of ["band", "decision"]) byId(id).addEventListener("change", find);
  byId("filters").addEventListener("submit", (event) => {
    event.preventDefault();
    find();
  });
  const go = { first: () => 1, before: () => page - 1, next: () => page + 1, last: () => Infinity };
  for (const [id, to] of Object.entries(go)) {
    byId(id).addEventListener("click", () => turn(to()));
  }
  byId("page").addEventListener("change", () => turn(byId("page").valueAsNumber));
  byId("save-shown").addEventListener("click", () =>
    save(new Blob([asCsv()], { type: "text/csv" }), "leads-found.csv"),
  );
}
