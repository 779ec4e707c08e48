// Reads a line of JSON after the other: a module, rows for one of its functions. Writes what it gives.
// Numbers are written as their 16 hexadecimal digits, so that every bit of them arrives.
import { createInterface } from "node:readline";

const view = new DataView(new ArrayBuffer(8));
const readers = {
  n: (text) => (view.setBigUint64(0, BigInt(`0x${text}`)), view.getFloat64(0)),
  t: (text) => text,
  b: (flag) => flag,
  i: (digits) => BigInt(digits),
  d: (text) => new Date(text),
};

function read(cell) {
  if (cell === null) return null;
  const [[kind, value]] = Object.entries(cell);
  return readers[kind](value);
}

function write(value) {
  if (typeof value === "number") {
    view.setFloat64(0, value);
    return { n: view.getBigUint64(0).toString(16).padStart(16, "0") };
  }
  if (Array.isArray(value)) return value.map(write);
  if (typeof value !== "object" || value === null) return value;
  return { o: Object.entries(value).map(([name, item]) => [name, write(item)]) };
}

for await (const line of createInterface({ input: process.stdin })) {
  let answer;
  try {
    const asked = JSON.parse(line);
    const text = Buffer.from(asked.module, "utf8").toString("base64");
    const module = await import(`data:text/javascript;base64,${text}`);
    const rows = asked.rows.map((row) => Object.fromEntries(row.map(([name, cell]) => [name, read(cell)])));
    const found = asked.rows.length ? rows.map((row) => module[asked.call](row)) : module[asked.call];
    answer = { found: write(found) };
  } catch (error) {
    answer = { error: `${error.name}: ${error.message}` };
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
