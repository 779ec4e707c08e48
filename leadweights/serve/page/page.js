// The page: a file goes to the service, its ranking comes back; the rest looks at the model.

import { ask, askJson, forgetToken } from "./api.js";
import { startWorker } from "./asked.js";
import { showCard, showMonitor, showThresholds, showWeights } from "./card.js";
import { breakable, byId, count, make, plural, save } from "./dom.js";
import { openLead, showForm, startForm } from "./lead.js";
import { showPlan, startPlan } from "./plan.js";
import { showRanking, startRanking } from "./ranking.js";

const askWorker = startWorker("/assets/worker.js");
let model = null; // what the service tells of its model
let threshold = null;
let sent = null; // the file whose ranking is shown
let packed = null;
let stopping = null;

// Say what went wrong, where it is seen and heard.
function complain(title, problem) {
  const errors = (problem.errors ?? [])
    .slice(0, 10)
    .map(({ pointer, detail }) =>
      make("li", {}, pointer ? make("code", {}, pointer) : "", ` ${detail}`),
    );
  byId("trouble").replaceChildren(
    make("h2", {}, title),
    make("p", {}, problem.message),
    ...(errors.length ? [make("ul", { className: "plain" }, ...errors)] : []),
  );
  byId("trouble").hidden = false;
  byId("trouble").scrollIntoView({ block: "nearest" });
}

const say = (text) => {
  byId("progress").textContent = text;
};

async function send(file) {
  byId("trouble").hidden = true;
  stopping?.abort();
  const mine = new AbortController();
  stopping = mine;
  byId("stop").hidden = false;
  say(`${file.name} is being scored\u2026`);
  try {
    const answer = await predict(file, "json", mine.signal);
    const bytes = await answer.arrayBuffer();
    say("The ranking is being made\u2026");
    const { label, positive } = model.document.provenance;
    const given = {
      answer: bytes,
      file,
      keys: model.keys,
      label,
      positive,
      rankedBy: model.rankedBy,
    };
    const found = await askWorker("pack", given, [bytes]);
    if (stopping !== mine) return;
    packed = found;
    sent = file;
    showRanking(packed, lookAt);
    showPlan(packed, model.rankedBy, threshold);
    say(`${plural(packed.size, "lead is", "leads are")} scored.`);
    byId("ranked-heading").focus();
  } catch (problem) {
    if (stopping !== mine) return;
    say(problem.name === "AbortError" ? "Stopped." : "");
    if (problem.name !== "AbortError") complain("Nothing was scored", problem);
  } finally {
    if (stopping === mine) {
      stopping = null;
      byId("stop").hidden = true;
    }
  }
}

function predict(file, format, signal) {
  const body = new FormData();
  body.append("file", file, file.name);
  return ask(`/v1/predict?format=${format}`, {
    method: "POST",
    body,
    signal,
    headers: { Accept: "*/*" },
  });
}

async function lookAt(row, place) {
  const values = await askWorker("row", { at: row });
  const given = Object.fromEntries(
    Object.entries(packed.numbers).map(([name, own]) => [name, own[row]]),
  );
  const name = packed.keys.length
    ? packed.keys.map(({ values: own }) => own[row]).join(", ")
    : `Row ${row + 1}`;
  await openLead(values, `${name}, rank ${count(place)}`, given, packed.unread);
  byId("one-heading").focus();
  byId("one").scrollIntoView();
}

async function download(format) {
  try {
    say("The scores are being written\u2026");
    const answer = await predict(sent, format);
    save(await answer.blob(), `scores.${format}`);
    say("The scores are written.");
  } catch (problem) {
    say("");
    complain("The scores were not written", problem);
  }
}

function takeFile(file) {
  if (file) send(file);
  else byId("chosen").focus();
}

function startUpload() {
  const zone = byId("upload");
  zone.addEventListener("submit", (event) => {
    event.preventDefault();
    if (!byId("chosen").files.length) say("Choose a file first.");
    takeFile(byId("chosen").files[0]);
  });
  byId("stop").addEventListener("click", () => stopping?.abort());
  // A file that misses the zone must not open in place of the page.
  for (const name of ["dragover", "drop"]) {
    window.addEventListener(name, (event) => event.preventDefault());
  }
  zone.addEventListener("dragover", () => zone.classList.add("over"));
  zone.addEventListener("dragleave", () => zone.classList.remove("over"));
  zone.addEventListener("drop", (event) => {
    zone.classList.remove("over");
    const { files } = event.dataTransfer;
    if (!files.length) return;
    byId("chosen").files = files;
    takeFile(files[0]);
  });
  byId("empty").addEventListener("click", () => {
    const names = [...new Set([...model.keys, ...model.fields.map(({ name }) => name)])];
    const quote = (name) => (/[",\r\n]/.test(name) ? `"${name.replaceAll('"', '""')}"` : name);
    save(new Blob([`${names.map(quote).join(",")}\r\n`], { type: "text/csv" }), "leads.csv");
  });
  byId("save-csv").addEventListener("click", () => download("csv"));
  byId("save-parquet").addEventListener("click", () => download("parquet"));
  byId("forget").addEventListener("click", () => {
    forgetToken();
    byId("locked").hidden = true;
    say("The token is forgotten.");
  });
}

// Each part is shown whatever becomes of the others.
async function show(part, place) {
  try {
    await part();
  } catch (problem) {
    byId(place).replaceChildren(make("p", { className: "notice" }, problem.message));
    byId(place).hidden = false;
  }
}

async function start() {
  for (const begin of [startUpload, startRanking, startPlan, startForm]) begin();
  await show(async () => {
    const card = await askJson("/v1/model/card");
    model = { ...(await askJson("/v1/model")), rankedBy: card.ranked_by };
    showCard(model, card);
    byId("needed").replaceChildren(
      ...model.fields.flatMap(({ name }, at) => [
        at ? ", " : "",
        make("code", {}, breakable(name)),
      ]),
    );
  }, "card");
  if (model === null) return;
  await Promise.all([
    show(
      async () => showForm(await (await ask("/v1/model/javascript")).text(), model.consent),
      "lead",
    ),
    show(async () => showWeights(await askJson("/v1/model/weights")), "weights"),
    show(async () => {
      const found = await askJson("/v1/thresholds");
      threshold = found.threshold?.log_odds ?? null;
      showThresholds(found);
    }, "measured"),
    show(async () => showMonitor(await askJson("/v1/monitor")), "watched"),
  ]);
}

await start();
