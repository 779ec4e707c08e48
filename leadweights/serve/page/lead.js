// One lead in a form: what each value adds, and what would be if it were another.

import { startWorker } from "./asked.js";
import {
  bar,
  breakable,
  byId,
  count,
  digits,
  make,
  percent,
  rested,
  signed,
  sentence,
} from "./dom.js";

const MOST_OPTIONS = 60;

const askFormula = startWorker("./formula.js");
let model = null; // what the module says of its fields and terms
let fields = []; // { field, read(), write(value), adds, note }
let start = {}; // the values that "Back" goes back to
let before = null; // their result
let asked = 0;

// Make the form of a model, from the text of its module; `consent` names the column of consent.
export async function showForm(text, consent) {
  model = { ...(await askFormula("load", text)), consent };
  fields = model.columns.map(makeField);
  await fill(typical());
  note("");
  byId("what-if").hidden = false;
}

// Show a lead: its values, what the ranking calls it, and the result that the service gave.
export async function openLead(values, title, given, why) {
  if (model === null) throw new Error("The model cannot be computed in this page.");
  const own = Object.fromEntries(
    Object.entries(values ?? {}).map(([name, value]) => [name.toLowerCase(), value]),
  );
  const read = (field) => [field.name, typed(own[field.name.toLowerCase()], field)];
  const lead = values ? Object.fromEntries(model.columns.map(read)) : typical();
  const found = await fill(lead);
  byId("one-heading").replaceChildren(breakable(values ? title : "One lead"));
  const name = given && Number.isFinite(given.log_odds) ? "log_odds" : "lead_score";
  const same = !values || !given || Object.is(found[name] ?? NaN, given[name] ?? NaN);
  const differs =
    "A value of this row is read here in another way than by the service, which ranks it with a " +
    `${name} of ${digits(given?.[name])}; in the form it has ${digits(found[name])}.`;
  note(values ? (same ? "" : differs) : `${why}: the form shows a typical lead.`);
}

const TRUTH = {
  true: true,
  t: true,
  yes: true,
  1: true,
  false: false,
  f: false,
  no: false,
  0: false,
};

// What a text of the file is for the model: a number, true or false, or a text; null is missing.
function typed(value, { kind, levels }) {
  if (typeof value !== "string") return value ?? null;
  if (value === "" || (kind !== "text" && value.trim() === "")) return null;
  if (kind === "flag" && !levels.length) return TRUTH[value.trim().toLowerCase()] ?? null;
  if (kind !== "number") return value;
  return Number.isFinite(Number(value)) ? Number(value) : null;
}

// A lead that nobody is: what the model fills in, the middle of a range, the first level.
function typical() {
  const middle = ({ fill, range }) =>
    fill ?? (range ? Number(((range[0] + range[1]) / 2).toPrecision(3)) : null);
  const value = (field) =>
    field.name === model.consent
      ? (field.levels[0] ?? true)
      : field.kind === "number"
        ? middle(field)
        : field.kind === "text" && !field.delimiter
          ? (field.levels[0] ?? null)
          : field.kind === "flag" && field.levels.length
            ? field.levels.at(-1)
            : field.kind === "flag"
              ? false
              : null;
  return Object.fromEntries(model.columns.map((field) => [field.name, value(field)]));
}

async function fill(lead) {
  start = lead;
  before = await askFormula("score", lead);
  const adds = addedBy(before);
  // The strongest first; while values move, fields stay where they are.
  fields.sort((a, b) => Math.abs(adds.get(b.field.name)) - Math.abs(adds.get(a.field.name)));
  byId("lead").replaceChildren(...fields.map(({ row }) => row));
  for (const { field, write } of fields) write(lead[field.name] ?? null);
  show(before);
  return before;
}

