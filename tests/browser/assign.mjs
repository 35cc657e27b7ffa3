// Assignment in the inbox that a member opened. A stage that offers it ("members" in `can`) has tokens "member" and "viewer",
// and `colleague`, another member who may answer: {name, email}; `assignee(id)` is whose a conversation is.

import assert from "node:assert/strict";

const head = "document.getElementById('assign')";
const options = "[...document.querySelectorAll('.assign-list [role=option]')]";

export const assignPure = (load) => ({
  async "oneself and nobody are chosen first, unless one looks for somebody"() {
    const { choicesOf, membersLike } = await load("assign.js");
    const [ann, bob] = [{ id: "1", name: "Ann", email: "ann@x.example" }, { id: "2", name: "Öbob", email: "bob@x.example" }];
    const keys = (text, assignee) => choicesOf([bob, ann], text, { me: ann, isMine: (one) => one === ann.email, assignee }).map(({ key, isNow }) => (isNow ? `${key}!` : key));
    assert.deepEqual(keys("", null), ["me", "1", "2"]);
    assert.deepEqual(keys("", ann.email), ["nobody", "1!", "2"]);
    assert.deepEqual(keys(" ", bob.email), ["me", "nobody", "1", "2!"]);
    assert.deepEqual(keys("öB", bob.email), ["2!"]);
    assert.deepEqual(keys("X.EXAMPLE", null), ["1", "2"]);
    assert.deepEqual(membersLike([ann, bob], "nobody"), []);
    assert.deepEqual(choicesOf([bob], "", { me: ann, isMine: () => false, assignee: null }).map(({ key }) => key), ["2"], "a viewer is not offered to themselves");
  },
});

/** Pictures of the head and of the open list, and of what a viewer sees. */
export async function assignPictures({ stage, browser }, folder, name, openConversation) {
  for (const token of ["member", "viewer"]) {
    await browser.driver.get(stage.direct(stage.token(token)));
    await browser.until("the page is usable", "return document.getElementById('app')?.dataset.ready === 'true'");
    await openConversation({ stage, browser }, "other");
    await browser.until("the thread is there", "return document.querySelector('#messages .message')");
    if (token === "member") {
      await browser.run(`${head}.click()`);
      await browser.until("the list is open", `return ${options}.length > 1`);
    }
    await browser.shoot(folder, `${name}-assign-${token}`);
    assert.ok(await browser.run("return document.documentElement.scrollWidth <= innerWidth"), `${name}: nothing is wider than the page`);
  }
}

