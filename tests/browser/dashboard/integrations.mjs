// The pages of integrations. Given the tools of dashboard.mjs.

import assert from "node:assert/strict";
import { uuid } from "../../fakes/lib/dashboard-world.mjs";

const AT = "/dashboard/integrations";
const SWITCHES = ["Save", "Check", "Begin…", "Switch off…", "Send all failed again…", "Send again", "Give up…", "Save and send again", "Back to the usual mapping…"];

/** The pages, by the names of their pictures. */
export const INTEGRATION_PAGES = {
  integrations: AT, integration: `${AT}/kustomer`, "integration-new": `${AT}/krayin`, "integration-settings": `${AT}/kustomer/settings`, "integration-mapping": `${AT}/kustomer/mapping`, "integration-jobs": `${AT}/kustomer/jobs`, "integration-job": `${AT}/kustomer/jobs/${uuid(7000)}`,
};

export const integrationChecks = ({ open, text, shows, press, settled, asked, write }) => {
  const bodies = (stage, method, path) => asked(stage, method, `dashboard/integrations/${path}`).map((one) => one.body && JSON.parse(one.body));
  const last = (stage, method, path) => bodies(stage, method, path).at(-1);
  const of = (stage, connector) => stage.world.integrations.find((one) => one.connector === connector);
  const lookAgain = (browser) => browser.run("document.dispatchEvent(new Event('visibilitychange'))");
  /** Leaves a connection as it was before. */
  async function kept(stage, connector, check) {
    const one = of(stage, connector);
    const before = structuredClone(one);
    try {
      await check(one);
    } finally {
      for (const name of Object.keys(one)) delete one[name];
      Object.assign(one, before);
    }
  }
  const rows = (browser) => browser.run("return [...document.querySelectorAll('main tbody tr')].map((row) => [...row.cells].map((cell) => cell.innerText.trim()))");
  /** Writes into the last row of the rows of a field. */
  const writeRow = (browser, values) => browser.run(`
    const line = [...document.querySelectorAll('.row-line')].at(-1);
    for (const [column, value] of Object.entries(arguments[0])) line.querySelector(\`[data-column="\${column}"]\`).value = value;
    line.querySelector('input').dispatchEvent(new Event('input', { bubbles: true }))`, values);

  return {
    async "integrations are listed with state, last sync, last error and what waits, sources among them"(t) {
      const { world } = t.stage;
      const before = world.status;
      world.status = { ...before, integrations: [...before.integrations, { ...before.integrations[0], connector: "chatwoot" }] };
      await open(t, AT, "viewer");
      const [kustomer, krayin, chatwoot] = await rows(t.browser);
      assert.equal(kustomer[0], "Kustomer");
      assert.match(kustomer[1], /Works in part\s+9 jobs failed for good within a day\./);
      assert.match(kustomer[3], /must match pattern/);
      assert.deepEqual([kustomer[5], krayin[1].split("\n")[0], krayin[5]], ["9", "Not connected", "0"]);
      assert.deepEqual([chatwoot[0], chatwoot[1]], ["Chatwoot", "Working"]);
      await press(t.browser, "Chatwoot");
      await settled(t.browser, `${AT}/chatwoot`);
      await shows(t.browser, "Its accounts");
      assert.deepEqual(await t.browser.run("return [...document.querySelectorAll('.tabs a')].map((one) => one.innerText)"), ["Status", "Jobs"]);
      world.status = { ...before, integrations: [] };
      const all = world.integrations.splice(0);
      await open(t, AT, "viewer");
      await shows(t.browser, "This deployment has no connector.");
      world.integrations.push(...all);
      world.status = before;
      t.stage.fail(/GET .*integrations$/, 503, { message: "The database is away." });
      await open(t, AT, "viewer");
      await shows(t.browser, "The database is away.");
      t.stage.fail(/GET .*kustomer\/status$/, 503);
      await press(t.browser, "Try again");
      await shows(t.browser, "Not known just now");
      await shows(t.browser, "Not connected");
      await open(t, `${AT}/nothing`, "viewer");
      await shows(t.browser, "There is no such integration");
      await t.browser.complaints();
    },
    async "a CRM is connected: a permission is missing, is mended, and it is switched on with what is left to do"(t) {
      await kept(t.stage, "krayin", async (one) => {
        await open(t, AT, "admin");
        await press(t.browser, "Connect");
        await settled(t.browser, `${AT}/krayin`);
        await press(t.browser, "Switch on…");
        await shows(t.browser, "Enter a key first, and save it.", "#toast");
        await press(t.browser, "Save");
        await shows(t.browser, "This is missing.", ".field.wrong");
        await write(t.browser, { api_url: "ftp://crm", "credentials.api_token": "7|less-than-enough" });
        await press(t.browser, "Check");
        await shows(t.browser, "`api_url` must be a URL such as", ".failure");
        await write(t.browser, { api_url: "https://crm.fjord.example/api/v1" });
        await press(t.browser, "Check");
        await shows(t.browser, "It does not work yet.");
        const wrong = await rows(t.browser);
        assert.deepEqual(wrong[0].slice(0, 2), ["Global view", "Does not hold"]);
        assert.match(wrong[0][2], /view_permission[\s\S]*Let the key’s user see everything/);
        assert.deepEqual(last(t.stage, "POST", "krayin/test"), { api_url: "https://crm.fjord.example/api/v1", credentials: { api_token: "7|less-than-enough" } });
        assert.deepEqual([one.settings, one.secrets], [{}, {}], "a check stores nothing");
        await write(t.browser, { "credentials.api_token": "7|whole-and-long-enough-wxyz" });
        await press(t.browser, "Check");
        await shows(t.browser, "It works.");
        await shows(t.browser, "Stages of");
        await press(t.browser, "Save");
        await shows(t.browser, "Saved.", "#toast");
        assert.deepEqual(last(t.stage, "PUT", "krayin"), { api_url: "https://crm.fjord.example/api/v1", credentials: { api_token: "7|whole-and-long-enough-wxyz" } });
        await settled(t.browser, `${AT}/krayin`);
        assert.ok(!(await t.browser.run("return document.documentElement.outerHTML")).includes("whole-and-long"));
        await press(t.browser, "Switch on…");
        await shows(t.browser, "What was there before is not sent", "dialog[open]");
        await shows(t.browser, "All customers", "dialog[open]");
        await press(t.browser, "Switch on");
        await shows(t.browser, "webhooks/krayin/s3cret", "dialog[open]");
        await press(t.browser, "I have noted it");
        await shows(t.browser, "Working");
        assert.ok(!(await t.browser.run("return document.documentElement.outerHTML")).includes("s3cret"));
        await press(t.browser, "Switch off…");
        await shows(t.browser, "goes on waiting until it is switched on again", "dialog[open]");
        await press(t.browser, "Switch off");
        await shows(t.browser, "Krayin is off.", "#toast");
        one.secrets["credentials.api_token"] = "7|bad";
        await press(t.browser, "Switch on…");
        await press(t.browser, "Switch on");
        await shows(t.browser, "Krayin does not know the token. Make a new key at the CRM", "dialog[open] .failure");
      });
      await t.browser.complaints();
    },
    async "settings are saved by what changed alone, errors stand at their fields, and a key is checked with each permission"(t) {
      await kept(t.stage, "kustomer", async (one) => {
        const at = `${AT}/kustomer/settings`;
        const save = (n) => t.browser.run("[...document.querySelectorAll('main form')][arguments[0]].requestSubmit()", n);
        const saved = async (changes) => {
          await t.browser.until("it is saved", "return document.getElementById('toast').innerText === 'Saved.'");
          await t.browser.run("document.getElementById('toast').textContent = ''");
          await settled(t.browser, at);
          assert.deepEqual(last(t.stage, "PUT", "kustomer"), changes);
        };
        await open(t, at, "admin");
        await shows(t.browser, "it ends in 4f2c");
        await write(t.browser, { "credentials.api_key": "eyJ-less-than-enough" });
        await press(t.browser, "Check");
        await shows(t.browser, "It works, but not all of it.");
        await shows(t.browser, "Missing: org.permission.note.create. Notes and the transcripts of escalations are not written.");
        await shows(t.browser, "Give the role to the key’s user");
        assert.deepEqual(last(t.stage, "POST", "kustomer/test"), { credentials: { api_key: "eyJ-less-than-enough" } });
        await write(t.browser, { "credentials.api_key": "eyJ-whole-and-long-abcd" });
        await press(t.browser, "Check");
        await shows(t.browser, "It works. The key is");
        await write(t.browser, { subdomain: "not valid" });
        await save(0);
        await shows(t.browser, "must be what stands before .kustomerapp.com", ".field.wrong");
        assert.equal(await t.browser.run("return document.activeElement.name"), "subdomain");
        await write(t.browser, { subdomain: "fell", "credentials.webhook_secret:forget": true });
        await save(0);
        await saved({ subdomain: "fell", credentials: { api_key: "eyJ-whole-and-long-abcd", webhook_secret: null } });
        assert.deepEqual(one.secrets, { "credentials.api_key": "eyJ-whole-and-long-abcd" });
        await shows(t.browser, "As the deployment says");
        await write(t.browser, { default_priority: "low", debug: "true" });
        await press(t.browser, "Add a row");
        await writeRow(t.browser, { channel: "whatsapp", team_id: "team-3" });
        await save(1);
        await saved({ default_priority: "low", team_routing: [{ tag: "vip", team_id: "team-2" }, { channel: "whatsapp", team_id: "team-3" }], debug: true });
        await write(t.browser, { "features.auto_assignment": true });
        await save(2);
        await saved({ features: { auto_assignment: true } });
        await write(t.browser, { "rollout.percent": "101" });
        await save(3);
        await shows(t.browser, "`rollout.percent` must be", ".field.wrong");
        await write(t.browser, { "rollout.percent": "25", "rollout.tag": "" });
        await save(3);
        await saved({ rollout: { percent: 25, tag: null } });
        await save(3);
        await shows(t.browser, "Nothing has changed.", "#toast");
        await open(t, `${AT}/kustomer`, "viewer");
        await shows(t.browser, "25 % of the customers, always the same ones");
      });
      await t.browser.complaints();
    },
    async "a mapping is edited with a preview on a real customer, which sends nothing"(t) {
      await kept(t.stage, "kustomer", async () => {
        const at = `${AT}/kustomer/mapping`;
        await open(t, at, "admin");
        await shows(t.browser, "Ann Byrne", "main h3");
        const line = async (name) => (await rows(t.browser)).find(([one]) => one === name);
        assert.deepEqual(await line("custom_fields.plan"), ["custom_fields.plan", "gold", "attributes.custom.planStr"]);
        const before = t.stage.requests().length;
        await press(t.browser, "Add a row");
        await writeRow(t.browser, { name: "nickname", to: "attributes.custom.nickStr" });
        assert.match((await line("nickname"))[1], /no field that can be mapped/);
        assert.equal(t.stage.requests().length, before);
        await press(t.browser, "Save");
        await shows(t.browser, "`nickname` is none of the fields that can be mapped.", ".field.wrong");
        await writeRow(t.browser, { name: "custom_fields.seats", to: "attributes.custom.seatsNum" });
        assert.deepEqual(await line("custom_fields.seats"), ["custom_fields.seats", "3", "attributes.custom.seatsNum"]);
        await t.browser.run("const input = document.querySelector('main input[type=search]'); input.value = 'c1@example.com'; input.form.requestSubmit()");
        await shows(t.browser, "Customer 1", "main h3");
        assert.match((await line("custom_fields.seats"))[1], /left as it is/);
        assert.equal((await line("customerEmail"))[1], "c1@example.com");
        await t.browser.run("const input = document.querySelector('main input[type=search]'); input.value = 'zzz@nobody'; input.form.requestSubmit()");
        await shows(t.browser, "Nobody is known by that.");
        await press(t.browser, "Save");
        await shows(t.browser, "Saved.", "#toast");
        assert.deepEqual(last(t.stage, "PUT", "kustomer"), { field_mapping: { customerName: "attributes.name", customerEmail: "attributes.emails[0].email", "custom_fields.plan": "attributes.custom.planStr", "custom_fields.seats": "attributes.custom.seatsNum" } });
        await settled(t.browser, at);
        await t.browser.run("document.querySelector('.row-line button').click()");
        await t.browser.until("the row is gone", "return document.querySelectorAll('.row-line').length === 3");
        await press(t.browser, "Back to the usual mapping…");
        await shows(t.browser, "attributes.phones[0].phone", "dialog[open]");
        await press(t.browser, "Go back");
        await t.browser.until("the usual rows", "return [...document.querySelectorAll('[data-column=name]')].some((one) => one.value === 'customerPhone')");
        assert.deepEqual(last(t.stage, "PUT", "kustomer"), { field_mapping: null });
      });
      await t.browser.complaints();
    },
    async "a backfill is begun, shows how far it is, is paused and continued, and ends"(t) {
      await kept(t.stage, "kustomer", async (one) => {
        const posts = () => bodies(t.stage, "POST", "kustomer/backfill");
        await open(t, `${AT}/kustomer`, "admin");
        await shows(t.browser, "Nothing of what was there before was sent yet.");
        const before = posts().length;
        await press(t.browser, "Begin…");
        await write(t.browser, { since: "2026-01-01T00:00" });
        await press(t.browser, "Begin");
        await shows(t.browser, "Keep this page open until all is scheduled.");
        assert.deepEqual(Object.keys(posts()[before]), ["since"]);
        await press(t.browser, "Pause");
        await shows(t.browser, "The rest is not scheduled until somebody continues.");
        const paused = posts().length;
        await lookAgain(t.browser);
        await t.browser.until("the look came back", "return /[1-9][\\d,]* of 1,200 done/.test(document.querySelector('.progress + *, main').innerText)");
        assert.equal(posts().length, paused, "paused, it schedules nothing");
        t.stage.fail(/POST .*backfill$/, 503, { message: "The database is away." });
        await press(t.browser, "Continue");
        await shows(t.browser, "Not up to date: The database is away.");
        for (let n = 0; n < 12 && !one.backfill.finished; n += 1) await lookAgain(t.browser).then(() => t.pause(150));
        await shows(t.browser, "Finished, 1,200 of 1,200 done");
        assert.deepEqual(posts().slice(before + 1).every((body) => Object.keys(body).length === 0), true);
        await press(t.browser, "Begin again…");
        await press(t.browser, "Begin");
        await t.browser.until("it began anew", "return !document.querySelector('main').innerText.includes('Finished')");
        assert.deepEqual(posts().filter(({ restart }) => restart), [{ restart: true }]);
        one.isActive = false;
        await open(t, `${AT}/kustomer`, "admin");
        await press(t.browser, "Continue");
        await shows(t.browser, "The integration is off. Switch it on first.", "#toast");
      });
      await t.browser.complaints();
    },
    async "the page follows what changes, and says what is wrong and what to do"(t) {
      await kept(t.stage, "kustomer", async (one) => {
        await open(t, `${AT}/kustomer`, "viewer");
        await shows(t.browser, "1,207 of 10,000 used today");
        await shows(t.browser, "Correct the mapping or the settings that the error names");
        one.reasons = [{ code: "bad_key", message: "Kustomer does not accept the key.", at: null }];
        one.blocked_until = new Date(Date.now() + 60_000).toISOString();
        await lookAgain(t.browser);
        await shows(t.browser, "Down");
        await shows(t.browser, "Make a new key at the CRM");
        await shows(t.browser, "The CRM takes no more until");
        t.stage.fail(/GET .*kustomer\/status$/, 503, { message: "The database is away." });
        await lookAgain(t.browser);
        await shows(t.browser, "Not up to date: The database is away.");
        await press(t.browser, "Go to Settings");
        await settled(t.browser, `${AT}/kustomer/settings`);
      });
      await t.browser.complaints();
    },
    async "a failed job is read, edited and sent again, another is given up, and all others are sent again"(t) {
      const job = t.stage.world.crmJobs.find(({ id }) => id === uuid(7000));
      const before = structuredClone(t.stage.world.crmJobs);
      const at = `${AT}/kustomer/jobs`;
      await open(t, at, "admin");
      assert.equal((await rows(t.browser)).length, 50);
      await press(t.browser, "Show more");
      await t.browser.until("all are listed", "return document.querySelectorAll('main tbody tr').length === 75");
      await write(t.browser, { state: "failed" });
      await settled(t.browser, `${at}#state=failed`);
      await t.browser.until("failed ones", "return document.querySelectorAll('main tbody tr').length === 9");
      await t.browser.run("document.querySelector('main tbody a').click()");
      await settled(t.browser, `${at}/${job.id}`);
      await shows(t.browser, "/custom/planStr: no such attribute (0)");
      await shows(t.browser, "message 403", "table[aria-label='Attempts']");
      await write(t.browser, { detail: '{"id": "event-0", ' });
      await press(t.browser, "Save and send again");
      await shows(t.browser, "This is no JSON", ".field.wrong");
      await write(t.browser, { detail: '{"id": "event-0", "name": "kustomer.message.create"}' });
      await press(t.browser, "Save and send again");
      await shows(t.browser, "It is done again, in order.", "#toast");
      await shows(t.browser, "Waiting", ".facts");
      assert.deepEqual(last(t.stage, "PATCH", `kustomer/jobs/${job.id}`), { detail: { id: "event-0", name: "kustomer.message.create" } });
      assert.equal(bodies(t.stage, "POST", `kustomer/jobs/${job.id}/retry`).length, 1);
      await open(t, `${at}/${job.id}`, "admin");
      await shows(t.browser, "Done", ".facts");
      await shows(t.browser, "Only a job that failed, or that waits, can be edited.");
      await press(t.browser, "Give up…");
      await shows(t.browser, "Only a job that failed can be given up.", "#toast");
      await open(t, `${at}/${uuid(7009)}`, "admin");
      t.stage.fail(/DELETE/, 409, { message: "Only a job that failed can be dismissed." });
      await press(t.browser, "Give up…");
      await press(t.browser, "Give up");
      await shows(t.browser, "Only a job that failed can be dismissed.", "dialog[open] .failure");
      await press(t.browser, "Give up");
      await settled(t.browser, at);
      await open(t, `${at}/${uuid(7009)}`, "admin");
      await shows(t.browser, "There is no such job");
      await open(t, at, "admin");
      await press(t.browser, "Send all failed again…");
      await write(t.browser, { code: "missing_role", since: "2020-01-01T00:00" });
      await press(t.browser, "Send again");
      await shows(t.browser, "3 jobs are done again.", "#toast");
      assert.equal(last(t.stage, "POST", "kustomer/retry-failed").code, "missing_role");
      t.stage.world.crmJobs.splice(0, Infinity, ...before);
      await t.browser.complaints();
    },
    async "whoever may not change integrations sees every control disabled, with the reason"(t) {
      for (const role of ["viewer", "agent"]) {
        const seen = new Set();
        for (const path of [`${AT}/krayin`, ...Object.values(INTEGRATION_PAGES)]) {
          await open(t, path, role);
          const controls = await t.browser.run("return [...document.querySelectorAll('main :is(button, input, select, textarea)')].filter((one) => !one.closest('.filter-bar, .code, .code-line')).map((one) => [one.matches('button') ? (one.querySelector('span') ?? one).innerText.split('\\n')[0] : one.name, one.disabled || one.getAttribute('aria-disabled') === 'true'])");
          for (const [name, isOff] of controls) {
            assert.ok(isOff || name === "Show more", `${role}, ${path}: ${name}`);
            seen.add(name);
          }
        }
        for (const name of SWITCHES) assert.ok(seen.has(name), name);
        await open(t, `${AT}/kustomer`, role);
        await press(t.browser, "Switch off…");
        await shows(t.browser, `Only admins and owners may do this. You are ${role === "agent" ? "an agent" : "a viewer"}.`, "#toast");
      }
      await t.browser.complaints();
    },
    async "the status page and a customer's card lead to the integration"(t) {
      await open(t, "/dashboard/status", "viewer");
      await t.browser.run("document.querySelector('main h2 a[href$=\"/integrations/kustomer\"]').click()");
      await settled(t.browser, `${AT}/kustomer`);
      await open(t, "/dashboard/status", "viewer");
      await t.browser.run("document.querySelector('.attention a[href$=\"/integrations/krayin\"]').click()");
      await settled(t.browser, `${AT}/krayin`);
      await open(t, `/dashboard/customers/${uuid(5000)}`, "viewer");
      await press(t.browser, "kustomer:customer:1");
      await settled(t.browser, `${AT}/kustomer`);
      assert.ok((await text(t.browser)).includes("Works in part"));
    },
  };
};

