// Imports customers from a CSV file, which never is in memory as a whole.

import { el, fill, named } from "../../dom.js";
import { pathOf } from "../address.js";
import { csvOf, save } from "../csv.js";
import { CsvError, rowsOf } from "../csv-read.js";
import { CUSTOM, FIELDS, createBatches, guessed, mappingProblem, pauseOf, problemOf, recordOf } from "../import-map.js";
import { button, linkButton, note, pageHead, progressBar, section } from "../ui.js";

/** How often a batch is tried. */
const TRIES = 8;
/** Most failed rows that are kept for the file of them, and that are shown. */
const MOST_FAILED = 50_000;
const SHOWN = 20;
const OPTIONS = [["", "Leave it out"], ...FIELDS, [CUSTOM, "Custom field, by its header"]];

export async function show(app) {
  const against = app.against("agent");
  const input = el("input", { type: "file", accept: ".csv,.tsv,.txt,text/csv", id: "import-file", disabled: Boolean(against), change: () => chosen() });
  const box = el("div", { class: "listing" });
  async function chosen() {
    const [file] = input.files;
    if (!file) return;
    fill(box, el("p", { class: "faint" }, "Reading…"));
    try {
      fill(box, mapper(app, file, await headerOf(file)));
    } catch (error) {
      fill(box, note(wordsOf(error), "bad"));
    }
  }
  return [
    pageHead("Import customers", "From a CSV file with a header line. Importing it again changes nothing.", linkButton("All customers", pathOf("customers"))), against && note(against),
    section("File", el("div", { class: "field" }, el("label", { for: "import-file" }, "CSV file"), input, el("p", { class: "faint" }, "UTF-8, up to 200 MB and 100 columns, parted by commas, semicolons or tabs."))), box,
  ];
}

const wordsOf = (error) => (error instanceof CsvError || error.status !== undefined ? error.message : `The file cannot be read: ${error.message}`);

async function headerOf(file) {
  for await (const { cells } of rowsOf(file)) return cells;
  throw new CsvError("The file is empty.", 1);
}

function mapper(app, file, header) {
  const guess = guessed(header);
  const selects = header.map((text, at) => {
    const select = el("select", { id: `column-${at}`, name: `column-${at}` }, OPTIONS.map(([value, label]) => el("option", { value }, label)));
    select.value = guess[at];
    return select;
  });
  const system = el("input", { id: "import-system", name: "system", maxlength: "64", placeholder: "crm", autocomplete: "off" });
  const out = el("div", { class: "listing", role: "status" });
  const run = async (isDry) => {
    const mapping = selects.map(({ value }) => value);
    const problem = mappingProblem(mapping);
    if (problem) return fill(out, note(problem, "bad"));
    check.disabled = send.disabled = true;
    await importFile(app, file, { mapping, system: system.value.trim(), isDry }, out);
    check.disabled = send.disabled = false;
  };
  const check = button("Check the file", () => void run(true));
  const send = button("Import", () => void run(false), { kind: "primary" });
  return [
    section("Columns", el("p", { class: "faint" }, "What each column of the file is. An empty cell changes nothing."),
      header.map((text, at) => el("div", { class: "field" }, el("label", { for: `column-${at}` }, named(text || `Column ${at + 1}`)), selects[at])),
      el("div", { class: "field" }, el("label", { for: "import-system" }, "System of the ids", el("span", { class: "faint" }, " (optional)")), system)),
    el("div", { class: "acts" }, check, send), out,
  ];
}

