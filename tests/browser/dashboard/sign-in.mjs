// How members sign in: the page where they do, and the setting of single sign-on. Given the tools of dashboard.mjs.

import assert from "node:assert/strict";
import { HOSTILE } from "../../fakes/lib/dashboard.mjs";

/** The page, by the name of its picture. */
export const SIGN_IN_PAGES = { "single-sign-on": "/dashboard/settings/single-sign-on" };

const NONE = { email: false, single_sign_on: false, oidc: [] };
const start = (id) => `/api/dashboard/sign-in/oidc?business=00000000-0000-4000-8000-00000000000${id}`;

export const signInChecks = ({ open, text, shows, press, settled, asked, write }) => ({
  async "providers are offered, those of ours alone"(t) {
    t.stage.offer({ ...NONE, oidc: [{ name: HOSTILE, start_url: start(1) }, { name: "Evil", start_url: "https://evil.example/" }, { name: "Script", start_url: "javascript:alert(1)" }] });
    await t.browser.driver.get(`${t.stage.origin}/dashboard/sign-in?next=%2Fdashboard%2Fchannels`);
    await shows(t.browser, "Sign in with");
    const links = await t.browser.run("return [...document.querySelectorAll('main a.button')].map((one) => [one.innerText, one.getAttribute('href')])");
    assert.deepEqual(links, [[`Sign in with ${HOSTILE}`, `${t.stage.origin}${start(1)}&next=%2Fdashboard%2Fchannels`]]);
    for (const offered of [null, NONE]) {
      t.stage.offer(offered);
      await t.browser.driver.get(`${t.stage.origin}/dashboard/sign-in`);
      await shows(t.browser, "Open the link that you were given");
      assert.equal(await t.browser.run("return document.querySelectorAll('main form').length"), 0);
    }
    t.stage.offer({ ...NONE, email: true });
    await t.browser.complaints();
  },
  async "an address leads to the single sign-on of its domain, and back to where one wanted to go"(t) {
    t.stage.offer({ ...NONE, single_sign_on: true });
    await t.browser.driver.get(t.stage.link("agent", "/dashboard/channels"));
    await settled(t.browser, "/dashboard/channels");
    await t.browser.driver.get(`${t.stage.origin}/dashboard/sign-in?next=%2Fdashboard%2Fwebhooks`);
    await write(t.browser, { email: "joe@other.example" });
    await press(t.browser, "Go on");
    await shows(t.browser, "No single sign-on is known for this address.");
    await write(t.browser, { email: "joe@acme.example" });
    await press(t.browser, "Go on");
    await settled(t.browser, "/dashboard/webhooks");
    const begun = asked(t.stage, "GET", "dashboard/sign-in/oidc").at(-1);
    assert.equal(begun.query.next, "/dashboard/webhooks");
    assert.ok(!JSON.stringify(begun).includes("acme.example"), "no address stands in an address");
    // Either way is a button away from the other.
    t.stage.offer({ ...NONE, email: true, single_sign_on: true });
    await t.browser.driver.get(`${t.stage.origin}/dashboard/sign-in`);
    await shows(t.browser, "Send me a link");
    await press(t.browser, "Single sign-on");
    await shows(t.browser, "Email at work");
    await press(t.browser, "Send me a link");
    await write(t.browser, { email: "ada@fjord.example" });
    await press(t.browser, "Send me a link");
    await shows(t.browser, "a link is on its way");
    t.stage.offer({ ...NONE, email: true });
    await t.browser.complaints();
  },
  async "single sign-on is set up, its secret is kept and never shown, and it is removed"(t) {
    const PAGE = SIGN_IN_PAGES["single-sign-on"];
    await open(t, PAGE);
    await shows(t.browser, "https://tieline.example/oauth/callback/sign-in");
    await shows(t.browser, "tieline-verify=");
    const states = "return [...document.querySelectorAll('main tbody tr')].map((row) => row.innerText.split('\t').map((cell) => cell.trim()))";
    assert.deepEqual((await t.browser.run(states)).map(([domain, state]) => [domain, state.slice(0, 6)]), [["fjord.example", "Proven"], ["fell.test", "Not pr"]]);
    assert.equal(await t.browser.run("return document.querySelector('[name=client_secret]').value"), "");
    await write(t.browser, { issuer: "https://away.example" });
    await press(t.browser, "Check and save");
    await shows(t.browser, "cannot be reached", ".field.wrong");
    await write(t.browser, { issuer: "https://fjord.okta.example", domains: "fjord" });
    await press(t.browser, "Check and save");
    await shows(t.browser, "behind the @", ".field.wrong");
    await write(t.browser, { domains: "fjord.example, fell.example", default_role: "viewer" });
    await press(t.browser, "Check and save");
    await shows(t.browser, "Saved.", "#toast");
    const sent = JSON.parse(asked(t.stage, "PUT", "dashboard/sign-in-provider").at(-1).body);
    assert.deepEqual(sent.allowed_domains, ["fjord.example", "fell.example"]);
    assert.ok(!("client_secret" in sent), "what is empty stays");
    assert.equal(t.stage.world.singleSignOn.provider.client_secret, "***");
    await t.browser.until("both are proven", "return [...document.querySelectorAll('main tbody tr')].every((row) => row.innerText.includes('Proven'))");
    await press(t.browser, "Remove single sign-on…");
    await shows(t.browser, "Who is signed in stays so", "dialog[open]");
    await press(t.browser, "Remove");
    await t.browser.until("it is gone", "return document.querySelector('[name=issuer]')?.value === ''");
    await write(t.browser, { name: "Google", issuer: "https://accounts.google.com", client_id: "7.apps.googleusercontent.com", client_secret: "GOCSPX-secret" });
    await press(t.browser, "Check and save");
    await shows(t.browser, "Members sign in with Google");
    assert.ok(!(await t.browser.run("return document.documentElement.outerHTML")).includes("GOCSPX-secret"));
    await open(t, PAGE, "admin");
    await shows(t.browser, "Only owners may do this. You are an admin.", "main");
    await t.browser.complaints();
  },
  async "who is invited gets a mail where there is an account, and else a link is shown with the reason"(t) {
    await open(t, "/dashboard/settings");
    const invite = async (email) => {
      await press(t.browser, "Invite somebody");
      await write(t.browser, { email, name: "Eve", role: "viewer" });
      await press(t.browser, "Invite");
    };
    await invite("mail@fjord.example");
    await shows(t.browser, "A link was sent to mail@fjord.example.", "#toast");
    await shows(t.browser, "mail@fjord.example", "main table");
    await invite("refused@fjord.example");
    await shows(t.browser, "It could not be sent by email: The domain is not verified.", "dialog[open]");
    assert.match(await text(t.browser, "dialog[open]"), /dashboard\/sign-in#tok_/);
    await press(t.browser, "I have stored it");
    await t.browser.complaints();
  },
});
