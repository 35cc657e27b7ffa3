// The figures as people read them.

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
    "endpoint", "business of", "ours rps", "p50 ms", "p99 ms", "floor rps", "p50 ms",
    "ratio (rounds)", "bar", "", "D1 calls", "",
  ];
  const row = ({ name, business, bar, most_calls, calls, ours, floor, ratio }) => [
    name,
    business,
    number(ours.rps),
    ms(ours.p50),
    ms(ours.p99),
    number(floor.rps),
    ms(floor.p50),
    `${number(ratio.median, 2)} (${number(ratio.min, 2)}–${number(ratio.max, 2)})`,
    `≥ ${number(bar, 1)}`,
    ratio.median >= bar ? "PASS" : "below",
    `${calls.warm}, cold key ${calls.cold}`,
    calls.warm <= most_calls ? "PASS" : `over ${most_calls}`,
  ];
  return table([head, ...results.map(row)], [9, 11]);
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