async function importFile(app, file, { mapping, system, isDry }, out) {
  const run = { rows: 0, good: 0, created: 0, updated: 0, failed: 0, parts: [], first: [], header: null, isPaused: false, isOver: false };
  const bar = el("div");
  const pause = button("Pause", () => {
    run.isPaused = !run.isPaused;
    pause.querySelector("span").textContent = run.isPaused ? "Go on" : "Pause";
  });
  const cancel = button("Cancel", () => (run.isOver = true));
  fill(out, bar, el("div", { class: "acts" }, pause, cancel));
  const tell = (bytes, more = "") => fill(bar, progressBar(bytes, file.size, `${run.rows} rows read, ${isDry ? run.good : run.created + run.updated} good, ${run.failed} failed${more}`));
  const stops = () => run.isOver || app.signal.aborted;
  const batches = createBatches();
  let trouble = null;
  let told = -1;
  try {
    for await (const { line, cells, bytes } of rowsOf(file)) {
      if (!run.header) {
        run.header = cells;
        run.parts.push(csvOf(["line", "error", ...cells], []));
        continue;
      }
      while (run.isPaused && !stops()) await wait(200);
      if (stops()) break;
      run.rows += 1;
      const row = { line, cells, record: recordOf(cells, run.header, mapping, system) };
      const problem = problemOf(row.record, cells, run.header);
      if (problem) failed(run, row, problem);
      else run.good += 1;
      const full = problem || isDry ? null : batches.add(row);
      if (full) await sendBatch(app, run, full, (more) => tell(bytes, more), stops);
      if (full || bytes !== told) tell((told = bytes));
    }
    const rest = batches.rest();
    if (rest.length && !stops()) await sendBatch(app, run, rest, (more) => tell(file.size, more), stops);
  } catch (error) {
    if (app.signal.aborted) return;
    trouble = wordsOf(error);
  }
  if (!app.signal.aborted) fill(out, result(run, isDry, trouble));
}

const wait = (millis) => new Promise((resolve) => setTimeout(resolve, millis));

function failed(run, row, reason) {
  run.failed += 1;
  if (run.failed <= MOST_FAILED) run.parts.push(csvOf(null, [[row.line, reason, ...row.cells]]));
  if (run.first.length < SHOWN) run.first.push([row.line, reason]);
}

// The same key for every try: what was done though its answer was lost is not done again.
async function sendBatch(app, run, rows, tell, stops) {
  const key = crypto.randomUUID();
  for (let tries = 0; !stops(); tries += 1) {
    let retryAfter = null;
    try {
      const answer = await app.api.post("/api-customers-bulk-create", { customers: rows.map(({ record }) => record) }, {
        signal: app.signal, headers: { "idempotency-key": key },
        read(response) {
          retryAfter = response.headers.get("retry-after");
        },
      });
      run.created += answer.created;
      run.updated += answer.updated;
      for (const { index, error } of answer.errors) failed(run, rows[index], error);
      return;
    } catch (error) {
      if (app.signal.aborted || !error.passing || tries + 1 >= TRIES) throw error;
      const seconds = pauseOf(retryAfter, tries);
      tell(`. ${error.message} It is tried again in ${seconds} s.`);
      for (const end = Date.now() + seconds * 1000; Date.now() < end && !stops();) await wait(Math.min(200, end - Date.now()));
    }
  }
}

function result(run, isDry, trouble) {
  const done = isDry ? `${run.good} rows can be imported, ${run.failed} cannot. Nothing was sent.` : `${run.created} customers were created, ${run.updated} were there already, ${run.failed} rows failed.`;
  const ended = trouble ? `It ended early: ${trouble} ` : run.isOver ? "It was cancelled. " : "";
  return [
    note(`${ended}${done}${ended && !isDry ? " Import the file again to go on: what is there already does not change." : ""}`, trouble ? "bad" : run.failed ? "warn" : ""),
    run.first.length > 0 && el("ul", null, run.first.map(([line, reason]) => el("li", null, `Line ${line}: `, named(reason)))),
    run.failed > MOST_FAILED && note(`The file of failed rows has the first ${MOST_FAILED}.`),
    run.failed > 0 && button("Failed rows as CSV", () => save("failed.csv", new Blob(run.parts)), { glyph: "download" }),
  ];
}
