// The rows of the chosen file as this browser reads them: for the form of one lead, and for known
// outcomes. The service's own reading is what scores; where the two differ the page says so.

const MOST_BYTES = 200_000_000;
const DELIMITERS = [",", ";", "\t", "|"];

// Read a file: { size, columns, row(i), why }. Where it cannot be read here, `size` is null.
export async function readSource(file) {
  const unread = (why) => ({ size: null, columns: [], row: () => null, why });
  const name = file.name.toLowerCase();
  if (name.endsWith(".parquet")) {
    return unread("Values of such a file are not shown here");
  }
  if (file.size > MOST_BYTES) return unread("Values of so large a file are not shown here");
  let text;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(await file.arrayBuffer());
  } catch {
    return unread("This browser cannot read the file as UTF-8, so its values are not shown here");
  }
  try {
    if (/\.(jsonl|ndjson)$/.test(name)) return readJson(text);
    return readDelimited(text);
  } catch {
    return unread("This browser reads the file in another way than the service");
  }
}

function readJson(text) {
  const rows = text
    .split("\n")
    .filter((line) => line.trim())
    .map((line) => JSON.parse(line));
  return { size: rows.length, columns: Object.keys(rows[0] ?? {}), row: (i) => rows[i], why: "" };
}

// RFC 4180 with any of four delimiters. Only where lines begin is kept, not what is in them.
function readDelimited(text) {
  const named = /^sep=(.)\r?\n/.exec(text);
  const start = named ? named[0].length : 0;
  const delimiter = named ? named[1] : findDelimiter(text, start);
  const [columns, first] = readLine(text, start, delimiter);
  const starts = [];
  for (let at = first; at < text.length;) {
    const end = endOfLine(text, at);
    if (end > at && text.slice(at, end).trim() !== "") starts.push(at);
    at = end + (text.startsWith("\r\n", end) ? 2 : 1);
  }
  const row = (i) => {
    const [values] = readLine(text, starts[i], delimiter);
    return Object.fromEntries(columns.map((column, at) => [column, values[at] ?? ""]));
  };
  return { size: starts.length, columns, row, why: "" };
}

function findDelimiter(text, start) {
  const line = text.slice(start, endOfLine(text, start)).replace(/"[^"]*"/g, "");
  const counts = DELIMITERS.map((delimiter) => line.split(delimiter).length);
  return DELIMITERS[counts.indexOf(Math.max(...counts))];
}

function endOfLine(text, at) {
  let quoted = false;
  for (let i = at; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    if (code === 34) quoted = !quoted;
    else if (!quoted && (code === 10 || code === 13)) return i;
  }
  return text.length;
}

function readLine(text, start, delimiter) {
  const values = [];
  const end = endOfLine(text, start);
  let at = start;
  while (at <= end) {
    if (text[at] === '"') {
      let close = at + 1;
      while (close < end && !(text[close] === '"' && text[close + 1] !== '"')) {
        close += text[close] === '"' ? 2 : 1;
      }
      values.push(text.slice(at + 1, close).replaceAll('""', '"'));
      at = text.indexOf(delimiter, close);
      at = at < 0 || at > end ? end + 1 : at + 1;
    } else {
      let stop = text.indexOf(delimiter, at);
      if (stop < 0 || stop > end) stop = end;
      values.push(text.slice(at, stop));
      at = stop + 1;
    }
  }
  return [values, end + (text.startsWith("\r\n", end) ? 2 : 1)];
}
