"use strict";
(function () {
  const byId = (id) => document.getElementById(id);
  const data = JSON.parse(byId("ranking").textContent);
  const rows = data.calls[data.calls.length - 1];
  const positives = data.hits[data.hits.length - 1];
  const slider = byId("calls-slider");
  const box = byId("calls");
  const value = byId("value");
  const cost = byId("cost");
  const figures = new Intl.NumberFormat("en", { maximumFractionDigits: 1 });
  const whole = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
  const write = (number) => figures.format(number).replace("-", "\u2212");
  const percent = (share) => (100 * share).toFixed(1) + "%";

  // Leads with one score are never parted, so a number of calls is a step: an index.
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

  const chance = (cut) => (data.logit ? 1 / (1 + Math.exp(-cut)) : Math.min(1, Math.max(0, cut)));

  const money = (input) => {
    const found = input.valueAsNumber;
    return Number.isFinite(found) && found >= 0 ? found : 0;
  };

  const chart = byId("gains-chart");
  const frame = byId("gains-frame").dataset;
  const marker = document.createElementNS(chart.namespaceURI, "g");
  marker.setAttribute("class", "marker");
  const [across, up, dot] = ["line", "line", "circle"].map((tag) =>
    marker.appendChild(document.createElementNS(chart.namespaceURI, tag))
  );
  dot.setAttribute("r", "6");
  chart.appendChild(marker);

  function place(share, recall) {
    const at = (low, high, part) => Number(low) + part * (Number(high) - Number(low));
    const x = at(frame.left, frame.right, share).toFixed(2);
    const y = at(frame.bottom, frame.top, recall).toFixed(2);
    const set = (part, values) =>
      Object.entries(values).forEach(([name, found]) => part.setAttribute(name, found));
    set(across, { x1: frame.left, x2: x, y1: y, y2: y });
    set(up, { x1: x, x2: x, y1: frame.bottom, y2: y });
    set(dot, { cx: x, cy: y });
  }

  let waiting = 0;
  function show(step) {
    const calls = data.calls[step];
    const hits = data.hits[step];
    const cut = step ? data.cuts[step - 1] : null;
    const recall = hits / positives;
    const share = calls / rows;
    const profit = money(value) * hits - money(cost) * calls;
    const texts = {
      conversions: write(hits),
      precision: calls ? percent(hits / calls) : "\u2013",
      recall: percent(recall),
      lift: calls ? (recall / share).toFixed(2) + " \u00d7" : "\u2013",
      profit: write(profit),
      threshold: calls ? String(Number(cut.toPrecision(5))).replace("-", "\u2212") : "\u2013",
      least: calls ? percent(chance(cut)) : "\u2013",
      rule: calls ? data.column + " >= " + String(cut) : "nobody",
    };
    Object.entries(texts).forEach(([id, text]) => {
      byId(id).textContent = text;
    });
    slider.setAttribute("aria-valuetext", whole.format(calls) + " of " + whole.format(rows));
    place(share, recall);
    const sentence =
      `Calling the best ${whole.format(calls)} of ${whole.format(rows)} leads finds ` +
      `${write(hits)} that convert, ${percent(recall)} of all. Worth ` +
      `${write(money(value) * hits)}, at a cost of ${write(money(cost) * calls)}: ` +
      `a profit of ${write(profit)}.`;
    // A screen reader hears one sentence when the hand rests.
    window.clearTimeout(waiting);
    waiting = window.setTimeout(() => {
      byId("said").textContent = sentence;
    }, byId("said").textContent ? 250 : 0);
  }

  function chosen(step) {
    slider.value = String(step);
    box.value = String(data.calls[step]);
    show(step);
  }

  const typed = () => (Number.isFinite(box.valueAsNumber) ? nearest(box.valueAsNumber) : 0);
  slider.addEventListener("input", () => chosen(Number(slider.value)));
  box.addEventListener("input", () => {
    // While somebody types, the box is theirs.
    if (!Number.isFinite(box.valueAsNumber)) return;
    slider.value = String(typed());
    show(typed());
  });
  box.addEventListener("change", () => chosen(typed()));
  [value, cost].forEach((input) =>
    input.addEventListener("input", () => show(Number(slider.value)))
  );
  byId("best").addEventListener("click", () => {
    const profits = data.calls.map((calls, i) => money(value) * data.hits[i] - money(cost) * calls);
    chosen(profits.indexOf(Math.max(...profits)));
  });
  const own = byId("own");
  if (own) own.addEventListener("click", () => chosen(data.start));
  chosen(data.start);

  document.querySelectorAll("button[data-copies]").forEach((button) =>
    button.addEventListener("click", async () => {
      const sql = byId(button.dataset.copies);
      let done = false;
      try {
        await navigator.clipboard.writeText(sql.textContent);
        done = true;
      } catch {
        // No clipboard here: select the text and ask the older way.
        const selection = window.getSelection();
        selection.selectAllChildren(sql);
        done = document.execCommand("copy");
      }
      byId(button.dataset.says).textContent = done ? "Copied." : "Selected: press Ctrl+C or \u2318C.";
    })
  );
})();
