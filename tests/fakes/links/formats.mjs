// Records as files: CSV as tools write it, JSON lines, XML, Markdown, HTML, text.

/** The leaves of a record, by dotted name; lists are one cell of JSON. */
export function leavesOf(record, before = "") {
  return Object.entries(record).flatMap(([name, value]) =>
    value !== null && typeof value === "object" && !Array.isArray(value) ? leavesOf(value, `${before}${name}.`) : [[before + name, Array.isArray(value) ? JSON.stringify(value) : value]]);
}

function table(records, separator, newline) {
  const rows = records.map((record) => new Map(leavesOf(record)));
  const columns = [...new Set(rows.flatMap((row) => [...row.keys()]))];
  const cell = (value) => {
    const text = String(value ?? "");
    return text.includes(separator) || /["\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  return [columns, ...rows.map((row) => columns.map((name) => row.get(name)))].map((row) => row.map(cell).join(separator)).join(newline) + newline;
}

// What XML 1.0 does not have is left out.
const xmlText = (value) => String(value ?? "").replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/g, "").replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
const xmlName = (name) => name.replace(/[^\w.-]/g, "_").replace(/^(?=[^A-Za-z_])/, "_");

function xml(value, name, indent = "  ") {
  const tag = xmlName(name);
  if (Array.isArray(value)) return value.map((item) => xml(item, name, indent)).join("");
  if (value === null || value === undefined) return `${indent}<${tag}/>\n`;
  if (typeof value !== "object") return `${indent}<${tag}>${xmlText(value)}</${tag}>\n`;
  return `${indent}<${tag}>\n${Object.entries(value).map(([key, inner]) => xml(inner, key, `${indent}  `)).join("")}${indent}</${tag}>\n`;
}

const lines = (record) => leavesOf(record).filter(([, value]) => value !== null && value !== "");
const titleOf = (record) => record.name ?? record.title ?? record.subject ?? record.id ?? record.sku;

/** By ending: the type, and how a list is written. "excel.csv" is what a spreadsheet exports in Ireland or Germany. */
export const FORMATS = {
  json: ["application/json", (records, name) => JSON.stringify({ [name]: records })],
  jsonl: ["application/x-ndjson", (records) => records.map((record) => `${JSON.stringify(record)}\n`).join("")],
  csv: ["text/csv; charset=utf-8", (records) => table(records, ",", "\n")],
  "excel.csv": ["text/csv", (records) => `\ufeff${table(records, ";", "\r\n")}`],
  tsv: ["text/tab-separated-values; charset=utf-8", (records) => table(records, "\t", "\n")],
  xml: ["application/xml; charset=utf-8", (records, name) => `<?xml version="1.0" encoding="UTF-8"?>\n<${name}>\n${records.map((record) => xml(record, name.replace(/s$/, ""))).join("")}</${name}>\n`],
  md: ["text/markdown; charset=utf-8", (records, name) => `# ${name}\n\n${records.map((record) => `## ${titleOf(record)}\n\n${lines(record).map(([key, value]) => `- **${key}**: ${value}`).join("\n")}\n`).join("\n")}`],
  html: ["text/html; charset=utf-8", (records, name) => `<!doctype html><html><head><title>${name}</title><style>p{margin:0}</style><script>var tracked = true;</script></head><body>${records.map((record) => `<h2>${xmlText(titleOf(record))}</h2>${lines(record).map(([key, value]) => `<p><b>${xmlText(key)}</b>: ${xmlText(value)}</p>`).join("")}`).join("\n")}</body></html>`],
  txt: ["text/plain; charset=utf-8", (records) => records.map((record) => lines(record).map(([key, value]) => `${key}: ${value}\n`).join("")).join("\n")],
};
