// What the CRM card must do in a real browser: it hears the page of its own Chatwoot and nobody else's, and shows texts as
// texts.

import assert from "node:assert/strict";

const TEXT = "(document.getElementById('crm-card')?.textContent ?? '')";

async function open({ browser, stage }, origin = stage.chat) {
  stage.revoke(false);
  stage.asked.length = 0;
  await browser.driver.switchTo().defaultContent();
  await browser.driver.get(`${origin}/`);
}

const within = async ({ browser }, frame, work) => {
  await browser.driver.switchTo().frame(await browser.css(frame));
  try {
    return await work();
  } finally {
    await browser.driver.switchTo().defaultContent();
  }
};

const shows = (t, part) => within(t, "#card", () => t.browser.until(`the card shows ${part}`, `return ${TEXT}.includes(arguments[0])`, part));

export const cardChecks = {
  async "the card shows the contact that is open in its own Chatwoot, as text"(t) {
    await open(t);
    await shows(t, t.stage.hostile);
    const seen = await within(t, "#card", () => t.browser.run(`return {
      links: [...document.querySelectorAll("a")].map((one) => [one.href, one.target, one.rel]), images: document.images.length, address: location.href }`));
    assert.deepEqual(seen, { links: [["https://crm.example/admin/leads/view/2", "_blank", "noopener noreferrer"]], images: 0, address: `${t.stage.card}/embed/crm-card` });
    assert.deepEqual(await t.browser.run("return canary"), []);
    await t.browser.run("contact = 47; tell()");
    await shows(t, "Ben");
    await t.browser.run("contact = 5; tell()");
    await shows(t, "has not come here yet");
  },

  async "the card hears no frame beside it, and no context that is none"(t) {
    await open(t);
    await shows(t, t.stage.hostile);
    const before = t.stage.asked.length;
    await within(t, "#forger", () => t.browser.run("forge(47)"));
    for (const said of ["'text'", "'{}'", "JSON.stringify({ event: 'other', data: { contact: { id: 47 } } })", "JSON.stringify({ event: 'appContext', data: { contact: { id: '../47' } } })", "{ event: 'appContext', data: { contact: { id: 47 } } }"]) {
      await t.browser.run(`frames[0].postMessage(${said}, "*")`);
    }
    // What is heard is heard in order.
    await t.browser.run("contact = 5; tell()");
    await shows(t, "has not come here yet");
    assert.deepEqual(t.stage.asked.slice(before), ["5"]);
  },

  async "a page of another origin can neither show the card nor ask by it"(t) {
    await open(t, t.stage.other);
    await t.pause(500);
    await t.browser.run("tell()");
    await t.pause(200);
    assert.deepEqual(t.stage.asked, []);
    await t.browser.complaints();
  },

  async "a card whose token was revoked says so and shows nothing of the contact"(t) {
    await open(t);
    await shows(t, t.stage.hostile);
    t.stage.revoke(true);
    await t.browser.run("tell()");
    await shows(t, "switched off or replaced");
    const left = await within(t, "#card", () => t.browser.run(`return ${TEXT}`));
    assert.ok(!left.includes(t.stage.hostile), left);
    await t.browser.complaints();
  },
};
