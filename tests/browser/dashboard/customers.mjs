// The page Customers. Given the tools of dashboard.mjs.

import assert from "node:assert/strict";
import { uuid } from "../../fakes/lib/dashboard-world.mjs";

const load = (name) => import(new URL(`../../../shared/pages/assets/dashboard/${name}`, import.meta.url));

/** The pages, by the names of their pictures. */
export const CUSTOMER_PAGES = { customers: "/dashboard/customers", customer: `/dashboard/customers/${uuid(5000)}`, import: "/dashboard/customers/import", "customer-history": `/dashboard/customers/${uuid(5000)}/history` };

export const customerPure = {
  async "rows of CSV that follow others have no header"() {
    const { csvOf } = await load("csv.js");
    assert.equal(csvOf(["a"], []) + csvOf(null, [["=1"], ["2"]]) + csvOf(null, []), "a\r\n'=1\r\n2\r\n");
  },
  async "a file of CSV is read the same however it is cut"() {
    const { rowsOf } = await load("csv-read.js");
    const text = '\ufeffname;mail\r\n"Ann; ""A""\r\nByrne";é🎉@x.ie\n\n;\rlast';
    const wanted = [[1, ["name", "mail"]], [2, ['Ann; "A"\r\nByrne', "é🎉@x.ie"]], [5, ["", ""]], [6, ["last"]]];
    for (let slice = 16; slice < 70; slice += 1) {
      const rows = [];
      for await (const { line, cells } of rowsOf(new Blob([text]), { slice })) rows.push([line, cells]);
      assert.deepEqual(rows, wanted, `${slice} bytes`);
    }
  },
  async "what is no CSV is refused with its place"() {
    const { rowsOf } = await load("csv-read.js");
    const read = async (content, slice) => {
      for await (const _ of rowsOf(new Blob([content]), { slice }));
    };
    await assert.rejects(read(Buffer.from("a,b\nx,caf\xe9\ny,z\n", "latin1"), 7), /byte 10, in line 2/);
    await assert.rejects(read(Buffer.from("a,b\n", "utf16le"), 100), /NUL/);
    await assert.rejects(read('a\n"b\nc', 100), /quote that opens in line 2 is never closed/);
    await assert.rejects(read('a\n"b"c\n', 100), /Line 2 has text after a closing quote/);
    await assert.rejects(read(Array(1000).fill("a").join(","), 100_000), /more than 100 columns/);
    await assert.rejects((async () => { for await (const _ of rowsOf({ size: 300 * 1024 * 1024 })); })(), /200 MB/);
  },
  async "columns are guessed, and rows become records or say why not"() {
    const { createBatches, guessed, mappingProblem, pauseOf, problemOf, recordOf } = await load("import-map.js");
    const header = ["ID", "Full Name", "E-mail address", "Mobile", "Phone", "Plan", "Tags"];
    const mapping = guessed(header);
    assert.deepEqual(mapping, ["external_id", "name", "email", "phone", "", "", "tags"]);
    assert.match(mappingProblem(["name", "custom"]), /which column/);
    assert.match(mappingProblem(["email", "email"]), /Two columns/);
    mapping[5] = "custom";
    const cells = ["7", " Ann ", "", "'+353 87", "1", "gold", "a; b"];
    const record = recordOf(cells, header, mapping, "crm");
    assert.deepEqual(record, { external_id: "7", external_system: "crm", name: "Ann", phone: "+353 87", tags: ["a", "b"], custom_fields: { Plan: "gold" } });
    assert.equal(problemOf(record, cells, header), null);
    assert.match(problemOf({ email: "x" }, [], header), /no email/);
    assert.match(problemOf({ name: "x" }, [], header), /no id, email/);
    assert.match(problemOf(record, Array(8), header), /8 fields/);
    const batches = createBatches();
    const full = Array.from({ length: 501 }, (_, n) => batches.add({ record: { n } })).filter(Boolean);
    assert.deepEqual([full.length, full[0].length, batches.rest().length, batches.rest().length], [1, 500, 1, 0]);
    assert.deepEqual([pauseOf("7", 0), pauseOf(null, 3), pauseOf("x", 9)], [7, 8, 60]);
  },
};

