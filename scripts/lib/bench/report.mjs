// The figures as people read them.

import { HOP_BAR_MS, SHARE_BAR_MS } from "./edge/bars.mjs";

/** Most functions of a profile that are printed. */
const PROFILED = 60;

const number = (value, digits = 0) =>
  value.toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits });
const ms = (value) => number(value, value < 10 ? 2 : 1);

/** Rows of text as aligned columns; the first column and those in `left` stand to the left. */
function table(rows, left = []) {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  const cell = (text, column) =>
    column === 0 || left.includes(column) ? text.padEnd(widths[column]) : text.padStart(widths[column]);
  return rows.map((row) => row.map(cell).join("  ").trimEnd()).join("\n");
}

export function sizesTable(sizes) {
  const row = ({ function: name, kb, bar, ok }) => [name, number(kb, 1), `≤ ${bar}`, ok ? "PASS" : "over"];
  return table([["wasm, gzip -9", "KB", "bar", ""], ...sizes.map(row)], [3]);
}

export function timesTable(results) {
  const head = [
    "endpoint", "business of", "ours rps", "p50 ms", "p99 ms", "CPU ms", "floor rps", "p50 ms", "CPU ms",
    "ratio (rounds)", "bar", "", "by CPU", "by gateway", "D1 calls", "", "rows read", "written",
  ];
  const row = ({ name, business, bar, most_calls, calls, ours, floor, ratio, ratio_cpu, ratio_gateway }) => [
    name,
    business,
    number(ours.rps),
    ms(ours.p50),
    ms(ours.p99),
    ms(ours.cpu),
    number(floor.rps),
    ms(floor.p50),
    ms(floor.cpu),
    `${number(ratio.median, 2)} (${number(ratio.min, 2)}–${number(ratio.max, 2)})`,
    `≥ ${number(bar, 2)}`,
    Math.max(ratio.median, ratio_cpu.median) >= bar ? "PASS" : "below",
    number(ratio_cpu.median, 2),
    number(ratio_gateway.median, 2),
    `${calls.warm.calls}, cold key ${calls.cold.calls}`,
    calls.warm.calls <= most_calls ? "PASS" : `over ${most_calls}`,
    number(calls.warm.read),
    number(calls.warm.written),
  ];
  return table([head, ...results.map(row)], [11, 15]);
}

/** What is kept in the database. */
export function keptTable({ name, bytes, bar, ok }) {
  return table([["in D1", "bytes", "bar", ""], [name, number(bytes), `≤ ${number(bar)}`, ok ? "PASS" : "over"]], [3]);
}

/** What an isolate holds. */
export function memoryTable(rows) {
  const head = ["a sync of 5 MiB", "WASM MB", "JavaScript MB", "buffers MB", "together", "bar", ""];
  const row = ({ name, wasm, heap, buffers, total, bar, ok }) =>
    [name, ...[wasm, heap, buffers, total].map((value) => number(value, 1)), `≤ ${bar}`, ok ? "PASS" : "over"];
  return table([head, ...rows.map(row)], [6]);
}

/** How well and how fast records are found. */
export function searchTable(rows) {
  const head = ["search", "records", "chunks", "questions", "measured", "bar", ""];
  const told = (value, unit) => (unit === "share" ? number(value, 3) : `${number(value, 1)} ${unit}`);
  const row = ({ name, records, chunks, asked, value, unit, bar, ok }) => [
    name,
    number(records),
    number(chunks),
    number(asked),
    told(value, unit),
    bar === undefined ? "" : `${unit === "share" ? "≥" : "≤"} ${told(bar, unit)}`,
    bar === undefined ? "" : ok ? "PASS" : "missed",
  ];
  return table([head, ...rows.map(row)], [6]);
}

/** How correct deliveries fared beside forged ones, and what those were answered. */
export function forgedTable({ calm, flooded, ratio, bar, forged, ok }) {
  const row = (name, { count, p50, p99 }, ...more) => [name, number(count), ms(p50), ms(p99), ...more];
  const rows = [
    ["correct deliveries", "answered 200", "p50 ms", "p99 ms", "ratio", "bar", ""],
    row("alone", calm, "", "", ""),
    row("beside forged ones", flooded, number(ratio, 2), `< ${bar}`, ok ? "PASS" : "above"),
  ];
  const answers = Object.entries(forged).map(([what, count]) => `${number(count)} × ${what}`);
  return `${table(rows, [6])}\n\nforged: ${answers.join(", ")}`;
}

/** What was sent at a rate: medians against the floor's, or against a time. */
export function ratesTable(rates) {
  const head = ["at a rate", "business of", "ours p50 ms", "p99 ms", "floor p50 ms", "ratio", "bar", ""];
  const row = ({ name, business, ours, floor, ratio, bar, ok }) => [
    name,
    business,
    ms(ours.p50),
    ms(ours.p99),
    floor ? ms(floor.p50) : "",
    floor ? number(ratio, 2) : "",
    floor ? `< ${number(bar, 1)}` : `< ${bar} ms`,
    ok ? "PASS" : "above",
  ];
  return table([head, ...rates.map(row)], [7]);
}

/** What the platform's edge costs, in milliseconds of CPU for a request. */
export function edgeTable(rows) {
  const hasBefore = rows.some((row) => row.shareBefore !== undefined);
  const head = [
    "CPU ms a request", "floor", "function", "JS hop", "gateway", "share", "bar", "", "hop", "bar", "",
    "hop in JS", ...(hasBefore ? ["share before", "hop before"] : []),
  ];
  const within = (value, bar) => (value <= bar ? "PASS" : "above");
  const row = ({ name, floor, direct, passed, gateway, share, hop, passing, shareBefore, hopBefore }) => [
    name,
    ...[floor, direct, passed, gateway, share].map((value) => number(value, 2)),
    `≤ ${number(SHARE_BAR_MS, 2)}`, within(share, SHARE_BAR_MS),
    number(hop, 2), `≤ ${number(HOP_BAR_MS, 2)}`, within(hop, HOP_BAR_MS),
    number(passing, 2),
    ...(hasBefore ? [shareBefore, hopBefore].map((value) => number(value, 2)) : []),
  ];
  return table([head, ...rows.map(row)], [7, 10]);
}

/** The functions that took most of the time, each for a request, in microseconds. */
export function profileTable(functions, { target, requests }) {
  const micros = (millis) => number((millis * 1000) / requests, 1);
  const shown = functions.slice(0, PROFILED);
  const self = functions.reduce((sum, one) => sum + one.self, 0);
  const row = ({ name, self, total }) => [name.slice(0, 120), micros(self), micros(total)];
  const head = [`${target}, µs a request`, "self", "total"];
  return table([head, ["all of it", micros(self), ""], ...shown.map(row)]);
}
