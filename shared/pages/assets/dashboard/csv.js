// Tables of CSV, for spreadsheets.

/** A cell. What a spreadsheet would run as a formula is prefixed with an apostrophe, as the API does it. */
export function cellOf(value) {
  const text = value === null || value === undefined ? "" : String(value);
  const safe = /^[=+\-@\t\r]/.test(text) && !/^[+-]?\d+(\.\d+)?$/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replace(/"/g, '""')}"` : safe;
}

/** A table with its header; without one, rows that follow others. */
export const csvOf = (header, rows) => (header ? [header, ...rows] : rows).map((row) => row.map(cellOf).join(",").concat("\r\n")).join("");

/** Has the browser save a text as a file. */
export function save(name, text, type = "text/csv;charset=utf-8") {
  const url = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement("a");
  Object.assign(link, { href: url, download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
