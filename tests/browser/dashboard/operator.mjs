// The operator's pages. Given the tools of dashboard.mjs.

import assert from "node:assert/strict";
import { PLATFORM_TOKEN } from "../../fakes/dashboard/operator.mjs";
import { uuid } from "../../fakes/lib/dashboard-world.mjs";

const AT = "/dashboard/operator";
const BUSINESS = `${AT}/businesses/${uuid(2001)}`;
/** The pages behind the token, by the names of their pictures. */
const INNER = { "operator-overview": AT, "operator-businesses": `${AT}/businesses`, "operator-business": BUSINESS, "operator-parked": `${AT}/parked`, "operator-secrets": `${AT}/secrets` };

/** The page as anybody gets it, by the name of its picture. */
export const OPERATOR_PAGES = { operator: AT };

/** What needs no browser. */
export const operatorPure = (load) => ({
  async "figures of the text format are read, and operations that failed most stand first"() {
    const { byLabel, operationsOf, samplesOf } = await load("metrics.js");
    const samples = samplesOf('# HELP a b {c="d"} 1\na{x="1",y="2"} 3\na{x="1",y="3"} 4\nplain 0.5\n\nno sample at all\ntieline_api_requests_total{operation="p",result="ok"} 9\ntieline_api_requests_total{operation="q",result="ok"} 1\ntieline_api_requests_total{operation="q",result="failed"} 2\n');
    assert.deepEqual(samples.slice(0, 3), [{ name: "a", labels: { x: "1", y: "2" }, value: 3 }, { name: "a", labels: { x: "1", y: "3" }, value: 4 }, { name: "plain", labels: {}, value: 0.5 }]);
    assert.deepEqual(byLabel(samples, "a", "x"), { 1: 7 });
    assert.deepEqual(operationsOf(samples), [{ operation: "q", requests: 3, refused: 0, failed: 2 }, { operation: "p", requests: 9, refused: 0, failed: 0 }]);
  },
  async "of quotas only what changed is sent, and bytes are given in GB"() {
    const { quotaChange } = await load("pages/operator-business.js");
    const usage = { channels: { limit: 50 }, webhooks: { limit: 50 }, api_keys: { limit: 10 }, stored_bytes: { limit: 5 * 2 ** 30 + 1 }, messages_per_day: { limit: 0 } };
    const kept = { channels: 50, webhooks: 50, api_keys: 10, stored_bytes: (5 * 2 ** 30 + 1) / 2 ** 30, messages_per_day: 0 };
    assert.deepEqual(quotaChange(usage, kept), {});
    assert.deepEqual(quotaChange(usage, { ...kept, channels: 20, webhooks: null, stored_bytes: 1.5 }), { channels: 20, webhooks: null, stored_bytes: 1.5 * 2 ** 30 });
  },
});

async function enter(t, { settled, write, press, shows }, path = AT) {
  await t.browser.size(1280, 860);
  await t.browser.driver.get(`${t.stage.origin}${path}`);
  await settled(t.browser, path);
  await write(t.browser, { token: PLATFORM_TOKEN });
  await press(t.browser, "Sign in");
  await shows(t.browser, "Sign out");
  await settled(t.browser, path);
}

/** Follows the page's own links, since the token is gone with a reload. */
async function visit(t, { settled }, path) {
  await t.browser.run("const link = document.createElement('a'); link.href = arguments[0]; document.getElementById('main').append(link); link.click()", path);
  await settled(t.browser, path);
  await t.browser.until("all of it is there", "return !document.querySelector('.later[aria-busy=\"true\"]')");
}

