// The page: a file goes to the service, its ranking comes back; the rest looks at the model.

import { ask, askJson, forgetToken } from "./api.js";
import { startWorker } from "./asked.js";
import { showCard, showMonitor, showThresholds, showWeights } from "./card.js";
import { breakable, byId, count, make, plural, save, sentence } from "./dom.js";
import { openLead, showForm, startForm } from "./lead.js";
import { showPlan, startPlan } from "./plan.js";
import { showRanking, startRanking } from "./ranking.js";
import { attempt, complain } from "./trouble.js";

const askWorker = startWorker("./worker.js");
let model = null; // what the service tells of its model
let threshold = null;
let sent = null; // the file whose ranking is shown
let packed = null;
let stopping = null;

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
    // Another version may be in service than when the page was opened.
    if (answer.headers.get("leadweights-model-sha256") !== model?.model.sha256) await showModel();
    if (model === null) throw new Error("The service does not tell of its model.");
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
    showRanking(packed, (row, place) =>
      attempt("The lead cannot be shown", () => lookAt(row, place)),
    );
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
  return ask(`v1/predict?format=${format}`, {
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
  say("The scores are being written\u2026");
  try {
    const answer = await predict(sent, format);
    save(await answer.blob(), `scores.${format}`);
    say("The scores are written.");
  } catch (problem) {
    say("");
    throw problem;
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
  for (const format of ["csv", "parquet"]) {
    byId(`save-${format}`).addEventListener("click", () =>
      attempt("The scores were not written", () => download(format)),
    );
  }
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
    byId(place).replaceChildren(
      make("span", { className: "notice" }, breakable(sentence(problem.message))),
    );
    byId(place).hidden = false;
  }
}

// Read what the service tells of its model, and show it.
async function showModel() {
  await show(async () => {
    const card = await askJson("v1/model/card");
    model = { ...(await askJson("v1/model")), rankedBy: card.ranked_by };
    showCard(model, card);
    const names = model.fields.flatMap(({ name }, at) => [
      at ? ", " : "",
      make("code", {}, breakable(name)),
    ]);
    byId("needed").replaceChildren(...names);
  }, "card");
  if (model === null) return;
  await Promise.all([
    show(
      async () => showForm(await (await ask("v1/model/javascript")).text(), model.consent),
      "one-about",
    ),
    show(async () => showWeights(await askJson("v1/model/weights")), "weights"),
    show(async () => {
      const found = await askJson("v1/thresholds");
      threshold = found.threshold?.log_odds ?? null;
      showThresholds(found);
    }, "measured"),
    show(async () => showMonitor(await askJson("v1/monitor")), "watched"),
  ]);
}

for (const begin of [startUpload, startRanking, startPlan, startForm]) begin();
await showModel();
