// Shows openapi.json: what can be asked, what a lead may be, and a place to try it.
"use strict";

const find = (id) => document.getElementById(id);
let token = "";

function make(tag, text, ...parts) {
  const element = document.createElement(tag);
  if (text) element.textContent = text;
  element.append(...parts);
  return element;
}

function headers(more = {}) {
  return token ? { ...more, Authorization: `Bearer ${token}` } : more;
}

function nameType(schema) {
  if (!schema) return "";
  if (schema.$ref) return schema.$ref.split("/").pop();
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(" or ");
  const options = schema.anyOf || schema.oneOf;
  if (options) return options.map(nameType).join(" or ");
  if (schema.type === "array") return `list of ${nameType(schema.items) || "anything"}`;
  return schema.type || "anything";
}

function tabulate(heads, rows) {
  const head = make("tr", "", ...heads.map((name) => make("th", name)));
  const lines = rows.map((cells) => make("tr", "", ...cells.map((cell) => make("td", cell))));
  return make("table", "", make("thead", "", head), make("tbody", "", ...lines));
}

function showFields(title, schema) {
  const fields = Object.entries(schema.properties || {});
  const rows = fields.map(([name, own]) => [name, nameType(own), own.description || ""]);
  return rows.length ? [make("h3", title), tabulate(["field", "type", "what it is"], rows)] : [];
}

async function readAnswer(answer) {
  const text = await answer.text();
  const isJson = (answer.headers.get("content-type") || "").includes("json");
  const shown = isJson ? JSON.stringify(JSON.parse(text), null, 2) : text;
  return `${answer.status} ${answer.statusText}\n${shown}`;
}

function addTrial(section, path, method, operation) {
  const body = operation.requestBody;
  const examples = body?.content?.["application/json"]?.examples || {};
  const first = Object.values(examples)[0]?.value;
  if (body && first === undefined) return;
  const given = make("textarea");
  given.value = JSON.stringify(first, null, 2);
  given.setAttribute("aria-label", `the body of ${method} ${path}`);
  const button = make("button", "Send");
  const output = make("pre");
  output.hidden = true;
  output.tabIndex = 0;
  button.addEventListener("click", async () => {
    const json = { "Content-Type": "application/json" };
    const asked = body ? { method, headers: headers(json), body: given.value } : { headers: headers() };
    output.hidden = false;
    try {
      output.textContent = await readAnswer(await fetch(path.slice(1), asked));
    } catch (problem) {
      output.textContent = String(problem);
    }
  });
  section.append(make("h3", "Try it"), ...(body ? [given] : []), button, output);
}

function showOperation(path, method, operation, schemas) {
  const name = make("span", method.toUpperCase());
  name.className = "method";
  const section = make("section", "", make("h2", "", name, " ", make("code", path)));
  if (operation.description) section.append(make("p", operation.description));
  const parameters = (operation.parameters || []).map((one) => [
    one.name,
    nameType(one.schema),
    one.description || "",
  ]);
  if (parameters.length) {
    section.append(make("h3", "Parameters"), tabulate(["name", "type", "what it is"], parameters));
  }
  const kinds = Object.keys(operation.requestBody?.content || {});
  if (kinds.length) section.append(make("p", `The body: ${kinds.join(", ")}.`));
  if (path === "/v1/score") {
    section.append(...showFields("A lead", schemas.Lead), ...showFields("A result", schemas.Result));
  }
  if (!path.includes("{") && ["get", "post"].includes(method)) {
    addTrial(section, path, method.toUpperCase(), operation);
  }
  return section;
}

async function load() {
  find("problem").hidden = true;
  const answer = await fetch("openapi.json", { headers: headers() });
  if (answer.status === 401 || answer.status === 403) {
    find("access").hidden = false;
    if (token) throw new Error("the service does not take this token");
    return;
  }
  if (!answer.ok) throw new Error(`openapi.json: ${answer.status}`);
  find("access").hidden = true;
  const api = await answer.json();
  const sections = Object.entries(api.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, own]) => showOperation(path, method, own, api.components.schemas)),
  );
  find("operations").replaceChildren(...sections);
}

function start() {
  load().catch((problem) => {
    find("problem").textContent = problem.message;
    find("problem").hidden = false;
  });
}

find("access").addEventListener("submit", (event) => {
  event.preventDefault();
  token = find("token").value.trim();
  start();
});
start();