export const operatorChecks = (tools) => {
  const { open, text, shows, press, settled, write, asked, fits } = tools;
  const bodies = (stage, method, path) => asked(stage, method, path).map((one) => JSON.parse(one.body));
  return {
    async "the operator goes in by the platform token alone, which is kept nowhere"(t) {
      t.stage.endSessions();
      await t.browser.driver.get(`${t.stage.origin}/dashboard/sign-in`);
      await press(t.browser, "Go to the operator’s page");
      await settled(t.browser, AT);
      await shows(t.browser, "gone when you reload or close the page");
      assert.equal(await t.browser.run("return document.getElementById('nav').hidden"), true);
      const before = t.stage.requests().length;
      await write(t.browser, { token: "two words" });
      await press(t.browser, "Sign in");
      await shows(t.browser, "This is no token.", ".field.wrong");
      assert.deepEqual(t.stage.requests().slice(before), [], "nothing was asked");
      await write(t.browser, { token: "a-wrong-token-of-32-characters-00" });
      await press(t.browser, "Sign in");
      await shows(t.browser, "This is not the deployment's platform token.", ".field.wrong");
      t.stage.fail(/GET .*overview$/, 503, { message: "The database is away." });
      await write(t.browser, { token: PLATFORM_TOKEN });
      await press(t.browser, "Sign in");
      await shows(t.browser, "The database is away.", ".failure");
      await press(t.browser, "Sign in");
      await shows(t.browser, "7.4 GB of 10.0 GB, 74 %");
      const kept = await t.browser.run("return JSON.stringify([location.href, document.cookie, history.state, { ...localStorage }, { ...sessionStorage }, document.documentElement.outerHTML])");
      assert.ok(!kept.includes(PLATFORM_TOKEN));
      assert.ok(!JSON.stringify(t.stage.requests()).includes(PLATFORM_TOKEN), "it is in a header alone");
      await t.browser.driver.navigate().refresh();
      await settled(t.browser, AT);
      await shows(t.browser, "Sign in");
    },
    async "the operator's pages are held at the token while it is taken, and say so once it is not"(t) {
      await enter(t, tools, `${AT}/businesses`);
      t.stage.fail(/GET .*parked-deliveries$/, 401, { code: "invalid_token" });
      await press(t.browser, "Parked deliveries");
      await shows(t.browser, "The platform token is not taken any more.");
      await enter(t, tools, `${AT}/parked`);
      await press(t.browser, "Sign out");
      await shows(t.browser, "Sign in");
      assert.ok(!(await text(t.browser)).includes("not taken any more"));
      // What is a member's is loaded afresh, and asks who is there.
      await press(t.browser, "Go to its dashboard");
      await shows(t.browser, "Sign in to Tieline");
    },
    async "the overview shows databases, queues, errors, and which function is down"(t) {
      t.stage.world.down.push("fan-out");
      await enter(t, tools);
      for (const words of ["Nearly full", "74 %", "Its size is not known", "14 min", "40 tried again each minute, 20 given up.", "1 critical, 3 warnings", "1 of 7", "2 of 412", "4 of 5 answer", "fan-out"]) await shows(t.browser, words, "main");
      const first = await t.browser.run("return [...document.querySelector('table[aria-label=Requests] tbody tr').cells].map((cell) => cell.innerText.trim())");
      assert.deepEqual(first, ["message_send", "4,199", "12", "7"]);
      t.stage.world.down.length = 0;
      t.stage.fail(/GET .metrics$/, 503, { message: "The database is away." });
      await visit(t, tools, AT);
      await shows(t.browser, "The database is away.");
      await press(t.browser, "Try again");
      await shows(t.browser, "1 critical, 3 warnings");
      await shows(t.browser, "5 of 5 answer");
    },
    async "businesses page and are found, one is renamed, its quotas are set, it is suspended and resumed with a reason"(t) {
      await enter(t, tools, `${AT}/businesses`);
      const count = (n) => t.browser.until(`${n} rows`, "return document.querySelectorAll('main tbody tr').length === arguments[0]", n);
      await count(20);
      await press(t.browser, "Show more");
      await count(40);
      await shows(t.browser, "more than 1,000");
      await shows(t.browser, "130 %");
      await write(t.browser, { search: "business 4" });
      await count(5);
      await write(t.browser, { search: "nobody" });
      await shows(t.browser, "No business like that");
      await write(t.browser, { search: uuid(2003) });
      await count(1);
      await press(t.browser, "Business 03");
      await settled(t.browser, `${AT}/businesses/${uuid(2003)}`);
      await press(t.browser, "Rename…");
      await write(t.browser, { name: "Harbour Bikes" });
      await press(t.browser, "Save");
      await shows(t.browser, "Harbour Bikes", "main h1");
      await press(t.browser, "Change…");
      await write(t.browser, { webhooks: "51" });
      await press(t.browser, "Save");
      await shows(t.browser, "at_most_50", "dialog .field.wrong");
      await write(t.browser, { webhooks: "", stored_bytes: "1.5", channels: "2" });
      await press(t.browser, "Save");
      await shows(t.browser, "3 of 2");
      assert.deepEqual(bodies(t.stage, "PUT", "dashboard/quotas").at(-1), { business_id: uuid(2003), webhooks: null, stored_bytes: 1.5 * 2 ** 30, channels: 2 });
      await press(t.browser, "Suspend…");
      await write(t.browser, { reason: "short" });
      await press(t.browser, "Suspend");
      await t.browser.until("the reason is wrong", "return document.querySelector('dialog .field.wrong [name=reason]')");
      await write(t.browser, { reason: "Unpaid since September." });
      await press(t.browser, "Suspend");
      await shows(t.browser, "Suspended: Unpaid since September.");
      await press(t.browser, "Resume…");
      await write(t.browser, { reason: "Paid on the third." });
      await press(t.browser, "Resume");
      await shows(t.browser, "Active");
      assert.deepEqual(bodies(t.stage, "PATCH", "operator/businesses"), [{ name: "Harbour Bikes" }, { suspended: true, reason: "short" }, { suspended: true, reason: "Unpaid since September." }, { suspended: false, reason: "Paid on the third." }]);
      await press(t.browser, "All businesses");
      await press(t.browser, "Add a business…");
      await write(t.browser, { name: "New one", default_region: "ie" });
      await press(t.browser, "Add");
      await shows(t.browser, "tl_admin_key", "dialog[open]");
      await press(t.browser, "I have stored it");
      await shows(t.browser, "New one", "main h1");
      await visit(t, tools, `${AT}/businesses/nobody`);
      await shows(t.browser, "There is no such business.");
      const kept = t.stage.world.businesses.splice(0);
      await visit(t, tools, `${AT}/businesses`);
      await shows(t.browser, "There is no business yet");
      t.stage.world.businesses.push(...kept);
      await t.browser.complaints();
    },
    async "support signs in with a reason, in the role that was chosen, and the token is shown nowhere"(t) {
      await enter(t, tools, BUSINESS);
      await press(t.browser, "Sign in as support…");
      await write(t.browser, { role: "admin", minutes: "90", reason: "Ticket 4711: their webhook fails." });
      await press(t.browser, "Sign in");
      await shows(t.browser, "at_most_60", "dialog .field.wrong");
      await write(t.browser, { minutes: "20" });
      await press(t.browser, "Sign in");
      await shows(t.browser, "You are signed in as support", "dialog[open]");
      assert.deepEqual(bodies(t.stage, "POST", `operator/businesses/${uuid(2001)}/support-session`).at(-1), { role: "admin", minutes: 20, reason: "Ticket 4711: their webhook fails.", cookie: true });
      assert.ok(!(await t.browser.run("return document.documentElement.outerHTML")).includes("tls_"));
      const link = await t.browser.run("const link = document.querySelector('dialog a'); return [link.getAttribute('href'), link.target, link.rel]");
      assert.deepEqual(link, ["/dashboard", "_blank", "noopener"]);
      await t.browser.driver.get(`${t.stage.origin}/dashboard/settings/sessions`);
      await settled(t.browser, "/dashboard/settings/sessions");
      await shows(t.browser, "Support", "#nav");
      await shows(t.browser, "Support, by the operator");
      await shows(t.browser, "Ticket 4711: their webhook fails.");
      await press(t.browser, "Sign out", "#nav");
      await shows(t.browser, "Sign in to Tieline");
      await t.browser.complaints();
    },
    async "parked deliveries page, and say what failed; without them the page says what they are"(t) {
      await enter(t, tools, `${AT}/parked`);
      await press(t.browser, "Show more");
      await t.browser.until("all are listed", "return document.querySelectorAll('main tbody tr').length === 60");
      await shows(t.browser, "a row has another shape");
      await shows(t.browser, "Given up");
      const kept = t.stage.world.parked.splice(0);
      await visit(t, tools, `${AT}/parked`);
      await shows(t.browser, "None has failed");
      t.stage.world.parked.push(...kept);
    },
    async "secrets are sealed anew piece by piece, and go on where they failed"(t) {
      await enter(t, tools, `${AT}/secrets`);
      t.stage.fail(/POST .*reseal$/, 503, { message: "The database is away.", after: 1 });
      await press(t.browser, "Reseal");
      await shows(t.browser, "The database is away.");
      await press(t.browser, "Try again");
      await shows(t.browser, "130 sealed anew under the master key b1a2c3d4; 1 left under others.");
      await shows(t.browser, "The ring lacks its master key");
      assert.deepEqual(bodies(t.stage, "POST", "dashboard/secrets/reseal"), [{}, { cursor: "after-80" }, { cursor: "after-80" }, { cursor: "after-30" }]);
    },
    async "the operator's pages have names for all and fit narrow and mirrored"(t) {
      await enter(t, tools);
      await t.browser.size(360, 780, true);
      for (const [name, path] of Object.entries(INNER)) {
        await visit(t, tools, path);
        await fits(t.browser, name);
      }
      await t.browser.size(1280, 860);
      await t.browser.complaints();
    },
    async "a member who opens the operator's page sees nothing of it, and keeps the session"(t) {
      await open(t, "/dashboard/channels", "viewer");
      await t.browser.run("const link = document.createElement('a'); link.href = '/dashboard/operator'; document.getElementById('main').append(link); link.click()");
      await settled(t.browser, AT);
      await shows(t.browser, "Sign in");
      assert.equal(await t.browser.run("return document.getElementById('nav').hidden"), true);
      await press(t.browser, "Go to its dashboard");
      await settled(t.browser, "/dashboard");
      await t.browser.complaints();
    },
  };
};

