// The pages of alerts. Given the tools of dashboard.mjs.

import assert from "node:assert/strict";

/** The pages, by the names of their pictures. */
export const ALERT_PAGES = { alerts: "/dashboard/alerts", "alerts-rules": "/dashboard/alerts/rules", "alerts-destinations": "/dashboard/alerts/destinations" };

export const alertChecks = ({ open, text, shows, press, settled, write, asked }) => {
  const bodies = (stage, method, path) => asked(stage, method, path).map((one) => one.body && JSON.parse(one.body));
  const rows = (browser) => browser.run("return document.querySelectorAll('main tbody tr').length");
  const disabled = (browser, name) => browser.run("return [...document.querySelectorAll('main button')].filter((one) => (one.querySelector('span') ?? one).innerText.trim() === arguments[0]).map((one) => one.getAttribute('aria-disabled'))", name);
  return {
    async "alerts are listed newest first, by their state and by pages, and each says who was told"(t) {
      await open(t, ALERT_PAGES.alerts, "viewer");
      assert.equal(await rows(t.browser), 50);
      await press(t.browser, "Show more");
      await t.browser.until("100 rows", "return document.querySelectorAll('main tbody tr').length === 100");
      await write(t.browser, { state: "open" });
      await settled(t.browser, `${ALERT_PAGES.alerts}#state=open`);
      await t.browser.until("those that last", "return document.querySelectorAll('main tbody tr').length === 4");
      await shows(t.browser, "Taken care of by Ben Okafor");
      await shows(t.browser, "1 of 2");
      await write(t.browser, { state: "resolved" });
      await shows(t.browser, "Taken care of by key a1b2c3d4e5f6");
      await press(t.browser, "Requests to a CRM run out");
      for (const words of ["Thing 5 is wrong.", "404: no_service", "Could not be told", "removed since", "the end", "Waits"]) await shows(t.browser, words, "dialog[open]");
      await t.browser.driver.actions().sendKeys(t.browser.Key.ESCAPE).perform();
      await write(t.browser, { state: "open" });
      await t.browser.until("those that last", "return document.querySelectorAll('main tbody tr').length === 4");
      await press(t.browser, "Thing 3");
      await settled(t.browser, "/dashboard/webhooks/00000000-0000-4000-8000-000000000021");
      await t.browser.complaints();
    },
    async "an alert is acknowledged in its place, as whoever may, and a failure is told"(t) {
      await open(t, `${ALERT_PAGES.alerts}#state=open`, "viewer");
      assert.deepEqual(await disabled(t.browser, "Acknowledge"), ["true", "true", "true"]);
      await press(t.browser, "Acknowledge");
      await shows(t.browser, "Agents, admins and owners may do this. You are a viewer.", "#toast");
      await open(t, `${ALERT_PAGES.alerts}#state=open`, "agent");
      t.stage.fail(/POST .*acknowledge$/, 503, { message: "The database is away." });
      await press(t.browser, "Acknowledge");
      await shows(t.browser, "The database is away.", "#toast");
      await press(t.browser, "Acknowledge");
      await shows(t.browser, "Taken care of by you");
      assert.deepEqual(await disabled(t.browser, "Acknowledge"), [null, null]);
      assert.equal(asked(t.stage, "POST", "dashboard/alerts").length, 2, "a viewer asked for nothing");
    },
    async "where nothing was raised and nobody is told, the page says what to do"(t) {
      const { world } = t.stage;
      const [alerts, destinations] = [world.alerts.splice(0), world.destinations.splice(0)];
      await open(t, ALERT_PAGES.alerts, "admin");
      await shows(t.browser, "Nothing was raised");
      await shows(t.browser, "Nobody is told of alerts by email or chat yet.");
      await write(t.browser, { state: "open" });
      await shows(t.browser, "None of these");
      await press(t.browser, "Say who is told");
      await settled(t.browser, ALERT_PAGES["alerts-destinations"]);
      await shows(t.browser, "Nobody is told yet");
      world.alerts.push(...alerts);
      world.destinations.push(...destinations);
      t.stage.fail(/GET .*alerts$/, 503, { message: "The database is away." });
      await open(t, ALERT_PAGES.alerts, "admin");
      await shows(t.browser, "The database is away.");
      await press(t.browser, "Try again");
      await shows(t.browser, "Thing 0");
    },
    async "a rule says from when on it counts, is changed by what changed alone, and goes back to its default"(t) {
      await open(t, ALERT_PAGES["alerts-rules"], "viewer");
      assert.equal(await rows(t.browser), 9);
      const shown = await text(t.browser);
      for (const words of [/Integration is down[^]*at once/, /A queue is slow[^]*5 minutes/, /Requests to a CRM run out[^]*80 %/]) assert.match(shown, words);
      assert.ok((await disabled(t.browser, "Change…")).every((one) => one === "true"));
      await open(t, ALERT_PAGES["alerts-rules"], "admin");
      const change = (cause) => t.browser.run("[...document.querySelectorAll('main tbody tr')].find((row) => row.innerText.includes(arguments[0])).querySelector('button').click()", cause);
      await change("A queue is slow");
      await write(t.browser, { threshold: "5000" });
      await press(t.browser, "Save");
      await shows(t.browser, "must be a whole number from 1 to 1440", "dialog .field.wrong");
      await write(t.browser, { threshold: "10" });
      await press(t.browser, "Save");
      await shows(t.browser, "default: 5 minutes");
      assert.deepEqual(bodies(t.stage, "PUT", "dashboard/alerts/settings").at(-1), { rules: { queue_slow: { enabled: true, threshold: 10 } } });
      await change("A queue is slow");
      await write(t.browser, { threshold: "" });
      await press(t.browser, "Save");
      await t.browser.until("the default counts", "return !document.querySelector('main').innerText.includes('default: 5 minutes')");
      assert.deepEqual(bodies(t.stage, "PUT", "dashboard/alerts/settings").at(-1), { rules: { queue_slow: { enabled: true, threshold: null } } });
      await change("Integration is down");
      await write(t.browser, { enabled: false });
      assert.equal(await t.browser.run("return document.querySelector('dialog [name=threshold]').checkVisibility()"), false, "it counts at once");
      await press(t.browser, "Save");
      await t.browser.until("it is off", "return [...document.querySelectorAll('main tbody tr')].find((row) => row.innerText.includes('Integration is down')).innerText.includes('No')");
      assert.deepEqual(bodies(t.stage, "PUT", "dashboard/alerts/settings").at(-1), { rules: { integration_down: { enabled: false } } });
    },
    async "quiet hours have a zone, and are ended again"(t) {
      await open(t, ALERT_PAGES["alerts-rules"], "admin");
      await write(t.browser, { on: true });
      await write(t.browser, { from: "22:00", to: "22:00", time_zone: "Europe/Dublin", critical_passes: false });
      await press(t.browser, "Save");
      await shows(t.browser, "must be another time than", ".field.wrong");
      await write(t.browser, { to: "07:30" });
      await press(t.browser, "Save");
      await shows(t.browser, "People are left alone in these hours.", "#toast");
      assert.deepEqual(t.stage.world.quiet, { from: "22:00", to: "07:30", time_zone: "Europe/Dublin", critical_passes: false });
      await t.browser.until("they are kept", "return document.querySelector('[name=to]')?.value === '07:30' && document.querySelector('[name=time_zone]').value === 'Europe/Dublin'");
      await write(t.browser, { on: false });
      await press(t.browser, "Save");
      await shows(t.browser, "People are told at any hour.", "#toast");
      assert.deepEqual(bodies(t.stage, "PUT", "dashboard/alerts/settings").at(-1), { quiet_hours: null });
      await t.browser.complaints();
    },
    async "somebody is told by email or a URL, a test shows its outcome at once, and they are deleted"(t) {
      await open(t, ALERT_PAGES["alerts-destinations"], "admin");
      await shows(t.browser, "Taken by My CRM.");
      await press(t.browser, "Add…");
      await write(t.browser, { type: "slack", name: "Refusing" });
      await write(t.browser, { url: "http://127.0.0.1/hook" });
      await press(t.browser, "Add");
      await shows(t.browser, "must be https and lead to a public name", "dialog .field.wrong");
      await write(t.browser, { url: "https://refused.example/secret-path" });
      await press(t.browser, "Add");
      await shows(t.browser, "refused.example", "main table");
      assert.deepEqual(bodies(t.stage, "POST", "dashboard/alerts/destinations").at(-1), { type: "slack", name: "Refusing", url: "https://refused.example/secret-path" });
      assert.ok(!(await text(t.browser)).includes("secret-path"), "a URL is not shown again");
      await press(t.browser, "Add…");
      await write(t.browser, { type: "email", name: "Ben", address: "ben@fjord.example" });
      await press(t.browser, "Add");
      await shows(t.browser, "ben@fjord.example", "main table");
      const of = (name, label) => t.browser.run("[...[...document.querySelectorAll('main tbody tr')].find((row) => row.innerText.includes(arguments[0])).querySelectorAll('button')].find((one) => one.innerText.trim() === arguments[1]).click()", name, label);
      const outcome = (name, words) => t.browser.until(`${name}: ${words}`, "return [...document.querySelectorAll('main tbody tr')].find((row) => row.innerText.includes(arguments[0])).querySelector('.outcome').innerText.includes(arguments[1])", name, words);
      await of("ben@", "Send a test");
      await outcome("ben@", "It arrived");
      await of("Refusing", "Send a test");
      await outcome("Refusing", "It did not arrive");
      await outcome("Refusing", "404: no_service");
      t.stage.fail(/POST .*test$/, 503, { message: "The database is away." });
      await of("Refusing", "Send a test");
      await outcome("Refusing", "The database is away.");
      await of("Refusing", "Delete…");
      await shows(t.browser, "is told of nothing any more", "dialog[open]");
      await press(t.browser, "Delete");
      await t.browser.until("it is gone", "return !document.querySelector('main').innerText.includes('Refusing')");
      await open(t, ALERT_PAGES["alerts-destinations"], "agent");
      for (const name of ["Add…", "Send a test", "Delete…"]) assert.ok((await disabled(t.browser, name)).every((one) => one === "true"), name);
      await press(t.browser, "Delete…");
      await shows(t.browser, "Only admins and owners may do this. You are an agent.", "#toast");
      await t.browser.complaints();
    },
  };
};
