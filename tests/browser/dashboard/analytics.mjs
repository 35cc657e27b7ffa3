// The page Analytics. Given the tools of dashboard.mjs.

import assert from "node:assert/strict";

/** The page, by the name of its picture. */
export const ANALYTICS_PAGES = { analytics: "/dashboard/analytics#days=30" };

/** What needs no browser. */
export const analyticsPure = (load) => ({
  async "the axis of a chart ends at a round number, and bars stand on its ground"() {
    const { topOf, topOfTime, barsOf } = await load("chart.js");
    for (const [values, top] of [[[], 1], [[0, null], 1], [[0.3], 0.5], [[7, 3], 10], [[10], 10], [[11], 20], [[430], 500]]) assert.equal(topOf(values), top, String(values));
    for (const [values, top] of [[[null], 60], [[61], 120], [[9000], 14_400], [[90_000], 172_800]]) assert.equal(topOfTime(values), top, String(values));
    const bars = barsOf([{ value: (row) => row.a }, { value: (row) => row.b }], [{ a: 5, b: null }, { a: 0, b: 30 }], 10);
    assert.deepEqual(bars.map(({ series, x, width, height }) => [series, x, width, height]), [[0, 62.5, 187.5, 50], [0, 562.5, 187.5, 0], [1, 750, 187.5, 100]]);
  },
  async "an address says the span, and what it cannot mean is the last seven days"() {
    const { spanOf } = await load("pages/analytics.js");
    const now = Date.parse("2026-03-02T00:30:00Z");
    assert.deepEqual(spanOf({}, now), { days: "7", from: "2026-02-24", to: "2026-03-02" });
    assert.deepEqual(spanOf({ days: "90" }, now), { days: "90", from: "2025-12-03", to: "2026-03-02" });
    assert.deepEqual(spanOf({ days: "<b>", from: "2026-01-01" }, now), { days: "7", from: "2026-02-24", to: "2026-03-02" });
    assert.deepEqual(spanOf({ from: "2026-01-01", to: "2026-01-03" }, now), { days: "own", from: "2026-01-01", to: "2026-01-03" });
  },
});

export const analyticsChecks = ({ open, text, shows, press, settled, asked, write }) => {
  const last = (stage) => asked(stage, "GET", "dashboard/analytics").at(-1).query;
  const address = (browser) => browser.run("return location.hash");
  return {
    async "analytics draws each figure, says it in words, and has a table behind it"(t) {
      await open(t, "/dashboard/analytics", "viewer");
      const charts = await t.browser.run("return [...document.querySelectorAll('.chart')].map((one) => ({ name: one.querySelector('h2').innerText, title: one.querySelector('svg > title').textContent, text: one.querySelector('svg > desc').textContent, bars: one.querySelectorAll('rect').length, rows: one.querySelectorAll('tbody tr').length }))");
      assert.deepEqual(charts.map(({ name }) => name), ["Messages", "Conversations", "First response", "Resolution", "Customer satisfaction", "Escalation rate", "Sync success"]);
      for (const one of charts) assert.ok(one.title === one.name && one.rows === 7 && / of 7 days, from .+; \d of them have values/.test(one.text), JSON.stringify(one));
      assert.equal(charts[0].bars, 14);
      assert.ok(charts[5].bars <= 6, "what is not known has no bar");
      assert.match(await t.browser.run("return document.querySelector('rect > title').textContent"), /: Received, \d+/);
      await t.browser.run("document.querySelector('.chart summary').click()");
      await t.browser.until("the table is there", "return document.querySelector('.chart table').checkVisibility()");
      await shows(t.browser, "Days begin and end at midnight UTC");
      await shows(t.browser, "Ann Byrne", "table[aria-label='Agents']");
      assert.equal(await t.browser.run("return document.querySelectorAll('main [style]').length"), 0);
      await t.browser.complaints();
    },
    async "analytics keeps its span in the address"(t) {
      await open(t, "/dashboard/analytics#days=90", "viewer");
      assert.equal((Date.parse(last(t.stage).to) - Date.parse(last(t.stage).from)) / 86_400_000, 89);
      await write(t.browser, { days: "30" });
      await settled(t.browser, "/dashboard/analytics#days=30");
      await shows(t.browser, "30 days");
      await write(t.browser, { days: "own" });
      await write(t.browser, { from: "2026-01-05" });
      await write(t.browser, { to: "2026-01-06" });
      await settled(t.browser, "/dashboard/analytics#from=2026-01-05&to=2026-01-06");
      await t.browser.until("two days are shown", "return document.querySelectorAll('.chart')[0]?.querySelectorAll('tbody tr').length === 2");
      assert.deepEqual(last(t.stage), { from: "2026-01-05", to: "2026-01-06" });
      const links = await t.browser.run("return [...document.querySelectorAll('a[download]')].map((one) => one.getAttribute('href'))");
      assert.deepEqual(links, ["days", "agents"].map((of) => `/api/dashboard/analytics?from=2026-01-05&to=2026-01-06&format=csv&of=${of}`));
      assert.match(await address(t.browser), /from=2026-01-05/);
    },
    async "a chart is saved as CSV"(t) {
      await open(t, "/dashboard/analytics#from=2026-01-03&to=2026-01-04", "viewer");
      await t.browser.run("window.saved = []; URL.createObjectURL = (blob) => { blob.text().then((text) => saved.push(text)); return '#'; }; HTMLAnchorElement.prototype.click = function () { window.savedAs = this.download; }");
      await press(t.browser, "Customer satisfaction as CSV");
      const csv = await t.browser.until("a file is saved", "return window.saved[0]");
      assert.match(csv, /^date,Mean rating\r\n2026-01-03,[\d.]*\r\n2026-01-04,\r\n$/);
      assert.equal(await t.browser.run("return savedAs"), "csat-2026-01-03-2026-01-04.csv");
    },
    async "analytics says what to do where nothing happened, and what went wrong"(t) {
      t.stage.world.isQuiet = true;
      await open(t, "/dashboard/analytics", "viewer");
      await shows(t.browser, "Nothing happened in this span");
      delete t.stage.world.isQuiet;
      t.stage.fail(/GET .*analytics$/, 503, { message: "The database is away." });
      await write(t.browser, { days: "30" });
      await shows(t.browser, "The database is away.", ".failure");
      await press(t.browser, "Try again");
      await shows(t.browser, "Customer satisfaction");
      await open(t, "/dashboard/analytics#from=2020-01-01&to=2026-01-01", "viewer");
      await shows(t.browser, "The span has 1 to 92 days.", ".failure");
      assert.ok((await text(t.browser)).includes("Span"));
    },
  };
};
