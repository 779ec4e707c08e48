// The service's API: one way to ask, one class for what it refuses, and the token if it wants one.

import { byId, sentence } from "./dom.js";

// The service may stand under a path of another one: all is asked for relative to this file.
const ROOT = new URL("..", import.meta.url);

let token = ""; // in memory only: closing or reloading the page forgets it
let asking = null;

export class Problem extends Error {
  // RFC 9457: a title, a detail, and what is wrong where.
  constructor(status, title, detail, errors = []) {
    super(detail || title);
    Object.assign(this, { status, title, errors });
  }
}

export const hasToken = () => token !== "";
export const forgetToken = () => {
  token = "";
};

// Ask for a path; where a token is demanded, `askToken(why)` gives one or null. Throws Problem.
export async function ask(path, options = {}) {
  for (;;) {
    const sent = token;
    const headers = { Accept: "application/json", ...options.headers };
    if (sent) headers.Authorization = `Bearer ${sent}`;
    let answer;
    try {
      answer = await fetch(new URL(path, ROOT), { cache: "no-store", ...options, headers });
    } catch (problem) {
      if (problem.name === "AbortError") throw problem;
      const why = options.body ? ", or the file is another one since it was chosen" : "";
      throw new Problem(0, "No answer", `The service does not answer${why}.`);
    }
    if (answer.ok) return answer;
    const found = await readProblem(answer);
    if (answer.status !== 401) throw found;
    if (token === sent) {
      // Several may be refused at once: one dialog serves all.
      asking ??= askToken(sent ? found.message : "").finally(() => {
        asking = null;
      });
      const given = await asking;
      if (given === null) throw found;
      token = given;
    }
  }
}

export const askJson = async (path, options) => (await ask(path, options)).json();

async function readProblem(answer) {
  let told = {};
  if ((answer.headers.get("Content-Type") ?? "").includes("json")) {
    told = await answer.json().catch(() => ({}));
  }
  const title = told.title || answer.statusText || `Error ${answer.status}`;
  return new Problem(answer.status, title, told.detail, told.errors ?? []);
}

function askToken(why) {
  const dialog = byId("ask");
  const box = byId("token");
  byId("ask-trouble").hidden = !why;
  byId("ask-trouble").textContent = why && sentence(why);
  box.value = "";
  const before = document.activeElement;
  dialog.showModal();
  box.focus();
  return new Promise((resolve) => {
    const end = (given) => {
      byId("ask-form").onsubmit = byId("no-token").onclick = dialog.oncancel = null;
      dialog.close();
      box.value = "";
      byId("locked").hidden = given === null;
      before?.focus?.();
      resolve(given);
    };
    byId("ask-form").onsubmit = (event) => {
      event.preventDefault();
      end(box.value.trim());
    };
    byId("no-token").onclick = () => end(null);
    dialog.oncancel = (event) => {
      event.preventDefault();
      end(null);
    };
  });
}