/** Over a world in which every text of others is markup. */
export const integrationHostile = ({ open, shows, press, write }) => ({
  async "what a CRM and its jobs say stays text in checks, previews and dialogs"(t) {
    const none = async (what) => assert.deepEqual(await t.browser.run("return [document.querySelectorAll('#app :is(img, script), dialog :is(img, script)').length, (window.canary ?? []).length]"), [0, 0], what);
    await open(t, `${AT}/kustomer/settings`, "admin");
    await press(t.browser, "Check");
    await shows(t.browser, "<img src=x", "main .note");
    await t.browser.run("for (const one of document.querySelectorAll('main details')) one.open = true");
    await shows(t.browser, "<img src=x", "main details");
    assert.ok((await t.browser.run("return document.querySelector('[data-column=tag]').value")).includes("<img src=x"));
    await none("settings");
    await open(t, `${AT}/kustomer/mapping`, "admin");
    await shows(t.browser, "<img src=x", "main h3");
    await shows(t.browser, "custom_fields.<img src=x", "table[aria-label=Preview]");
    await none("mapping");
    await open(t, `${AT}/kustomer/jobs/${uuid(7000)}`, "admin");
    await press(t.browser, "Give up…");
    await shows(t.browser, "<img src=x", "dialog[open]");
    await none("giving up");
    await open(t, `${AT}/krayin`, "admin");
    await write(t.browser, { api_url: "https://crm.example", "credentials.api_token": "7|token" });
    await press(t.browser, "Check");
    await shows(t.browser, "The token is of <img src=x");
    await none("check");
    await open(t, `${AT}/${encodeURIComponent("<img src=x onerror=\"canary.push(1)\">")}`, "admin");
    await shows(t.browser, "There is no such integration");
    await none("an address");
    await t.browser.complaints();
  },
});