export const customerChecks = ({ open, text, shows, press, settled, write, asked }) => ({
  async "customers are listed by pages, and found by what they are known by"(t) {
    await open(t, "/dashboard/customers", "viewer");
    const rows = () => t.browser.run("return document.querySelectorAll('main tbody tr').length");
    assert.equal(await rows(), 50);
    await press(t.browser, "Show more");
    await t.browser.until("100 rows", "return document.querySelectorAll('main tbody tr').length === 100");
    for (const q of ["c7@example.com", "+353871000007", "CRM-7", uuid(5007)]) {
      await write(t.browser, { q });
      await t.browser.until(`only ${q}`, "return document.querySelectorAll('main tbody tr').length === 1 && document.querySelector('main').innerText.includes('Customer 7')");
    }
    await write(t.browser, { q: "0871234567" });
    await shows(t.browser, "Ann Byrne");
    await write(t.browser, { q: "nobody@example.com" });
    await shows(t.browser, "Nobody is known by that");
    assert.equal(await t.browser.run("return location.hash"), "#q=nobody%40example.com");
    t.stage.fail(/GET .api-customers$/, 503, { message: "The database is away." });
    await write(t.browser, { q: "c8@example.com" });
    await shows(t.browser, "The database is away.");
    await press(t.browser, "Try again");
    await shows(t.browser, "Customer 8");
  },
  async "a customer's card shows what is known, the threads and the CRM's history"(t) {
    await open(t, CUSTOMER_PAGES.customer, "viewer");
    for (const words of ["Ann Byrne", "gold", "krayin:person:7", "Id in salesforce", "whatsapp", "1 Quay"]) await shows(t.browser, words, "main");
    await press(t.browser, "Erase");
    await shows(t.browser, "You are a viewer.");
    assert.equal(await t.browser.run("return document.querySelectorAll('dialog').length"), 0);
    await press(t.browser, "History in the CRM");
    await shows(t.browser, "Broken tent");
    await t.browser.complaints();
  },
  async "an erasure says what goes, and takes the customer from the list"(t) {
    const id = uuid(5119);
    await open(t, `/dashboard/customers/${id}`, "agent");
    await shows(t.browser, "No thread yet");
    await press(t.browser, "Erase");
    await shows(t.browser, "This cannot be undone.", "dialog");
    assert.equal(t.stage.requests().filter((one) => one.method === "DELETE" && one.path === "/api-customers").length, 0);
    t.stage.fail(/DELETE/, 503, { message: "The database is away." });
    await press(t.browser, "Erase");
    await shows(t.browser, "The database is away.", "dialog");
    await press(t.browser, "Erase");
    await settled(t.browser, "/dashboard/customers");
    assert.ok(!t.stage.world.customers.some((one) => one.id === id));
    await open(t, `/dashboard/customers/${id}`, "agent");
    await shows(t.browser, "There is no such customer");
  },
  async "all customers are exported, and no cell is a formula"(t) {
    await open(t, "/dashboard/customers", "viewer");
    await t.browser.run("window.saved = null; const made = URL.createObjectURL.bind(URL); URL.createObjectURL = (blob) => (blob.text().then((all) => (window.saved = all)), made(blob))");
    await press(t.browser, "Export as CSV");
    await shows(t.browser, `The file has all ${t.stage.world.customers.length} customers.`);
    const saved = await t.browser.until("the file", "return window.saved");
    assert.equal(saved.trim().split("\r\n").length, t.stage.world.customers.length + 1);
    assert.ok(saved.includes("'=HYPERLINK(1)") && saved.startsWith("id,external_id,"));
    assert.ok((await text(t.browser)).includes("Customer 1"));
  },
  async "a file is checked without sending, then imported by batches, and failed rows are told"(t) {
    await open(t, "/dashboard/customers/import", "agent");
    const rows = Array.from({ length: 620 }, (_, n) => `I-${n},New ${n},n${n}@example.com`).join("\n");
    await t.browser.run("const all = new DataTransfer(); all.items.add(new File([arguments[0]], 'a.csv')); const input = document.getElementById('import-file'); input.files = all.files; input.dispatchEvent(new Event('change'))", `id,name,email\n${rows}\nI-x,<b>,nowhere\nI-y,refuse me,y@example.com\n`);
    const sent = () => asked(t.stage, "POST", "-customers-bulk-create").length;
    const posts = () => t.stage.requests().filter((one) => one.method === "POST" && one.path === "/api-customers-bulk-create");
    await press(t.browser, "Check the file");
    await shows(t.browser, "621 rows can be imported, 1 cannot. Nothing was sent.");
    await shows(t.browser, "Line 622: “nowhere” is no email address.");
    assert.equal(posts().length + sent(), 0);
    t.stage.fail(/POST .api-customers-bulk-create/, 429, { message: "Too many requests." });
    await press(t.browser, "Import");
    await shows(t.browser, "620 customers were created, 0 were there already, 2 rows failed.");
    assert.equal(posts().length, 3, "one was tried again");
    await shows(t.browser, "Line 623: The name is refused.");
    await press(t.browser, "Import");
    await shows(t.browser, "0 customers were created, 620 were there already, 2 rows failed.");
    await open(t, "/dashboard/customers/import", "viewer");
    await shows(t.browser, "You are a viewer.");
    assert.ok(await t.browser.run("return document.getElementById('import-file').disabled"));
  },
});
