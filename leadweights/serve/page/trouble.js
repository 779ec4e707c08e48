// What went wrong, said where it is seen and heard.

import { breakable, byId, make, sentence } from "./dom.js";

const MOST_ERRORS = 10;

export function complain(title, problem) {
  const errors = (problem.errors ?? [])
    .slice(0, MOST_ERRORS)
    .map(({ pointer, detail }) =>
      make("li", {}, pointer ? make("code", {}, pointer) : "", ` ${detail}`),
    );
  byId("trouble").replaceChildren(
    make("h2", {}, title),
    make("p", {}, breakable(sentence(problem.message))),
    ...(errors.length ? [make("ul", { className: "plain" }, ...errors)] : []),
  );
  byId("trouble").hidden = false;
  byId("trouble").scrollIntoView({ block: "nearest" });
}

// Do something; what goes wrong is told under a title.
export async function attempt(title, act) {
  byId("trouble").hidden = true;
  try {
    await act();
  } catch (problem) {
    complain(title, problem);
  }
}
