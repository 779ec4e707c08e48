// A worker that is asked and answers: ask(job, given, transferred) gives a promise.

export function startWorker(name) {
  const worker = new Worker(new URL(name, import.meta.url), { type: "module" });
  const waiting = new Map();
  let last = 0;
  const fail = (why) => {
    for (const { reject } of waiting.values()) reject(new Error(why));
    waiting.clear();
  };
  worker.onmessage = ({ data: { id, found, problem } }) => {
    const { resolve, reject } = waiting.get(id) ?? {};
    waiting.delete(id);
    if (problem === undefined) resolve?.(found);
    else reject?.(new Error(problem));
  };
  worker.onerror = (event) => fail(event.message || "A part of the page could not be loaded");
  return (job, given, transferred = []) =>
    new Promise((resolve, reject) => {
      last += 1;
      waiting.set(last, { resolve, reject });
      worker.postMessage({ id: last, job, given }, transferred);
    });
}
