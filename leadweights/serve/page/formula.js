// The model's own formulas, computed where nothing can be touched but numbers: this worker has no
// page. The text of the module is fetched with the token, if there is one, by the page.

let formula = null;

self.onmessage = async ({ data: { id, job, given } }) => {
  try {
    if (job === "load") {
      const url = URL.createObjectURL(new Blob([given], { type: "text/javascript" }));
      formula = await import(url);
      URL.revokeObjectURL(url);
      self.postMessage({ id, found: formula.model });
    } else {
      self.postMessage({ id, found: formula.score(given) });
    }
  } catch (problem) {
    self.postMessage({ id, problem: String(problem.message ?? problem) });
  }
};