/** Over a world in which every text of others is markup. */
export const operatorHostile = (tools) => ({
  async "names, reasons and errors stay text on the operator's pages"(t) {
    const { text, press, shows, write } = tools;
    await enter(t, tools);
    for (const [name, path] of Object.entries(INNER)) {
      await visit(t, tools, path);
      await t.browser.run("window.canary = []");
      if (name === "operator-secrets") {
        await press(t.browser, "Reseal");
        await shows(t.browser, "The ring lacks its master key");
      }
      assert.deepEqual(await t.browser.run("return [document.querySelectorAll('#app img, #app script').length, canary.length]"), [0, 0], name);
      if (name !== "operator-overview") assert.ok((await text(t.browser)).includes("<img src=x"), `${name} shows it as text`);
    }
    await visit(t, tools, BUSINESS);
    for (const act of ["Rename…", "Change…", "Resume…"]) {
      await press(t.browser, act);
      await press(t.browser, "Cancel");
    }
    await press(t.browser, "Sign in as support…");
    await write(t.browser, { reason: "Ticket 4711: a name." });
    await press(t.browser, "Sign in");
    await shows(t.browser, "<img src=x", "dialog[open]");
    assert.deepEqual(await t.browser.run("return [document.querySelectorAll('dialog img').length, canary.length]"), [0, 0]);
    await t.browser.complaints();
  },
});

/** Pictures of the pages behind the token. */
export async function operatorPictures(t, tools, shoot) {
  await enter(t, tools);
  for (const [name, path] of Object.entries(INNER)) {
    await visit(t, tools, path);
    await shoot(name);
  }
}
