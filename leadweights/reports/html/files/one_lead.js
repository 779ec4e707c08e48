
// The form of the page: a field for each column of `model`, and what `score` makes of them.
{
  const byId = (id) => document.getElementById(id);
  const make = (tag, given = {}, ...inside) => {
    const element = Object.assign(document.createElement(tag), given);
    element.append(...inside);
    return element;
  };
  const minus = (text) => text.replace("-", "\u2212");
  const digits = (value) => minus(String(Number(value.toPrecision(4))));
  const signed = (value, decimals) => minus((value < 0 ? "" : "+") + value.toFixed(decimals));
  const percent = (share) => (100 * share).toFixed(1) + "%";
  const OTHER = "(another value)";
  const MOST_BOXES = 12;

  // Long names may break after an underscore.
  const breakable = (text) =>
    text.split(/(?<=_)/).flatMap((part) => [part, document.createElement("wbr")]).slice(0, -1);

  function startOf({ name, kind, levels, fill, range, delimiter }) {
    if (name === model.consent) return kind === "flag" ? true : levels[0];
    if (kind === "number") return fill ?? (range ? Number(((range[0] + range[1]) / 2).toPrecision(3)) : null);
    return kind === "text" && !delimiter ? (levels[0] ?? null) : null;
  }

  function makeNumber(id, { range }) {
    const input = make("input", { id, type: "number", step: "any", inputMode: "decimal" });
    // Keys move a number by a fiftieth of where most lie.
    if (range) input.step = String(10 ** Math.floor(Math.log10((range[1] - range[0]) / 20)));
    return {
      input,
      read: () => (Number.isFinite(input.valueAsNumber) ? input.valueAsNumber : null),
      write: (value) => { input.value = value ?? ""; },
    };
  }

  function makeFlag(id) {
    const input = make("input", { id, type: "checkbox" });
    return {
      input,
      read: () => (input.indeterminate ? null : input.checked),
      write: (value) => {
        input.checked = value === true;
        input.indeterminate = value === null;
      },
    };
  }

  function makeChoice(id, { levels }) {
    const option = (value, text) => make("option", { value }, text);
    const known = levels.map((level, place) => option(String(place), level));
    const input = make("select", { id }, option("", "missing"), ...known, option("other", OTHER));
    return {
      input,
      read: () => (input.value === "" ? null : (levels[input.value] ?? OTHER)),
      write: (value) => { input.value = value === null ? "" : String(levels.indexOf(value)); },
    };
  }

  function makeList(id, { levels, delimiter }) {
    const boxes = levels.map((value) => make("input", { type: "checkbox", value }));
    const input = make("div", { id, className: "boxes" },
      ...boxes.map((box) => make("label", {}, box, " ", ...breakable(box.value))));
    input.setAttribute("role", "group");
    return {
      input,
      read: () => boxes.filter((box) => box.checked).map((box) => box.value).join(delimiter) || null,
      write: () => boxes.forEach((box) => { box.checked = false; }),
    };
  }

  function makeText(id, { kind, format }) {
    // Every format of dates in texts takes one that is written year first.
    const input = make("input", { id, type: kind === "date" || format ? "date" : "text", autocomplete: "off" });
    return {
      input,
      read: () => input.value || null,
      write: (value) => { input.value = value ?? ""; },
    };
  }

  function makeControl(id, field) {
    if (field.kind === "number") return makeNumber(id, field);
    if (field.kind === "flag") return makeFlag(id);
    if (field.delimiter && field.levels.length <= MOST_BOXES) return makeList(id, field);
    return field.levels.length && !field.delimiter ? makeChoice(id, field) : makeText(id, field);
  }

  function bar(share) {
    const namespace = byId("gains-chart").namespaceURI;
    const draw = (tag, given) => {
      const element = document.createElementNS(namespace, tag);
      Object.entries(given).forEach(([name, value]) => element.setAttribute(name, value));
      return element;
    };
    const width = (48 * Math.abs(share)).toFixed(2);
    const x = share < 0 ? (50 - width).toFixed(2) : 50;
    const svg = draw("svg", { class: "bar", viewBox: "0 0 100 10", preserveAspectRatio: "none", "aria-hidden": "true" });
    svg.append(
      draw("rect", { class: share < 0 ? "minus" : "plus", x, y: 1, width, height: 8 }),
      draw("line", { x1: 50, x2: 50, y1: 0, y2: 10 })
    );
    return svg;
  }

  const fields = model.columns.map((field, place) => {
    const id = `one-${place}`;
    const control = makeControl(id, field);
    const adds = make("span", { id: `${id}-adds`, className: "adds" });
    const note = make("span", { id: `${id}-note`, className: "small" });
    control.input.setAttribute("aria-describedby", `${adds.id} ${note.id}`);
    const named = make(field.delimiter ? "span" : "label", { id: `${id}-label`, className: "name" }, ...breakable(field.name));
    if (field.delimiter) control.input.setAttribute("aria-labelledby", named.id);
    else named.htmlFor = id;
    if (field.description) named.append(make("span", { className: "held" }, field.description));
    byId("one-fields").append(make("div", { className: "lead-field" }, named, control.input, adds, note));
    return { field, adds, note, ...control };
  });

  // What each column adds: the sum of the terms that are made of it.
  function addedBy(found) {
    const sums = new Map(model.columns.map(({ name }) => [name, 0]));
    const parts = found.effects ?? found.contributions;
    for (const { name, columns } of model.terms) {
      const own = columns.find((column) => sums.has(column));
      if (own !== undefined && Object.hasOwn(parts, name)) sums.set(own, sums.get(own) + parts[name]);
    }
    return sums;
  }

  function showFields(found) {
    const added = addedBy(found);
    // Where nothing moves the score much, no bar is long.
    const reach = Math.max(found.effects ? 0.5 : 0.05, ...[...added.values()].map(Math.abs));
    for (const { field, adds, note, read } of fields) {
      const own = added.get(field.name);
      adds.replaceChildren(make("span", { className: "hidden" }, "adds "), signed(own, 3), bar(own / reach));
      const isMissing = found.filled.includes(field.name) || read() === null;
      const usual = field.range ? `mostly ${digits(field.range[0])} to ${digits(field.range[1])}` : "";
      const counts = field.fill === null ? "missing" : `missing: counts as ${digits(field.fill)}`;
      note.textContent = isMissing ? counts : usual;
    }
  }

  function showFigures(found) {
    const probability = found.adjusted_probability ?? found.probability;
    const decided = { 1: "Contact", 0: "No contact" };
    const figures = [
      ["Score of 100", found.score_100],
      ["Probability", probability === null ? null : percent(probability)],
      ["Band", found.band],
      ["Action", found.action],
      ["Decision", found.decision === undefined ? undefined : (decided[found.decision] ?? null)],
      ["Lead score", found.lead_score === null ? null : signed(found.lead_score, 3)],
    ].filter(([, value]) => value !== undefined);
    const tiles = figures.map(([name, value]) =>
      make("div", {}, make("dt", {}, name), make("dd", { className: "value" }, String(value ?? "\u2013"))));
    byId("one-figures").replaceChildren(...tiles);
    const reasons = found.reasons.map(({ reason, effect }) =>
      make("li", {}, ...breakable(reason), " ", make("span", { className: "effect" }, signed(effect, 2))));
    byId("one-reasons").replaceChildren(...reasons);
    return figures.map(([name, value]) => `${name} ${value ?? "none"}`).join(", ");
  }

  let waiting = 0;
  function show() {
    const found = score(Object.fromEntries(fields.map(({ field, read }) => [field.name, read()])));
    showFields(found);
    const sentence = `${showFigures(found)}.`;
    // A screen reader hears one sentence when the hand rests.
    window.clearTimeout(waiting);
    waiting = window.setTimeout(() => { byId("one-said").textContent = sentence; }, 250);
  }

  function begin() {
    fields.forEach(({ field, write }) => write(startOf(field)));
    show();
  }

  byId("one-fields").addEventListener("input", show);
  byId("one-fields").addEventListener("submit", (event) => event.preventDefault());
  byId("one-again").addEventListener("click", begin);
  begin();
  byId("one-planner").hidden = false;
}
