// The page Status, and what the page Start tells of it. Given the tools of dashboard.mjs.

import assert from "node:assert/strict";

/** The page, by the name of its picture. */
export const STATUS_PAGES = { status: "/dashboard/status" };

export const statusChecks = ({ open, text, shows, press, settled, asked }) => {
  const polls = (stage) => asked(stage, "GET", "dashboard/status").length;
  const hide = (browser, isHidden) => browser.run("Object.defineProperty(document, 'hidden', { configurable: true, value: arguments[0] }); document.dispatchEvent(new Event('visibilitychange'))", isHidden);
  /** Has the page ask now, as when it is looked at again. */
  const lookAgain = (browser) => hide(browser, false);
  return {
    async "the status page holds every integration against its targets, and says what needs attention"(t) {
      await open(t, "/dashboard/status", "viewer");
      await shows(t.browser, "The connection is down. The key is refused.", ".attention");
      const row = (label, name) => t.browser.run("return [...document.querySelectorAll(`table[aria-label=\"${arguments[0]}\"] tbody tr`)].map((row) => [...row.cells].map((cell) => cell.innerText.trim())).find(([name]) => name === arguments[1])", label, name);
      assert.deepEqual(await row("kustomer", "Error rate"), ["Error rate", "0 %", "1.21 % (missed)", "0 %", "< 1 %"]);
      assert.deepEqual(await row("kustomer", "Uptime"), ["Uptime", "100 %", "100 %", "99.41 % (missed)", "> 99.5 %"]);
      assert.equal((await row("kustomer", "Response time, 95 %"))[3], "> 10,000 ms (missed)");
      assert.deepEqual(await row("krayin", "Uptime"), ["Uptime", "100 %", "100 %", "100 %", "> 99.5 %"]);
      assert.equal(await row("Your calls of the API", "Uptime"), null);
      assert.match(await text(t.browser), /deliveries\s+11 min\s+Needs a look/);
      await press(t.browser, t.stage.world.status.attention[1].name);
      await settled(t.browser, `/dashboard/webhooks/${t.stage.world.status.attention[1].id}`);
      await t.browser.complaints();
    },
    async "the status page follows what changes, keeps the focus, and pauses while nobody looks"(t) {
      await open(t, "/dashboard/status", "viewer");
      const before = t.stage.world.status;
      const hrefs = "return document.activeElement.getAttribute('href')";
      await t.browser.run("document.querySelector('.attention a').focus()");
      const href = await t.browser.run(hrefs);
      t.stage.world.status = { ...before, integrations: before.integrations.slice(0, 1), queues: [] };
      await lookAgain(t.browser);
      await shows(t.browser, "Nothing waits.");
      assert.equal(await t.browser.run(hrefs), href, "the focus stays");
      t.stage.world.status = { ...before, status: "ok", attention: [], integrations: [] };
      await hide(t.browser, true);
      const asked = polls(t.stage);
      await t.browser.run("document.dispatchEvent(new Event('visibilitychange'))");
      assert.equal(polls(t.stage), asked, "hidden, it asks nothing");
      await lookAgain(t.browser);
      await shows(t.browser, "Nothing needs attention.");
      await shows(t.browser, "No integration is connected");
      await press(t.browser, "Pause");
      const paused = polls(t.stage);
      await lookAgain(t.browser);
      assert.equal(polls(t.stage), paused, "paused, it asks nothing");
      t.stage.world.status = before;
      await press(t.browser, "Pause");
      await shows(t.browser, "The connection is down.");
      await t.browser.complaints();
    },
    async "the status page says when it is not up to date, and goes on"(t) {
      await open(t, "/dashboard/status", "viewer");
      t.stage.fail(/GET .*status$/, 503, { message: "The database is away." });
      await lookAgain(t.browser);
      await shows(t.browser, "Not up to date: The database is away.");
      await shows(t.browser, "The connection is down.");
      await lookAgain(t.browser);
      await t.browser.until("the note is gone", "return !document.querySelector('main').innerText.includes('Not up to date')");
    },
    async "the start page tells what needs attention, with the way to it, and stands without a status"(t) {
      await open(t, "/dashboard", "viewer");
      await shows(t.browser, "The connection is down.", ".attention");
      await shows(t.browser, "Down");
      await press(t.browser, "See the figures");
      await settled(t.browser, "/dashboard/status");
      for (const from of ["/dashboard", "/dashboard/status"]) {
        await open(t, from, "viewer");
        await press(t.browser, "messages");
        await settled(t.browser, "/dashboard/alerts#state=open");
        await open(t, from, "viewer");
        await press(t.browser, "All alerts, and who is told of them");
        await settled(t.browser, "/dashboard/alerts");
      }
      t.stage.fail(/GET .*status$/, 503);
      await open(t, "/dashboard", "viewer");
      assert.ok(!(await text(t.browser)).includes("The connection is down."));
    },
  };
};
