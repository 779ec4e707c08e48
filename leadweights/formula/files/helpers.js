/** What a lead holds under a name, itself and not by inheritance; undefined is missing. */
function valueOf(lead, name) {
  const value = Object.hasOwn(lead, name) ? lead[name] : undefined;
  return value === null ? undefined : value;
}

/** Refuses a value that a column cannot hold. */
function refuse(name, kind, value) {
  const shown = typeof value === "string" ? JSON.stringify(value.slice(0, 40)) : String(value);
  throw new TypeError(`${JSON.stringify(name)} must be ${kind}, not ${shown}`);
}

/** Reads a number; NaN is missing, here and in all that follows. */
function readNumber(lead, name) {
  const value = valueOf(lead, name);
  if (value === undefined) return NaN;
  if (typeof value === "number") return value;
  return typeof value === "bigint" ? Number(value) : refuse(name, "a number", value);
}

/** Reads true and false, or 1 and 0. */
function readFlag(lead, name) {
  const value = valueOf(lead, name);
  if (value === undefined || Number.isNaN(value)) return NaN;
  if (value === true || value === 1) return 1;
  return value === false || value === 0 ? 0 : refuse(name, "true or false", value);
}

/** Reads a text; null is missing, here and in all that follows. */
function readText(lead, name) {
  const value = valueOf(lead, name);
  if (value === undefined || Number.isNaN(value)) return null;
  if (typeof value === "string") return value;
  if (typeof value === "number") return writeNumber(value);
  if (typeof value === "bigint") return String(value);
  if (value instanceof Date && !Number.isNaN(value.getTime())) return value.toISOString();
  return refuse(name, "a text", value);
}

/** Writes a number as a column of texts has it: whole ones in digits. */
function writeNumber(value) {
  if (Number.isInteger(value) && Math.abs(value) < 2 ** 53) return String(value + 0);
  if (!Number.isFinite(value)) return value > 0 ? "inf" : "-inf";
  const [digits, power] = value.toExponential().split("e");
  if (power >= -4 && power < 16) return String(value) + (Number.isInteger(value) ? ".0" : "");
  return `${digits}e${power[0]}${power.slice(1).padStart(2, "0")}`;
}

/** Reads a date, "2026-02-28" with or without a time, or a Date in UTC, as days since 1970-01-01. */
function readDay(lead, name) {
  const value = valueOf(lead, name);
  if (value === undefined || Number.isNaN(value)) return NaN;
  if (value instanceof Date) {
    const days = Math.floor(value.getTime() / 86400000);
    return Number.isNaN(days) ? refuse(name, "a date", value) : days;
  }
  const found = typeof value === "string" && /^([0-9]{4}-[0-9]{2}-[0-9]{2})([ T]|$)/.exec(value);
  const days = found ? Date.parse(`${found[1]}T00:00:00Z`) / 86400000 : NaN;
  // A day that the calendar lacks is moved to the next month by some engines.
  const real = found && new Date(days * 86400000 || 0).toISOString().startsWith(found[1]);
  return real && !found[1].startsWith("0000") ? days : refuse(name, "a date such as 2026-02-28", value);
}

/** The month of a day, 1 to 12. */
function monthOf(days) {
  return new Date(days * 86400000).getUTCMonth() + 1;
}