// What the terms that read a column add, in log-odds where the model has them.
function addedBy(result) {
  const parts = result.effects ?? result.contributions ?? {};
  const found = new Map(model.columns.map(({ name }) => [name, 0]));
  for (const { name, columns } of model.terms) {
    const own = columns.find((column) => found.has(column));
    if (own !== undefined) found.set(own, found.get(own) + (parts[name] ?? 0));
  }
  return found;
}

async function moved() {
  asked += 1;
  const mine = asked;
  const lead = Object.fromEntries(fields.map(({ field, read }) => [field.name, read()]));
  try {
    const found = await askFormula("score", lead);
    if (mine === asked) show(found); // else a later move has been asked for since
    note("");
  } catch (problem) {
    note(sentence(problem.message));
  }
}

function note(text) {
  byId("one-note").textContent = text;
  byId("one-note").hidden = text === "";
}

function show(result) {
  const adds = addedBy(result);
  const reach = Math.max(...[...adds.values()].map(Math.abs), 1e-9);
  const filled = new Set(result.filled);
  for (const { field, adds: place, note: below } of fields) {
    const own = adds.get(field.name);
    place.replaceChildren(
      make("span", { className: "hidden" }, "adds "),
      signed(own, 3),
      bar(own / reach),
    );
    const missing = filled.has(field.name) && field.fill !== null;
    below.textContent = missing
      ? `missing: counts as ${digits(field.fill)}`
      : ["text", "date"].includes(field.kind) && !field.levels.length
        ? field.takes
        : "";
  }
  const probability = result.adjusted_probability ?? result.probability;
  const was = before.adjusted_probability ?? before.probability;
  const decided = { 1: "contact", 0: "no contact" };
  const figures = [
    result.score_100 !== undefined && [
      "Score",
      count(result.score_100),
      result.score_100 !== before.score_100 && count(before.score_100),
    ],
    probability !== undefined && [
      "Probability",
      percent(probability),
      percent(was) !== percent(probability) && percent(was),
    ],
    result.band !== undefined && [
      "Band",
      result.band ?? "\u2013",
      before.band !== result.band && (before.band ?? "\u2013"),
    ],
    result.decision !== undefined && [
      "Decision",
      decided[result.decision] ?? "\u2013",
      before.decision !== result.decision && (decided[before.decision] ?? "\u2013"),
    ],
    [
      "Lead score",
      signed(result.lead_score),
      signed(before.lead_score) !== signed(result.lead_score) && signed(before.lead_score),
    ],
  ].filter(Boolean);
  byId("lead-figures").replaceChildren(
    ...figures.map(([name, value, old]) =>
      make(
        "div",
        {},
        make("dt", {}, name),
        make(
          "dd",
          {},
          make("span", { className: "value" }, value),
          make("span", { className: "small" }, old ? `was ${old}` : ""),
        ),
      ),
    ),
  );
  tell(result, probability, adds);
}

const tell = rested((result, probability, adds) => {
  const said =
    result.lead_score === null
      ? ["Without consent a lead has no score."]
      : [
          `Probability ${percent(probability)}${result.score_100 === undefined ? "" : `, score ${count(result.score_100)}`}${result.band ? `, band ${result.band}` : ""}.`,
        ];
  if (Number.isFinite(result.log_odds)) {
    const total = [...adds.values()].reduce((sum, own) => sum + own, 0);
    said.push(
      `An average lead starts at ${signed(result.log_odds - total)} log-odds; these values add ${signed(total)}.`,
    );
  }
  const reasons =
    result.reasons?.map(({ reason, effect }) => `${reason} (${signed(effect)})`) ?? [];
  if (reasons.length) said.push(`Reasons: ${reasons.join("; ")}.`);
  byId("one-said").replaceChildren(breakable(said.join(" ")));
});

let numbered = 0;

