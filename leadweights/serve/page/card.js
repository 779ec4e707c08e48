// The model's card, its thresholds, and what the monitor last found.

import { ask } from "./api.js";
import {
  bar,
  breakable,
  byId,
  count,
  digits,
  make,
  percent,
  plural,
  save,
  signed,
  decimal,
  sentence,
} from "./dom.js";
import { attempt } from "./trouble.js";

const MOST_LEVELS = 50;

const fact = (name, ...words) => [make("dt", {}, name), make("dd", {}, ...words)];

// A table in a box that scrolls by itself: headings, then rows of texts or elements.
function makeTable(id, caption, heads, rows, texts = []) {
  const cells = (row) =>
    row.map((cell, at) => {
      const content = cell instanceof Node ? cell : breakable(cell);
      if (at === 0) return make("th", { scope: "row" }, content);
      return make("td", { className: texts.includes(at) ? "text" : "" }, content);
    });
  return make(
    "div",
    { className: "scroll", tabIndex: 0, role: "region", "aria-labelledby": `${id}-caption` },
    make(
      "table",
      { id },
      make("caption", { id: `${id}-caption` }, make("span", {}, caption)),
      make(
        "thead",
        {},
        make(
          "tr",
          {},
          ...heads.map((head, at) =>
            make("th", { scope: "col", className: texts.includes(at) ? "text" : "" }, head),
          ),
        ),
      ),
      make("tbody", {}, ...rows.map((row) => make("tr", {}, ...cells(row)))),
    ),
  );
}

export function showCard(model, { rules }) {
  const { sha256, version } = model.model;
  const { name, provenance: origin } = model.document;
  const short = sha256.slice(0, 12);
  byId("which-model").textContent =
    ` \u00b7 model ${short}${version === null ? "" : `, version ${version}`}`;
  byId("card").replaceChildren(
    ...fact("Model", breakable(name)),
    ...(version === null ? [] : fact("Version", count(version))),
    ...fact("Hash", make("code", {}, sha256)),
    ...fact(
      "It predicts",
      "that ",
      make("code", {}, breakable(origin.label)),
      " is ",
      make("code", {}, breakable(origin.positive)),
    ),
    ...fact(
      "Learnt from",
      `${plural(origin.rows, "row", "rows")}, ${percent(origin.positive_rows / origin.rows)} of them positive`,
    ),
    ...fact("By", breakable(`${origin.method}; ${origin.made_by}`)),
    ...(origin.weight ? fact("Rows weighed by", breakable(origin.weight)) : []),
    ...((origin.negatives_kept ?? 1) < 1
      ? fact(
          "Negatives kept",
          `${percent(origin.negatives_kept)}, for which the intercept is corrected`,
        )
      : []),
    ...rules.flatMap((rule) => fact(rule.name, breakable(rule.words))),
    ...fact("As SQL", saveSql(), ", the same numbers bit for bit"),
  );
}

// A link would not bring the token along.
function saveSql() {
  const button = make("button", { type: "button", className: "plain" }, "one SELECT");
  button.addEventListener("click", () =>
    attempt("The SELECT was not written", async () => {
      const answer = await ask("v1/model/sql", { headers: { Accept: "*/*" } });
      save(await answer.blob(), "score.sql");
    }),
  );
  return button;
}

export function showWeights({ weights: all }) {
  const levels = Map.groupBy(
    all.filter((own) => own.level !== null),
    ({ feature }) => feature,
  );
  const features = all
    .filter((own) => own.level === null)
    .sort((a, b) => Math.abs(b.weight) - Math.abs(a.weight));
  const reach = Math.max(...features.map(({ weight }) => Math.abs(weight)), 1e-9);
  const rows = features.map(({ feature, weight, coefficient, mean, std }) => {
    const several = levels.has(feature);
    const shown = several ? `\u00b1${Math.abs(weight).toFixed(4)}` : signed(weight, 4);
    const cell = document.createDocumentFragment();
    cell.append(shown, bar(weight / reach));
    return [
      feature,
      cell,
      several ? digits(coefficient) : signed(coefficient),
      digits(mean),
      digits(std),
    ];
  });
  const caption =
    "The weights: the share of each column in the score. Coefficient: log-odds per standard deviation";
  const details = [...levels].map(([feature, own], at) =>
    make(
      "details",
      {},
      make("summary", {}, breakable(feature), `: ${plural(own.length, "part", "parts")}`),
      makeTable(
        `levels-${at}`,
        `What each part of ${feature} adds`,
        ["Part", "Lead score", "Log-odds"],
        own
          .slice(0, MOST_LEVELS)
          .map(({ level, weight, coefficient }) => [level, signed(weight, 4), signed(coefficient)]),
      ),
      own.length > MOST_LEVELS
        ? make("p", { className: "small" }, `and ${count(own.length - MOST_LEVELS)} more`)
        : null,
    ),
  );
  byId("weights").replaceChildren(
    makeTable("weights-table", caption, ["Column", "Weight", "Coefficient", "Mean", "Std"], rows),
    ...details,
  );
}