/** Counts the rising cuts that a value reaches; -1 for a missing one. */
function step(value, cuts) {
  if (Number.isNaN(value)) return -1;
  let low = 0;
  let high = cuts.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (value >= cuts[middle]) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The larger of two whole numbers or halves, as the SELECT has it; exact. */
function larger(left, right) {
  return 0.5 * (left + right + Math.abs(left - right));
}

/** The smaller one. */
function smaller(left, right) {
  return 0.5 * (left + right - Math.abs(left - right));
}

/** Tells whether a value lies between two others; a missing one does not. */
function between(value, low, high) {
  return value >= low && value <= high;
}

/** -1, 0 or 1. */
function sign(value) {
  return value > 0 ? 1 : value < 0 ? -1 : 0 * value + 0;
}

/** The sum of two doubles, and what rounding took from it (Knuth 1969). */
function exactSum(left, right) {
  const sum = left + right;
  const own = sum - left;
  return [sum, left - (sum - own) + (right - own)];
}

/** The product of two doubles, and what rounding took from it (Dekker 1971). */
function exactProduct(left, right) {
  const [high, other] = [left, right].map((value) => {
    const moved = 134217729 * value;
    return moved - (moved - value);
  });
  const [low, rest] = [left - high, right - other];
  const product = left * right;
  return [product, high * other - product + high * rest + low * other + low * rest];
}

/** The sum of two numbers that are each a sum of two doubles, as such. */
function longSum(left, right) {
  const [sum, rest] = exactSum(left[0], right[0]);
  return exactSum(sum, rest + (left[1] + right[1]));
}

/** Their product. */
function longProduct(left, right) {
  const [product, rest] = exactProduct(left[0], right[0]);
  return exactSum(product, rest + (left[0] * right[1] + left[1] * right[0]));
}

/** Their quotient. */
function longQuotient(left, right) {
  const first = left[0] / right[0];
  const rest = longSum(left, longProduct([-first, 0], right));
  return exactSum(first, (rest[0] + rest[1]) / right[0]);
}

/**
 * The natural logarithm of what is above 0, rounded once: Math.log may be a unit in the last place
 * away from the C library's. For x = 2^k m it is k ln 2 + 2 artanh((m - 1) / (m + 1)).
 */
function ln(value) {
  if (!(value > 0) || value === Infinity) return value === Infinity ? value : NaN;
  const view = new DataView(new ArrayBuffer(8));
  const small = value < 2.2250738585072014e-308;
  view.setFloat64(0, small ? value * 18014398509481984 : value);
  let power = (view.getUint16(0) >> 4) - (small ? 1077 : 1023);
  view.setUint16(0, (view.getUint16(0) & 15) | 16368);
  let part = view.getFloat64(0);
  if (part > 1.4142135623730951) {
    part /= 2;
    power += 1;
  }
  const ratio = longQuotient([part - 1, 0], exactSum(part, 1));
  const square = longProduct(ratio, ratio);
  let series = [0, 0];
  for (let odd = 47; odd > 0; odd -= 2) {
    series = longSum(longQuotient([1, 0], [odd, 0]), longProduct(square, series));
  }
  const ofPart = longProduct([2 * ratio[0], 2 * ratio[1]], series);
  const ofPower = longProduct([power, 0], [0.6931471805599453, 2.3190468138462996e-17]);
  return longSum(ofPower, ofPart)[0];
}

/** Takes off spaces (U+0020) at both ends, and nothing else. */
function trim(text) {
  if (text === null) return null;
  let first = 0;
  let last = text.length;
  while (first < last && text[first] === " ") first += 1;
  while (last > first && text[last - 1] === " ") last -= 1;
  return text.slice(first, last);
}

/** Writes each letter in lower case by itself: toLowerCase looks around the capital sigma. */
function lower(text) {
  return text === null ? null : text.replaceAll("\u03a3", "\u03c3").replaceAll("\u0130", "i").toLowerCase();
}

/** Takes some characters, each a code point, out of a text. */
function without(text, gone) {
  if (text === null) return null;
  return Array.from(text, (letter) => (gone.includes(letter) ? "" : letter)).join("");
}

/** Tells whether a list between two delimiters holds a value between two. */
function holds(text, part, delimiter) {
  return text !== null && (delimiter + text + delimiter).includes(delimiter + part + delimiter);
}

/** Reads a number as SQL writes it. */
function plainNumber(text) {
  return text !== null && PLAIN.test(text) ? Number(text) : NaN;
}

/** Reads a number of a form: the first pattern that it matches says what to replace in it. */
function numberInForm(text, form) {
  if (text === null) return NaN;
  for (const [pattern, replacements, isBehind] of form.ways) {
    if (pattern.test(text)) {
      let plain = text;
      for (const [old, other] of replacements) plain = plain.replaceAll(old, other);
      return isBehind ? 0 - plainNumber(plain) : plainNumber(plain);
    }
  }
  return form.orPlain ? plainNumber(text) : NaN;
}

/** Reads the year, the month, the day or the minutes of a date in a text; NaN where it is none. */
function datePart(text, form, part) {
  const found = text === null ? null : (form.own.exec(trim(text)) ?? ISO_DATE.exec(trim(text)));
  if (found === null) return NaN;
  const { year, month, day, behind } = found.groups;
  const place = /^[0-9]+$/.test(month)
    ? Number(month)
    : MONTHS.indexOf(month.slice(0, 3).toLowerCase()) + 1;
  if (place === 0 && !/^[0-9]+$/.test(month)) return NaN;
  if (part === "month") return place;
  if (part === "day") return Number(day);
  if (part === "minutes") return form.offsets ? minutesBehind(behind ?? "", form.zone) : 0;
  if (year.length > 2) return Number(year);
  return Number(year) + (Number(year) >= 69 ? 1900 : 2000);
}

/** Counts the minutes from the beginning of the day as written to the moment, in UTC. */
function minutesBehind(behind, zone) {
  const time = /^[ T]([0-9]{1,2}):([0-9]{2})/.exec(behind);
  if (time === null) return 0;
  const minutes = 60 * Number(time[1]) + Number(time[2]);
  if (/(Z|UTC|GMT)$/.test(behind)) return minutes;
  const offset = /([+-])([0-9]{2})(:?([0-9]{2}))?$/.exec(behind);
  if (offset === null) return minutes - zone;
  const ahead = 60 * Number(offset[2]) + Number(offset[4] ?? 0);
  return offset[1] === "-" ? minutes + ahead : minutes - ahead;
}

/** The first seven hexadecimal digits of a text's MD5 (RFC 1321, of UTF-8), as a number. */
function hash(text) {
  if (text === null) return NaN;
  const bytes = new TextEncoder().encode(text);
  const blocks = (bytes.length + 8 >> 6) + 1;
  const view = new DataView(new ArrayBuffer(blocks * 64));
  bytes.forEach((byte, place) => view.setUint8(place, byte));
  view.setUint8(bytes.length, 128);
  view.setUint32(blocks * 64 - 8, bytes.length * 8, true);
  view.setUint32(blocks * 64 - 4, Math.floor(bytes.length / 2 ** 29), true);
  const turns = [[7, 12, 17, 22], [5, 9, 14, 20], [4, 11, 16, 23], [6, 10, 15, 21]];
  let digest = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476];
  for (let block = 0; block < blocks * 64; block += 64) {
    let [a, b, c, d] = digest;
    for (let i = 0; i < 64; i += 1) {
      const round = i >> 4;
      const mixed = [(b & c) | (~b & d), (d & b) | (~d & c), b ^ c ^ d, c ^ (b | ~d)][round];
      const place = [i, 5 * i + 1, 3 * i + 5, 7 * i][round] % 16;
      const added = Math.floor(Math.abs(Math.sin(i + 1)) * 2 ** 32);
      const sum = (a + mixed + added + view.getUint32(block + 4 * place, true)) | 0;
      const turn = turns[round][i % 4];
      [a, d, c, b] = [d, c, b, (b + ((sum << turn) | (sum >>> (32 - turn)))) | 0];
    }
    digest = [a, b, c, d].map((word, place) => (word + digest[place]) | 0);
  }
  const first = new DataView(new ArrayBuffer(4));
  first.setInt32(0, digest[0], true);
  return first.getUint32(0) >>> 4;
}

/** A missing number as JSON has it. */
function orNull(value) {
  return Number.isNaN(value) ? null : value;
}
