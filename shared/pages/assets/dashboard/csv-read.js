// Reads CSV of any length, a slice at a time. Pure.

/** Largest file. */
export const MOST_BYTES = 200 * 1024 * 1024;
/** Most columns. */
export const MOST_COLUMNS = 100;
/** Longest cell, in characters: longer ones come of a quote that is never closed. */
const MOST_CELL = 100_000;
const SLICE = 256 * 1024;

/** Why a file cannot be read; `line` counts from 1. */
export class CsvError extends Error {
  constructor(message, line) {
    super(message);
    this.line = line;
  }
}

/** Of comma, semicolon and tab, the one that parts the first line most often; what is quoted does not count. */
export function separatorOf(text) {
  const line = text.replace(/"[^"]*"/g, "").split(/[\r\n]/, 1)[0];
  const count = (one) => line.split(one).length;
  return [",", ";", "\t"].reduce((best, one) => (count(one) > count(best) ? one : best));
}

/** Takes text in pieces however they are cut; `push` and `end` give the rows that were completed: { line, cells }. */
export function createParser(separator) {
  let [line, began, quoteAt] = [1, 1, 1];
  let [cells, cell, state, hasCr] = [[], "", "start", false];

  function cellDone() {
    cells.push(cell);
    [cell, state] = ["", "start"];
    if (cells.length > MOST_COLUMNS) throw new CsvError(`Line ${began} has more than ${MOST_COLUMNS} columns. Take out those that are not needed.`, began);
  }

  function rowDone(rows) {
    cellDone();
    if (cells.length > 1 || cells[0] !== "") rows.push({ line: began, cells });
    cells = [];
    began = line;
  }

  function push(text) {
    const rows = [];
    for (const one of text) {
      if (one === "\0") throw new CsvError(`Line ${line} has a NUL byte: the file is UTF-16, or no text. Save it as CSV in UTF-8.`, line);
      const isSecond = one === "\n" && hasCr;
      hasCr = one === "\r";
      const isBreak = hasCr || (one === "\n" && !isSecond);
      if (isBreak) line += 1;
      if (state === "quoted") {
        if (one === '"') state = "closing";
        else cell += one;
      } else if (isSecond) continue;
      else if (isBreak) rowDone(rows);
      else if (one === separator) cellDone();
      else if (one === '"' && state === "start") [state, quoteAt] = ["quoted", line];
      else if (one === '"' && state === "closing") [cell, state] = [`${cell}"`, "quoted"];
      else if (state === "closing") throw new CsvError(`Line ${line} has text after a closing quote. A quote within a quoted field is written twice.`, line);
      else [cell, state] = [cell + one, "plain"];
      if (cell.length > MOST_CELL) throw new CsvError(`A field that begins in line ${state === "quoted" ? quoteAt : began} is longer than ${MOST_CELL} characters. Is its quote closed?`, began);
    }
    return rows;
  }

  function end() {
    if (state === "quoted") throw new CsvError(`The quote that opens in line ${quoteAt} is never closed.`, quoteAt);
    const rows = [];
    if (cells.length > 0 || state !== "start") rowDone(rows);
    return rows;
  }

  return { push, end, get line() { return line; } };
}

/** The rows of a file with how many bytes were read by then: { line, cells, bytes }. Throws a CsvError. */
export async function* rowsOf(blob, { slice = SLICE } = {}) {
  if (blob.size > MOST_BYTES) throw new CsvError("The file is larger than 200 MB. Cut it into several, each with the header line.", 1);
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let parser = null;
  for (let at = 0; at < blob.size; at += slice) {
    const bytes = Math.min(at + slice, blob.size);
    let text;
    try {
      text = decoder.decode(await blob.slice(at, bytes).arrayBuffer(), { stream: bytes < blob.size });
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      throw await wrongBytes(blob, at, bytes, parser?.line ?? 1);
    }
    parser ??= createParser(separatorOf(text));
    for (const row of parser.push(text)) yield { ...row, bytes };
  }
  for (const row of parser?.end() ?? []) yield { ...row, bytes: blob.size };
}

// Where the first byte stands that is no UTF-8: looked for in the slice where decoding failed.
async function wrongBytes(blob, at, end, line) {
  let start = Math.max(0, at - 4);
  const all = new Uint8Array(await blob.slice(start, end).arrayBuffer());
  // A character may have begun before.
  let skipped = 0;
  while (start + skipped < at && (all[skipped] & 0xc0) === 0x80) skipped += 1;
  start += skipped;
  const bytes = all.subarray(skipped);
  const isText = (length) => {
    try {
      return { text: new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes.subarray(0, length), { stream: true }) };
    } catch {
      return null;
    }
  };
  let [good, bad] = [0, bytes.length];
  while (bad - good > 1) {
    const middle = (good + bad) >> 1;
    isText(middle) ? (good = middle) : (bad = middle);
  }
  // What was begun and is not gone on with is wrong from its first byte.
  good = new TextEncoder().encode(isText(good).text).length;
  const breaks = bytes.subarray(Math.max(0, at - start), good).filter((one) => one === 10).length;
  return new CsvError(`The file is not in UTF-8: byte ${start + good + 1}, in line ${line + breaks}, is none. Save it as “CSV UTF-8”.`, line + breaks);
}