const chance = (logOdds) => 1 / (1 + Math.exp(-logOdds));

// The model's own cuts: its threshold and what it promises, its bands.
export function showThresholds({ threshold, bands, in_log_odds: logit }) {
  const found = [];
  if (threshold) {
    const { log_odds: cut, reason, promise } = threshold;
    found.push(
      make(
        "div",
        { className: "notice fact" },
        make("h3", {}, "The model\u2019s own threshold"),
        make(
          "p",
          {},
          `A lead is to be contacted from ${digits(cut)} on, in log-odds: a probability of ${percent(chance(cut))}. `,
          reason ? breakable(`How it was chosen: ${reason}.`) : "",
        ),
        promise?.precision === undefined
          ? null
          : make(
              "p",
              {},
              `Promised: of new leads from there on at least ${percent(promise.precision)} convert (said with ${percent(promise.confidence)} confidence), as long as they come as the rows came it was chosen on.`,
            ),
      ),
    );
  } else {
    found.push(
      make(
        "p",
        {},
        "The model has no threshold of its own: ",
        make("code", {}, "leadweights threshold"),
        " chooses one.",
      ),
    );
  }
  if (bands) {
    const rows = bands.bands.map(({ name, action, low }) => [
      name,
      low === null ? "\u2013" : digits(low),
      low === null || !logit ? "\u2013" : percent(chance(low)),
      action || "\u2013",
    ]);
    found.push(
      makeTable(
        "bands",
        "The model\u2019s bands, the best first",
        ["Band", "Log-odds from", "Probability from", "Action"],
        rows,
        [3],
      ),
    );
  }
  byId("measured").replaceChildren(...found);
}

const MEANS = {
  steady: "Nothing to do",
  watch: "Have a look",
  act: "Somebody should act",
  "too few rows": "Too few leads to tell",
};

// What the monitor last found: the document that `leadweights monitor --json` prints.
export function showMonitor({ monitor: found, is_of_model: current }) {
  if (!found) {
    byId("watched").replaceChildren(
      make(
        "p",
        {},
        "The monitor has not run, or not where this service looks. ",
        make("code", {}, "leadweights monitor"),
        " holds new leads against those the model was learnt from; ",
        make("code", {}, "leadweights serve --monitor"),
        " shows here what it found.",
      ),
    );
    return;
  }
  const { verdict, reason, rows, against, baseline_rows: before, drift = [], notes = [] } = found;
  const share = ([was, now]) =>
    percent(was) === percent(now) ? percent(now) : `${percent(was)} \u2192 ${percent(now)}`;
  const cells = drift.map((own) => [
    own.column === "lead_score" ? "the score" : own.column,
    decimal(own.psi, 4),
    decimal(own.psi_bound, 4),
    share(own.missing),
    own.alarm || (own.by_chance ? "within chance" : "moved, counts little"),
  ]);
  const parts = [
    make(
      "p",
      { className: "verdict" },
      make("span", { className: "value" }, MEANS[verdict] ?? verdict),
      make("span", { className: "tag" }, verdict),
    ),
    current
      ? null
      : make("p", { className: "notice" }, "This is of another model than the one in service."),
    make(
      "p",
      {},
      breakable(
        `${sentence(reason)} ${plural(rows, "row", "rows")} against ${against} of ${count(before)}.`,
      ),
    ),
    ...(cells.length
      ? [
          makeTable(
            "drift",
            "Drift by column (PSI), against what chance makes of so many rows",
            ["", "PSI", "By chance below", "Missing", ""],
            cells,
            [4],
          ),
        ]
      : []),
    ...notes.map((note) => make("p", { className: "small" }, breakable(note))),
  ];
  byId("watched").replaceChildren(...parts.filter(Boolean));
}