function makeField(field) {
  numbered += 1;
  const id = `lead-${numbered}`;
  const control = makeControl(field, id);
  const adds = make("span", { className: "adds", id: `${id}-adds` });
  const note = make("span", { className: "small", id: `${id}-note` });
  control.main.setAttribute("aria-describedby", `${adds.id} ${note.id}`);
  const label = make("label", { htmlFor: id }, breakable(field.name));
  if (field.description)
    label.append(make("span", { className: "held" }, breakable(field.description)));
  const row = make(
    "div",
    { className: "field" },
    label,
    make("div", { className: "together" }, ...control.all),
    adds,
    note,
  );
  for (const own of control.all) own.addEventListener("input", moved);
  return { field, row, adds, note, read: control.read, write: control.write };
}

function makeControl(field, id) {
  const { kind, levels, delimiter, range } = field;
  if (kind === "number") return makeNumber(id, range, field.name);
  const choices =
    kind === "flag" && !levels.length
      ? [
          ["true", "yes"],
          ["false", "no"],
        ]
      : levels.map((level) => [level, level]);
  if (choices.length && choices.length <= MOST_OPTIONS && !delimiter)
    return makeChoice(id, choices, kind);
  const main = make("input", { id, type: "text", autocomplete: "off", spellcheck: false });
  const all = [main];
  if (levels.length) {
    main.setAttribute("list", `${id}-levels`);
    all.push(
      make("datalist", { id: `${id}-levels` }, ...levels.map((value) => make("option", { value }))),
    );
  }
  const read = () => (main.value === "" ? null : main.value);
  const write = (value) => {
    main.type =
      kind === "date" && !field.format && (value === null || /^\d{4}-\d\d-\d\d$/.test(value))
        ? "date"
        : "text";
    main.value = value === null ? "" : String(value);
  };
  return { main, all, read, write };
}

function makeNumber(id, range, name) {
  const main = make("input", { id, type: "number", step: "any", inputMode: "decimal" });
  const read = () => (Number.isFinite(main.valueAsNumber) ? main.valueAsNumber : null);
  if (!range)
    return {
      main,
      all: [main],
      read,
      write: (value) => {
        main.value = value ?? "";
      },
    };
  const [low, high] = range;
  const step = 10 ** Math.floor(Math.log10((high - low) / 50));
  const slider = make("input", {
    type: "range",
    min: low,
    max: high,
    step: "any",
    "aria-label": `${name}, slider`,
  });
  slider.addEventListener("input", () => {
    main.value = String(Number((Math.round(slider.valueAsNumber / step) * step).toPrecision(6)));
  });
  // Steps of a key: the slider itself knows none, for any value may come from the lead.
  slider.addEventListener("keydown", (event) => {
    const steps = {
      ArrowRight: 1,
      ArrowUp: 1,
      ArrowLeft: -1,
      ArrowDown: -1,
      PageUp: 10,
      PageDown: -10,
    }[event.key];
    if (!steps) return;
    event.preventDefault();
    slider.value = String(slider.valueAsNumber + steps * step);
    slider.dispatchEvent(new Event("input"));
  });
  main.addEventListener("input", () => {
    if (Number.isFinite(main.valueAsNumber)) slider.value = main.value;
  });
  const write = (value) => {
    main.value = value ?? "";
    slider.value = value ?? (low + high) / 2;
  };
  return { main, all: [slider, main], read, write };
}

function makeChoice(id, choices, kind) {
  const main = make("select", { id });
  const isTruth = kind === "flag" && choices[0][0] === "true";
  const read = () => (main.value === "" ? null : isTruth ? main.value === "true" : main.value);
  const write = (value) => {
    const own = value === null ? "" : String(value);
    const known = choices.some(([level]) => level === own);
    const more = own === "" || known ? [] : [[own, own]];
    const options = [["", "missing"], ...choices, ...more];
    main.replaceChildren(
      ...options.map(([level, text]) => make("option", { value: level }, breakable(text))),
    );
    main.value = own;
  };
  return { main, all: [main], read, write };
}

export function startForm() {
  byId("lead").addEventListener("submit", (event) => event.preventDefault());
  byId("back").addEventListener("click", () => fill(start));
}