export function assignChecks({ enter, openConversation }) {
  const press = ({ browser }, ...keys) => browser.driver.actions().sendKeys(...keys).perform();
  const says = ({ browser }, name) => browser.until(`the head says ${name}`, `return ${head}.querySelector('.assign-name').textContent === arguments[0] && !document.querySelector('dialog[open]')`, name);
  const opens = ({ browser }) => browser.until("the list is open", `return document.querySelector('dialog[open] [role=combobox]') === document.activeElement && ${options}.length > 0`);
  const chosen = ({ browser }) => browser.run("return document.getElementById(document.activeElement.getAttribute('aria-activedescendant'))?.querySelector('.assign-who').firstChild.textContent ?? null");
  const becomes = (t, id, assignee) => t.waitFor(`it is assigned to ${assignee}`, async () => (await t.stage.assignee(id)) === assignee);

  return {
    async "a member assigns to themselves, to a colleague and to nobody, by the keyboard alone"(t) {
      if (!t.stage.can.has("members")) return t.skip();
      const { browser, stage } = t;
      await enter(t, "member");
      const id = await openConversation(t, "plain");
      const me = await browser.run("return document.querySelector('#owner-mine') && !document.getElementById('filter-owner').hidden");
      assert.ok(me, "the filter is there");
      await browser.run("document.getElementById('messages').focus()");
      await press(t, "a");
      await opens(t);
      assert.equal(await chosen(t), "Assign to me");
      await press(t, browser.Key.ENTER);
      await says(t, stage.me.name);
      await becomes(t, id, stage.me.email);
      assert.equal(await browser.run("return document.activeElement.id"), "messages", "the focus is where it was");
      await browser.until("it is announced", "return document.getElementById('live').textContent.includes(`Assigned to ${arguments[0]}`)", stage.me.name);
      await browser.until("the row shows it", "return document.querySelector(`[data-id=\"${arguments[0]}\"] .chips`)?.textContent.includes(arguments[1])", id, stage.me.name);

      await press(t, "a");
      await opens(t);
      await press(t, ...stage.colleague.name.slice(0, 4).toLowerCase());
      await browser.until("one is found", `return ${options}.length === 1`);
      assert.equal(await chosen(t), stage.colleague.name);
      await press(t, browser.Key.ENTER);
      await says(t, stage.colleague.name);
      await becomes(t, id, stage.colleague.email);

      await press(t, "a");
      await opens(t);
      await press(t, browser.Key.ARROW_DOWN);
      assert.equal(await chosen(t), "Nobody");
      await press(t, browser.Key.ARROW_DOWN);
      await press(t, browser.Key.ARROW_UP, browser.Key.ENTER);
      await says(t, "Unassigned");
      await becomes(t, id, null);

      await press(t, "a");
      await opens(t);
      await press(t, "zzzz");
      await browser.until("nobody is found, which is said", `return ${options}.length === 0 && document.querySelector('.assign-note').textContent.includes('No member')`);
      await press(t, browser.Key.ENTER, browser.Key.ESCAPE, browser.Key.ESCAPE);
      await says(t, "Unassigned");
    },

    async "the list is filtered by what is mine, nobody's, and all"(t) {
      if (!t.stage.can.has("members")) return t.skip();
      const { browser, stage } = t;
      await enter(t, "member");
      const id = await openConversation(t, "other");
      const show = async (owner) => {
        await browser.run("document.getElementById(`owner-${arguments[0]}`).click()", owner);
        await browser.until(`${owner} is loaded`, "return document.getElementById('conversations').getAttribute('aria-busy') === 'false'");
        return browser.run("return [...document.querySelectorAll('.conversation')].map((one) => [one.dataset.id, one.querySelector('.chip[title]')?.textContent ?? null])");
      };
      await browser.run(`${head}.click()`);
      await opens(t);
      await press(t, ...stage.me.name.slice(0, 6));
      await browser.until("oneself is found", `return ${options}.length === 1`);
      await browser.run(`${options}[0].click()`);
      await says(t, stage.me.name);
      await becomes(t, id, stage.me.email);
      assert.deepEqual((await show("mine")).filter(([one]) => one === id), [[id, stage.me.name]]);
      assert.ok((await show("mine")).every(([, name]) => name === stage.me.name));
      const free = await show("unassigned");
      assert.ok(free.length > 0 && free.every(([one, name]) => one === id || name === null), JSON.stringify(free.slice(0, 5)));
      assert.ok((await show("all")).some(([one]) => one === id));
    },

    async "an assignment that is refused is taken back, and says why"(t) {
      if (!t.stage.can.has("members") || !t.stage.can.has("fail")) return t.skip();
      await enter(t, "member");
      await openConversation(t, "plain");
      const before = await t.browser.run(`return ${head}.querySelector('.assign-name').textContent`);
      t.stage.fail(/^PATCH conversation/, 422, 1, { message: "They are no member any more." });
      await t.browser.run(`${head}.click()`);
      await opens(t);
      await t.browser.run(`${options}.at(-1).click()`);
      await t.browser.until("it says why", "return document.getElementById('toast').textContent.includes('no member any more')");
      await says(t, before);
      await t.browser.complaints();
    },

    async "a viewer sees whose it is, and is told why they cannot change it"(t) {
      if (!t.stage.can.has("members")) return t.skip();
      const { browser, stage } = t;
      await enter(t, "viewer");
      const writes = () => (stage.can.has("messages") ? stage.requests().filter(({ method, path }) => method !== "GET" && path.startsWith("/embed/api/")).length : 0);
      const before = writes();
      await openConversation(t, "other");
      await browser.until("the thread is there", "return document.querySelector('#messages .message')");
      const [name, disabled, title, spoken] = await browser.run(`const b = ${head}; return [b.querySelector('.assign-name').textContent, b.getAttribute('aria-disabled'), b.title, b.textContent]`);
      assert.ok(name.length > 0);
      assert.deepEqual([disabled, title.includes("Viewers read"), spoken.includes("Viewers read")], ["true", true, true]);
      for (const open of [() => browser.run(`${head}.click()`), () => browser.run("document.getElementById('messages').focus()").then(() => press(t, "a"))]) {
        await browser.run("document.getElementById('toast').hidden = true");
        await open();
        await browser.until("the reason is shown", "return !document.getElementById('toast').hidden && document.getElementById('toast').textContent.includes('Viewers read')");
        assert.equal(await browser.run("return document.querySelectorAll('dialog[open]').length"), 0);
      }
      await browser.until("nor can they write", "return document.getElementById('block').textContent.includes('Viewers read') && !document.getElementById('text').checkVisibility()");
      assert.equal(writes(), before, "nothing was asked that a viewer may not");
    },

    async "an inbox that a CRM opened assigns as before"(t) {
      if (!t.stage.can.has("members")) return t.skip();
      await enter(t);
      await openConversation(t, "plain");
      await t.browser.until("the card is there", "return document.getElementById('set-assignee')");
      const [hidden, tag] = await t.browser.run(`return [${head}.hidden, document.getElementById('set-assignee').tagName]`);
      assert.equal(hidden, true);
      assert.ok(["SELECT", "INPUT"].includes(tag), tag);
    },

    async "of many members, those who are not known yet are found too, and no name is markup"(t) {
      if (!t.stage.can.has("members") || !t.stage.can.has("hire")) return t.skip();
      await enter(t, "member");
      await openConversation(t, "plain");
      await t.browser.run(`${head}.click()`);
      await opens(t);
      await press(t, "hostile@");
      await t.browser.until("a name is text", `return ${options}.length === 1 && ${options}[0].textContent.includes('<img')`);
      assert.equal(await t.browser.run("return document.querySelectorAll('.assign-list img').length"), 0);
      await press(t, t.browser.Key.ESCAPE, t.browser.Key.ESCAPE);
      t.stage.hire(150);
      await t.browser.run(`${head}.click()`);
      await opens(t);
      await t.browser.until("the first hundred are there", `return ${options}.length >= 100`);
      await press(t, "1149");
      await t.browser.until("the last is found", `return ${options}.length === 1 && ${options}[0].textContent.includes('Member 1149')`);
      await press(t, t.browser.Key.ENTER);
      await says(t, "Member 1149");
    },
  };
}
