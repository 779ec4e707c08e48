// Apart from the page: a large answer is parsed, packed into arrays of numbers and sorted here, so
// that the page stays free to scroll and type; the file's rows wait here to be looked at.

import { readSource } from "./source.js";

let source = null;

const jobs = {
  // Pack the service's answer: bytes of JSON, and the file that was sent.
  async pack({ answer, file, keys, label, positive, rankedBy }) {
    const { model, results } = parse(new TextDecoder().decode(answer), keys);
    source = await readSource(file);
    if (source.size !== null && source.size !== results.length) {
      source = { size: null, columns: [], row: () => null };
      source.why = "This browser reads the file in another way than the service";
    }
    return {
      model,
      ...pack(results, keys, rankedBy),
      outcomes: outcomes(label, positive),
      unread: source.why,
    };
  },
  row: ({ at }) => source?.row(at) ?? null,
};

self.onmessage = async ({ data: { id, job, given } }) => {
  try {
    self.postMessage({ id, found: await jobs[job](given) });
  } catch (problem) {
    self.postMessage({ id, problem: String(problem.message ?? problem) });
  }
};

// Read JSON; a key that is a number of more digits than a double holds stays as it is written.
// Within a text of JSON a quote has a backslash, so no text is taken for a key.
function parse(text, keys) {
  const names = keys.map((name) => JSON.stringify(name).replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  if (!names.length) return JSON.parse(text);
  const long = new RegExp(`(${names.join("|")}): ?(-?\\d{16,})(?=[,}])`, "g");
  return JSON.parse(text.replace(long, '$1:"$2"'));
}

function pack(results, keys, rankedBy) {
  const size = results.length;
  const names = new Set(results.slice(0, 1000).flatMap(Object.keys));
  const held = { size, keys: [], numbers: {}, words: {} };
  keys.forEach((name) => {
    held.keys.push({ name, values: results.map((one) => String(one[name] ?? "")) });
    names.delete(name);
  });
  const places = [...names].filter((name) => /^reason_\d+$/.test(name));
  held.reasons = reasons(results, places);
  places.forEach((name) => [name, `${name}_effect`].forEach((own) => names.delete(own)));
  for (const name of names) {
    const first = results.find((one) => one[name] !== null && one[name] !== undefined)?.[name];
    if (typeof first === "number") {
      held.numbers[name] = Float64Array.from(results, (one) => one[name] ?? NaN);
    } else if (typeof first === "string") {
      held.words[name] = codes(results.map((one) => one[name]));
    }
  }
  held.order = order(held, rankedBy);
  return held;
}

// Each text once, and the number of one for each row; 0 is none.
function codes(values) {
  const places = new Map();
  const own = Uint32Array.from(values, (value) => {
    if (value === null || value === undefined) return 0;
    if (!places.has(value)) places.set(value, places.size + 1);
    return places.get(value);
  });
  return { names: [null, ...places.keys()].map((name) => name && String(name)), values: own };
}

// A row has as many places for reasons as the model gives.
function reasons(results, places) {
  const most = places.length;
  const texts = results.flatMap((one) => places.map((place) => one[place]));
  const effects = Float64Array.from(
    results.flatMap((one) => places.map((place) => one[`${place}_effect`] ?? NaN)),
  );
  return { most, ...codes(texts), effects };
}

// The highest first, equal ones by their keys, rows without a score last.
function order({ size, numbers, keys }, rankedBy) {
  const score = numbers[rankedBy] ?? new Float64Array(size).fill(NaN);
  const compare = (a, b) => {
    const x = score[a];
    const y = score[b];
    if (x !== y) {
      if (Number.isNaN(x) || Number.isNaN(y)) {
        if (Number.isNaN(x) !== Number.isNaN(y)) return Number.isNaN(x) ? 1 : -1;
      } else return y - x;
    }
    for (const { values } of keys) {
      if (values[a] !== values[b]) return values[a] < values[b] ? -1 : 1;
    }
    return a - b;
  };
  return Uint32Array.from({ length: size }, (_, i) => i).sort(compare);
}

// 1, 0, or -1 where it is not known, for each row; null for a file without outcomes.
function outcomes(label, positive) {
  const name = source.columns.find((own) => own.toLowerCase() === label?.toLowerCase());
  if (!source.size || name === undefined) return null;
  const same = (value) => String(value).trim().toLowerCase() === String(positive).toLowerCase();
  const found = Int8Array.from({ length: source.size }, (_, i) => {
    const value = source.row(i)[name];
    if (value === null || value === undefined || String(value).trim() === "") return -1;
    const number = Number(value);
    return same(value) || (value !== "" && number === Number(positive)) ? 1 : 0;
  });
  return found.includes(1) && found.includes(0) ? found : null;
}
