// How many leads to call: the control of the report, on the leads of the file. Where the file knows
// the outcomes they are counted; where it does not, probabilities are summed, and the page says so.

import { byId, count, digits, figure, percent, plural, rested } from "./dom.js";
import { probabilityOf } from "./ranking.js";

let data = null;

// Leads with one score are never parted, so a number of calls is a step: an index.
export function showPlan(packed, rankedBy, threshold) {
  data = steps(packed, rankedBy, threshold);
  byId("planner").hidden = data === null;
  if (data === null) {
    byId("plan-about").textContent =
      "No lead of this file has a probability: there is nothing to plan with.";
    return;
  }
  const rows = plural(data.rows, "lead", "leads");
  byId("plan-about").textContent = data.counted
    ? `Choose how many of the ${rows} with a score and a known outcome you would call, best scores first. ` +
      "What is shown is counted by the outcomes in the file. It holds for new leads only if the model has learnt from none of these."
    : `Choose how many of these ${rows} you would call, best scores first. What they bring is not known yet: ` +
      "it is what their probabilities add up to, right on average if the model is calibrated. " +
      "A file with the outcomes is counted instead.";
  byId("calls-slider").max = String(data.calls.length - 1);
  byId("calls").max = String(data.rows);
  byId("own").hidden = data.own === null;
  chosen(data.own ?? nearest(0.2 * data.rows));
}

function steps({ order, numbers, outcomes }, rankedBy, threshold) {
  const score = numbers[rankedBy];
  const chance = probabilityOf({ numbers });
  if (!score || !(outcomes || chance)) return null;
  const found = {
    column: rankedBy,
    calls: [0],
    hits: [0],
    cuts: [],
    least: [],
    counted: outcomes !== null,
  };
  let rows = 0;
  let hits = 0;
  for (const row of order) {
    if (Number.isNaN(score[row]) || (outcomes && outcomes[row] < 0)) continue;
    rows += 1;
    hits += outcomes ? outcomes[row] : chance[row];
    const last = found.cuts.length - 1;
    if (last >= 0 && found.cuts[last] === score[row]) {
      found.calls[last + 1] = rows;
      found.hits[last + 1] = hits;
    } else {
      found.calls.push(rows);
      found.hits.push(hits);
      found.cuts.push(score[row]);
      found.least.push(chance ? chance[row] : NaN);
    }
  }
  const own =
    threshold === null || threshold === undefined
      ? null
      : found.cuts.filter((cut) => cut >= threshold).length;
  return rows && hits ? { ...found, rows, positives: hits, own, threshold } : null;
}

function nearest(calls) {
  let low = 0;
  let high = data.calls.length - 1;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (data.calls[middle] < calls) low = middle;
    else high = middle;
  }
  return calls - data.calls[low] < data.calls[high] - calls ? low : high;
}

const money = (id) => {
  const found = byId(id).valueAsNumber;
  return Number.isFinite(found) && found >= 0 ? found : 0;
};

const tell = rested((sentence) => {
  byId("said").textContent = sentence;
});

function show(step) {
  const calls = data.calls[step];
  const hits = data.hits[step];
  const recall = hits / data.positives;
  const share = calls / data.rows;
  const profit = money("value") * hits - money("cost") * calls;
  // Where the step is the model's own, so is the rule.
  const isOwn = step === data.own && data.column !== "lead_score";
  const cut = isOwn ? data.threshold : data.cuts[step - 1];
  const least = isOwn ? 1 / (1 + Math.exp(-cut)) : data.least[step - 1];
  const texts = {
    conversions: figure(hits),
    precision: calls ? percent(hits / calls) : "\u2013",
    recall: percent(recall),
    lift: calls ? `${(recall / share).toFixed(2)} \u00d7` : "\u2013",
    profit: figure(profit),
    threshold: calls ? digits(cut) : "\u2013",
    least: calls ? percent(least) : "\u2013",
    rule: calls ? `${data.column} >= ${cut}` : "nobody",
  };
  for (const [id, text] of Object.entries(texts)) byId(id).textContent = text;
  byId("calls-slider").setAttribute("aria-valuetext", `${count(calls)} of ${count(data.rows)}`);
  tell(
    `Calling the best ${count(calls)} of ${plural(data.rows, "lead", "leads")} ${data.counted ? "finds" : "should find"} ` +
      `${figure(hits)} that convert, ${percent(recall)} of all. Worth ${figure(money("value") * hits)}, at a cost of ` +
      `${figure(money("cost") * calls)}: a profit of ${figure(profit)}.`,
  );
}

function chosen(step) {
  byId("calls-slider").value = String(step);
  byId("calls").value = String(data.calls[step]);
  show(step);
}

export function startPlan() {
  const typed = () =>
    Number.isFinite(byId("calls").valueAsNumber) ? nearest(byId("calls").valueAsNumber) : 0;
  byId("calls-slider").addEventListener("input", () => chosen(Number(byId("calls-slider").value)));
  byId("calls").addEventListener("input", () => {
    // While somebody types, the box is theirs.
    if (!Number.isFinite(byId("calls").valueAsNumber)) return;
    byId("calls-slider").value = String(typed());
    show(typed());
  });
  byId("calls").addEventListener("change", () => chosen(typed()));
  for (const id of ["value", "cost"]) {
    byId(id).addEventListener("input", () => show(Number(byId("calls-slider").value)));
  }
  byId("best").addEventListener("click", () => {
    const profits = data.calls.map(
      (calls, i) => money("value") * data.hits[i] - money("cost") * calls,
    );
    chosen(profits.reduce((best, own, i) => (own > profits[best] ? i : best), 0));
  });
  byId("own").addEventListener("click", () => chosen(data.own));
}
