// The figures of a deployment in the text format of Prometheus (docs/monitoring.md). Pure.

const SAMPLE = /^(\w+)(?:\{(.*)\})? (\S+)$/;

/** The samples of a text: [{ name, labels, value }]. What is none is left out. */
export function samplesOf(text) {
  const found = text.split("\n").map((line) => SAMPLE.exec(line)).filter(Boolean);
  return found.map(([, name, labels = "", value]) => ({ name, labels: Object.fromEntries([...labels.matchAll(/(\w+)="([^"]*)"/g)].map(([, label, given]) => [label, given])), value: Number(value) }));
}

/** The values of a metric by one of its labels, summed. */
export function byLabel(samples, name, label) {
  const sums = {};
  for (const one of samples) if (one.name === name) sums[one.labels[label]] = (sums[one.labels[label]] ?? 0) + one.value;
  return sums;
}

/** Requests by operation: [{ operation, requests, refused, failed }], those that failed most first. */
export function operationsOf(samples) {
  const rows = new Map();
  for (const { name, labels: { operation, result }, value } of samples) {
    if (name !== "tieline_api_requests_total") continue;
    const row = rows.get(operation) ?? { operation, requests: 0, refused: 0, failed: 0 };
    row.requests += value;
    if (result in row) row[result] += value;
    rows.set(operation, row);
  }
  return [...rows.values()].sort((a, b) => b.failed - a.failed || b.refused - a.refused || b.requests - a.requests);
}
