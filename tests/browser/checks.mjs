// What the embedded inbox must do in a real browser, whatever serves it.
//
// A check gets `{ stage, browser }`. The stage is all it knows of the server:
//
//   stage.embedded(token)       address of a page on another origin, with `<iframe id="inbox" allow="clipboard-write">` showing
//                               the inbox for that token, `window.canary = []`, and what it is told in `window.heard`
//   stage.direct(token)         address of the inbox itself, for screenshots
//   stage.token(name)           "good", "expired", "foreign"; "member", "viewer" (see assign.mjs)
//   stage.person(label)         {id, name} of a conversation: "plain" and "other" can be answered in free text on WhatsApp;
//                               "hostile" has a name, texts and file names with markup in them, one text
//                               of 10 kB without a space, and `<img src=x onerror=` at the start of one; "rtl" has Arabic texts
//   stage.receive(id, text)     a message from the customer
//   stage.sent(id)              the newest outbound message: {id, content, attachments: [{filename}]}
//   stage.status(messageId, s)  the provider reports a status
//   stage.can                   set of what else it offers: "fail" (fail(pattern of "METHOD path?query", status, times, {after}), calm()), "delay" (delay), "expire" (expire, revive), "messages"
//                               (messages(id): all of them; requests(): [{method, path}] so far), "suggest" (drafts, holdDrafts, left), "kinds", "window", "optout", "long" (persons), "customer" (a token for one)

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { assignChecks, assignPictures } from "./assign.mjs";

const FIRST_VIEW_BYTES = 100_000;
// The bar is one second on an idle machine; a busy one must not turn the test red.
const USABLE_MILLIS = 1000 * Number(process.env.TIELINE_PATIENCE ?? 3);
const LIVE_MILLIS = 2000;
const PNG = Buffer.from("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==", "base64");

const row = (id) => `[data-id="${id}"]`;
const bubbles = "return [...document.querySelectorAll('#messages .message')].map((one) => one.textContent)";

/** Opens the page that embeds the inbox, and steps into the frame. */
async function enter({ stage, browser }, token = "good") {
  await browser.driver.switchTo().defaultContent();
  await browser.driver.get(stage.embedded(stage.token(token)));
  await browser.driver.switchTo().frame(await browser.css("#inbox"));
  if (["good", "member", "viewer"].includes(token)) await browser.until("the page is usable", "return document.getElementById('app')?.dataset.ready === 'true'");
}

/** Opens a conversation as one does: by its name, if it is not in sight. */
async function openConversation({ stage, browser }, label) {
  const { id, name } = stage.person(label);
  if (!(await browser.run(`return Boolean(document.querySelector('${row(id)}'))`))) await search(browser, name);
  await browser.until(`${label} is listed`, `return document.querySelector('${row(id)}')`);
  await browser.run(`document.querySelector('${row(id)}').scrollIntoView(); document.querySelector('${row(id)}').click()`);
  await browser.until(`${label} is shown`, `return document.querySelector('#messages .message, #messages .day') && document.querySelector('#thread-who h2')?.textContent === arguments[0]`, name);
  return id;
}

async function search(browser, text) {
  await browser.run("const s = document.getElementById('search'); s.value = arguments[0]; s.dispatchEvent(new Event('input'))", text);
}

const type = async ({ browser }, text) => (await browser.css("#text")).sendKeys(text);
const hasBubble = (browser, text) => browser.until(`a bubble says ${text.slice(0, 40)}`, "return [...document.querySelectorAll('#messages .message')].some((one) => one.textContent.includes(arguments[0]))", text);

export const checks = {
  async "the token leaves the address bar and nothing is kept in the browser"(t) {
    await enter(t);
    await openConversation(t, "plain");
    const kept = await t.browser.driver.executeAsyncScript(`
      const done = arguments[0];
      indexedDB.databases().then((bases) => done({ address: location.href, cookie: document.cookie, local: localStorage.length, session: sessionStorage.length, bases: bases.length,
        markup: document.documentElement.outerHTML.includes(arguments[1]), state: history.state, controlled: Boolean(navigator.serviceWorker?.controller) }), () => done(null))`);
    assert.ok(!kept.address.includes("token"), kept.address);
    delete kept.address;
    assert.deepEqual(kept, { cookie: "", local: 0, session: 0, bases: 0, markup: false, state: null, controlled: false });
  },

  async "the token of a fragment opens the inbox, and so does the next one"(t) {
    const { stage, browser } = t;
    const [page, token] = stage.direct(stage.token("good")).split("?token=");
    const ready = "return !window.before && document.getElementById('app')?.dataset.ready === 'true'";
    await browser.driver.switchTo().defaultContent();
    await browser.driver.get(`${page}?id=1#token=${token}`);
    await browser.until("the page is usable", ready);
    assert.equal(await browser.run("return location.href"), page);
    await browser.run("window.before = true; location.hash = `token=${arguments[0]}`", token);
    await browser.until("the page is usable again", ready);
    assert.equal(await browser.run("return location.href"), page);
  },

  async "the policy forbids inline scripts and other parents"(t) {
    await enter(t);
    const headers = await t.browser.driver.executeAsyncScript("const done = arguments[1]; fetch('/embed/inbox?token=' + arguments[0]).then((r) => done({ policy: r.headers.get('content-security-policy'), referrer: r.headers.get('referrer-policy') }))", t.stage.token("good"));
    assert.match(headers.policy, /default-src 'none'/);
    assert.match(headers.policy, /script-src 'self'(;|$)/);
    assert.match(headers.policy, /frame-ancestors ('self' )?http/);
    assert.equal(headers.referrer, "no-referrer");
    const ran = await t.browser.run("const s = document.createElement('script'); s.textContent = 'window.inline = 1'; document.head.append(s); return window.inline");
    assert.equal(ran, null);
    await t.browser.complaints();
  },

  async "the first view is light and usable at once"(t) {
    await t.browser.forget();
    await enter(t);
    const cost = await t.browser.run(`
      const [navigation] = performance.getEntriesByType('navigation');
      const resources = performance.getEntriesByType('resource');
      const usable = performance.getEntriesByName('tieline:usable')[0].startTime;
      // The long poll counts too; what is asked later does not.
      const bytes = navigation.transferSize + resources.filter((r) => r.startTime <= usable + 50).reduce((sum, r) => sum + r.transferSize, 0);
      return { bytes, usable: Math.round(usable), requests: resources.length + 1, rows: document.querySelectorAll('.conversation').length }`);
    t.note(`${cost.bytes} bytes in ${cost.requests} requests, usable after ${cost.usable} ms, ${cost.rows} rows`);
    assert.ok(cost.bytes > 0 && cost.bytes < FIRST_VIEW_BYTES, `${cost.bytes} bytes`);
    assert.ok(cost.usable < USABLE_MILLIS, `${cost.usable} ms`);
    assert.ok(cost.rows >= 3);
  },

  async "opening a conversation shows it and clears what was unread"(t) {
    const id = t.stage.person("plain").id;
    await t.stage.receive(id, "Not read yet");
    await enter(t);
    assert.ok(await t.browser.run(`return document.querySelector('${row(id)} .badge')`), "unread at first");
    const total = Number(await t.browser.run("return document.getElementById('unread-total').textContent"));
    await openConversation(t, "plain");
    await t.browser.until("the badge is gone", `return !document.querySelector('${row(id)} .badge')`);
    assert.equal(Number(await t.browser.run("return document.getElementById('unread-total').textContent")), total - 1);
    assert.equal(await t.browser.run("return document.querySelector('#c-' + arguments[0]).getAttribute('aria-selected')", id), "true");
    assert.ok(await t.browser.run("const s = document.getElementById('scroller'); return s.scrollHeight - s.scrollTop - s.clientHeight < 2"), "at the newest message");
  },

  async "a message is shown at once, sent once, and its ticks climb"(t) {
    await enter(t);
    const id = await openConversation(t, "plain");
    await type(t, `Hello from the inbox${t.browser.Key.chord(t.browser.Key.SHIFT, t.browser.Key.ENTER)}second line${t.browser.Key.ENTER}`);
    await hasBubble(t.browser, "Hello from the inbox\nsecond line");
    assert.equal(await t.browser.run("return document.getElementById('text').value"), "");
    const message = await t.waitFor("it is sent", async () => {
      const last = await t.stage.sent(id);
      return last?.content === "Hello from the inbox\nsecond line" && last;
    });
    for (const [status, label] of [["sent", "Sent"], ["delivered", "Delivered"], ["read", "Read"]]) {
      await t.stage.status(message.id, status);
      await t.browser.until(`the tick says ${label}`, "return document.querySelector('#m-' + arguments[0] + ' .meta .status')?.getAttribute('aria-label') === arguments[1]", message.id, label);
    }
    const twins = await t.browser.run(bubbles);
    assert.equal(twins.filter((text) => text.includes("Hello from the inbox")).length, 1);
  },

  async "a send whose answer is lost is tried again under the same key"(t) {
    if (!t.stage.can.has("fail")) return t.skip();
    await enter(t);
    const id = await openConversation(t, "plain");
    const posts = () => t.stage.requests().filter(({ method, path: to }) => method === "POST" && to.endsWith("/messages")).length;
    const before = t.stage.can.has("messages") ? posts() : 0;
    t.stage.fail(/^POST messages/, 503, 1, { after: true });
    await type(t, `Once only${t.browser.Key.ENTER}`);
    await t.waitFor("it is sent", async () => (await t.stage.sent(id))?.content === "Once only");
    await t.browser.until("one bubble, and nothing waiting", "const all = [...document.querySelectorAll('#messages .message')].filter((one) => one.textContent.includes('Once only')); return all.length === 1 && !all[0].id.startsWith('m-local')");
    if (!t.stage.can.has("messages")) return;
    await t.waitFor("it is tried again", () => posts() >= before + 2);
    await t.pause(100);
    assert.equal(t.stage.messages(id).filter((message) => message.content === "Once only").length, 1);
  },

  async "a refused message says why and can be taken back"(t) {
    if (!t.stage.can.has("fail")) return t.skip();
    await enter(t);
    await openConversation(t, "plain");
    t.stage.fail(/^POST messages/, 422, 1, { code: "provider_refused", message: "The number is not on WhatsApp." });
    await type(t, `Refused${t.browser.Key.ENTER}`);
    await t.browser.until("the reason is shown", "return document.querySelector('.message.failed .trouble')?.textContent.includes('not on WhatsApp')");
    await t.browser.run("[...document.querySelectorAll('.message.failed .link-button')].find((one) => one.textContent === 'Edit').click()");
    assert.equal(await t.browser.run("return document.getElementById('text').value"), "Refused");
  },

  async "a new message appears within two seconds, in the thread and in the list"(t) {
    await enter(t);
    const id = await openConversation(t, "plain");
    const other = t.stage.person("other");
    const words = `Live ${Date.now()}`;
    const started = Date.now();
    await t.stage.receive(id, words);
    await hasBubble(t.browser, words);
    const took = Date.now() - started;
    t.note(`in the thread after ${took} ms`);
    assert.ok(took < LIVE_MILLIS, `${took} ms`);
    const again = Date.now();
    await t.stage.receive(id, `${words} again`);
    await hasBubble(t.browser, `${words} again`);
    assert.ok(Date.now() - again < LIVE_MILLIS, "the second as soon as the first");
    assert.ok(await t.browser.run("return document.getElementById('live').textContent.includes(arguments[0])", words), "announced");
    await t.stage.receive(other.id, `${words} too`);
    await t.browser.until("the other row is first and unread", "const first = document.querySelector('.conversation'); return first.dataset.id === arguments[0] && first.querySelector('.badge') && first.textContent.includes(arguments[1])", other.id, `${words} too`);
    assert.ok(!(await t.browser.run(bubbles)).some((text) => text.includes(`${words} too`)), "not in the open thread");
  },

  async "one who reads further up is told of new messages and not moved"(t) {
    if (!t.stage.can.has("long")) return t.skip();
    await enter(t);
    const id = await openConversation(t, "long");
    await t.browser.run("document.getElementById('scroller').scrollTop = 600");
    await t.browser.until("the button is there", "return !document.getElementById('newest').hidden");
    const before = await t.browser.run("return document.getElementById('scroller').scrollTop");
    await t.stage.receive(id, "Something new");
    await t.browser.until("it counts", "return document.getElementById('newest').textContent.includes('1 new')");
    assert.equal(await t.browser.run("return document.getElementById('scroller').scrollTop"), before);
    await (await t.browser.css("#newest")).click();
    await t.browser.until("at the end", "const s = document.getElementById('scroller'); return s.scrollHeight - s.scrollTop - s.clientHeight < 2 && document.getElementById('newest').hidden");
  },

  async "earlier messages are loaded above without moving what one reads"(t) {
    if (!t.stage.can.has("long")) return t.skip();
    await enter(t);
    await openConversation(t, "long");
    const count = await t.browser.run("return document.querySelectorAll('#messages .message').length");
    const [anchor, top] = await t.browser.run("document.getElementById('scroller').scrollTop = 60; const one = document.querySelector('#messages .message'); return [one.id, one.getBoundingClientRect().top]");
    await t.browser.run("document.querySelector('#earlier button').click()");
    await t.browser.until("more messages", "return document.querySelectorAll('#messages .message').length > arguments[0]", count);
    const moved = Math.abs((await t.browser.run("return document.getElementById(arguments[0]).getBoundingClientRect().top", anchor)) - top);
    // The heading of the day moves from the anchor to the first message of that day.
    assert.ok(moved < 60, `moved by ${moved}`);
  },

  async "a file is attached, shown with its name, and sent"(t) {
    const folder = mkdtempSync(path.join(tmpdir(), "tieline-files-"));
    writeFileSync(path.join(folder, "tiny <b>photo.png"), PNG);
    writeFileSync(path.join(folder, "page.html"), "<script>parent.canary.push(9)</script>");
    await enter(t);
    const id = await openConversation(t, "plain");
    const input = await t.browser.css("#files");
    await input.sendKeys(path.join(folder, "page.html"));
    await t.browser.until("it is refused", "return document.querySelector('.tray-item.refused')?.textContent.includes('does not take')");
    await (await t.browser.css(".tray-item.refused .icon-button")).click();
    await input.sendKeys(path.join(folder, "tiny <b>photo.png"));
    await t.browser.until("it is uploaded", "return document.querySelector('.tray-item.ready')?.textContent.includes('tiny <b>photo.png')");
    await type(t, `With a photo${t.browser.Key.ENTER}`);
    const message = await t.waitFor("it is sent", async () => {
      const last = await t.stage.sent(id);
      return last?.attachments?.length === 1 && last;
    });
    assert.equal(message.attachments[0].filename, "tiny <b>photo.png");
    await t.browser.until("it is shown", "return document.querySelector('.message.out:last-child img')?.naturalWidth > 0");
    assert.equal(await t.browser.run("return document.getElementById('tray').hidden"), true);
    rmSync(folder, { recursive: true });
  },

  async "files are attached by drop and by paste, text is not taken for a file"(t) {
    await enter(t);
    await openConversation(t, "plain");
    const give = (kind, target, withText) => t.browser.run(`
      const data = new DataTransfer();
      data.items.add(new File(['%PDF-1.7\\n' + ' '.repeat(200)], arguments[0] + '.pdf', { type: 'application/pdf' }));
      if (arguments[2]) data.setData('text/plain', 'copied');
      const event = arguments[0] === 'paste' ? new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }) : new DragEvent(arguments[0], { dataTransfer: data, bubbles: true, cancelable: true });
      document.querySelector(arguments[1]).dispatchEvent(event);
      return event.defaultPrevented`, kind, target, withText);
    assert.equal(await give("dragover", "#messages"), true);
    assert.equal(await t.browser.run("return document.getElementById('drop').hidden"), false);
    await give("drop", "#messages");
    await give("paste", "#text");
    assert.equal(await give("paste", "#text", true), false);
    await t.browser.until("two files are ready", "return document.querySelectorAll('.tray-item.ready').length === 2 && document.querySelectorAll('.tray-item').length === 2 && document.getElementById('drop').hidden");
    await t.browser.run("document.querySelectorAll('.tray-item .icon-button').forEach(() => document.querySelector('.tray-item .icon-button').click())");
    await t.browser.until("both are gone", "return document.getElementById('tray').hidden && document.getElementById('send').disabled");
  },

  async "conversations switched while they load do not mix"(t) {
    await enter(t);
    const [plain, other] = [t.stage.person("plain"), t.stage.person("other")];
    await search(t.browser, "");
    await t.browser.until("both are listed", `return document.querySelector('${row(plain.id)}') && document.querySelector('${row(other.id)}')`);
    if (t.stage.can.has("delay")) t.stage.delay(new RegExp(`^GET conversation\\?id=${plain.id}`), 500);
    await t.browser.run(`for (let n = 0; n < 3; n += 1) { document.querySelector('${row(plain.id)}').click(); document.querySelector('${row(other.id)}').click(); }`);
    await type(t, "draft for the other");
    await t.browser.until("the other is shown", "return document.querySelector('#thread-who h2').textContent === arguments[0] && document.querySelector('#messages .message')", other.name);
    await t.pause(700);
    const ids = await t.browser.run("return [...document.querySelectorAll('#messages .message')].map((one) => one.dataset.id)");
    const belong = t.stage.can.has("messages") ? new Set(t.stage.messages(other.id).map((message) => message.id)) : null;
    if (belong) assert.ok(ids.length > 0 && ids.every((id) => belong.has(id)), `${ids}`);
    await t.browser.run(`document.querySelector('${row(plain.id)}').click()`);
    assert.equal(await t.browser.run("return document.getElementById('text').value"), "", "the draft stays with its conversation");
    await t.browser.until("a draft is marked", `return document.querySelector('${row(other.id)}').textContent.includes('Draft: draft for the other')`);
    await t.browser.run(`document.querySelector('${row(other.id)}').click()`);
    assert.equal(await t.browser.run("return document.getElementById('text').value"), "draft for the other");
  },

  async "names, texts and files of attackers stay text"(t) {
    await enter(t);
    await openConversation(t, "hostile");
    const shown = (await t.browser.run(bubbles)).join("\n");
    assert.ok(shown.includes("<img src=x onerror="), "shown as text");
    const bad = await t.browser.run(`return [...document.querySelectorAll('*')].filter((node) => [...node.attributes].some((a) => /^on/i.test(a.name) || /^\\s*javascript:/i.test(a.value)) || (node.tagName === 'SCRIPT' && !node.src) || (node.tagName === 'IMG' && node.getAttribute('src') === 'x')).map((node) => node.outerHTML.slice(0, 200))`);
    assert.deepEqual(bad, []);
    assert.equal(await t.browser.run("const s = document.getElementById('scroller'); return s.scrollWidth - s.clientWidth"), 0, "no word widens the thread");
    assert.equal(await t.browser.run("return document.documentElement.scrollWidth - innerWidth"), 0, "nor the page");
    if (await t.browser.run("const one = [...document.querySelectorAll('#messages .link-button')].find((b) => b.textContent === 'Show as designed'); one?.click(); return Boolean(one)")) {
      await t.browser.until("the e-mail is shown", "return document.querySelector('iframe.mail')");
      assert.ok(!/allow-(scripts|same-origin|forms|top)/.test(await t.browser.run("return document.querySelector('iframe.mail').getAttribute('sandbox')")));
      await t.pause(300);
    }
    assert.equal(await t.browser.run("return window.canary"), null);
    await t.browser.driver.switchTo().defaultContent();
    assert.deepEqual(await t.browser.run("return window.canary"), []);
    // The policy complains of what it blocked inside the e-mail; that is its work.
    await t.browser.complaints();
  },

  async "a mail shows who wrote it, and answers go where an agent confirms"(t) {
    if (!t.stage.can.has("mail")) return t.skip();
    await enter(t);
    await openConversation(t, "email");
    const notes = await t.browser.run("return [...document.querySelectorAll('#messages .sender-note')].map((one) => [one.className, one.textContent])");
    assert.deepEqual(notes.map(([kind]) => kind.split(" ").at(-1)), ["info", "warn", "bad"]);
    assert.match(notes[0][1], /sven@other\.example/);
    const choices = () => t.browser.run("return [...document.querySelectorAll('#messages .answer-choices button')].map((one) => one.textContent)");
    assert.deepEqual(await choices(), ["Send answers to office@mail.example", "Send answers to sven@other.example"]);
    // What a forger wants is told, and not offered.
    const texts = await t.browser.run("return [...document.querySelectorAll('#messages .answer-choices')].map((one) => one.textContent)");
    assert.match(texts.at(-1), /^Asks for answers at x@evil\.example\. They go to email@mail\.example\.$/);
    await t.browser.run("document.querySelectorAll('#messages .answer-choices button')[1].click()");
    await t.browser.until("the head tells where answers go", "return document.querySelector('#thread-who').textContent.includes('answers to sven@other.example')");
    assert.ok((await choices()).includes("Send answers to email@mail.example"));
    await t.browser.run("[...document.querySelectorAll('#messages .answer-choices button')].find((one) => one.textContent.endsWith('email@mail.example')).click()");
    await t.browser.until("answers go to the customer again", "return !document.querySelector('#thread-who').textContent.includes('answers to')");
  },
  async "the customer's text decides its own direction"(t) {
    await enter(t);
    await openConversation(t, "rtl");
    const directions = await t.browser.run("return [...document.querySelectorAll('#messages .text')].map((one) => [one.dir, one.matches(':dir(rtl)')])");
    assert.ok(directions.length > 0 && directions.every(([dir]) => dir === "auto"));
    assert.ok(directions.some(([, rtl]) => rtl), "Arabic runs from the right");
    assert.equal(await t.browser.run("return document.querySelector('#thread-who bdi').dir"), "auto");
    assert.equal(await t.browser.run("return document.getElementById('text').dir"), "auto");
  },

  async "everything is reached by the keyboard"(t) {
    const { Key } = t.browser;
    await enter(t);
    const { id, name } = t.stage.person("plain");
    const press = (...keys) => t.browser.driver.actions().sendKeys(...keys).perform();
    await t.browser.run("document.getElementById('conversations').focus()");
    await press("/");
    await press(name);
    await t.browser.until("found", `return document.querySelector('${row(id)}') && document.querySelectorAll('.conversation').length < 10`);
    await press(Key.ENTER);
    assert.equal(await t.browser.run("return document.activeElement.id"), "conversations");
    await t.browser.until("one is chosen", "return document.getElementById('conversations').getAttribute('aria-activedescendant')");
    await press(Key.ENTER);
    await t.browser.until("open, ready to write", "return document.activeElement.id === 'text' && document.querySelector('#messages .message')");
    await press(`By keyboard ${Date.now()}`);
    await press(Key.ENTER);
    await hasBubble(t.browser, "By keyboard");
    await t.browser.until("it is stored", "return !document.querySelector('[id^=m-local]')");
    await press(Key.ESCAPE);
    assert.equal(await t.browser.run("return document.activeElement.id"), "messages");
    await press(Key.ARROW_UP);
    assert.ok(await t.browser.run("return document.activeElement.matches('li')"), "on a message");
    await press("r");
    await t.browser.until("answering it", "return !document.getElementById('quote').hidden && document.activeElement.id === 'text'");
    await press(Key.ESCAPE);
    assert.equal(await t.browser.run("return document.getElementById('quote').hidden"), true);
    await press(Key.ESCAPE);
    await press("?");
    await t.browser.until("the shortcuts", "return document.querySelector('dialog[open]')?.textContent.includes('Keyboard shortcuts')");
    await press(Key.ESCAPE);
    await t.browser.until("closed", "return !document.querySelector('dialog')");
    const bare = await t.browser.run("return [...document.querySelectorAll('button, input, select, textarea, a[href]')].filter((one) => one.checkVisibility() && !(one.getAttribute('aria-label') || one.textContent.trim() || one.labels?.length)).map((one) => one.outerHTML.slice(0, 120))");
    assert.deepEqual(bare, [], "every control has a name");
  },

  async "search, filters and further pages"(t) {
    await enter(t);
    const first = await t.browser.run("return document.querySelectorAll('.conversation').length");
    if (first >= 50) {
      await t.browser.run("document.getElementById('conversations').scrollTop = 1e6");
      await t.browser.until("a second page", "return document.querySelectorAll('.conversation').length > arguments[0]", first);
    }
    const { id, name } = t.stage.person("other");
    await search(t.browser, name.toLowerCase().slice(0, 5));
    await t.browser.until("found by the beginning of a word", `return document.querySelectorAll('.conversation').length < arguments[0] && document.querySelector('${row(id)}')`, first);
    await search(t.browser, "zzzznothing");
    await t.browser.until("nothing found", "return document.getElementById('list-note').textContent.includes('Nothing found')");
    await t.browser.run("document.querySelector('#list-note button').click()");
    await t.browser.until("all again", "return document.querySelectorAll('.conversation').length >= 3");
    await (await t.browser.css("#filter-unread")).click();
    await t.browser.until("only unread", "const all = [...document.querySelectorAll('.conversation')]; return document.getElementById('conversations').getAttribute('aria-busy') === 'false' && all.every((one) => one.querySelector('.badge'))");
    await (await t.browser.css("#filter-unread")).click();
    await t.browser.run("document.getElementById('owner-mine').click()");
    await t.browser.until("only mine", "return document.getElementById('conversations').getAttribute('aria-busy') === 'false' && document.querySelectorAll('.conversation').length < arguments[0]", first);
    await t.browser.run("document.getElementById('owner-all').click()");
    await t.browser.run("const s = document.getElementById('filter-channel'); s.value = 'email'; s.dispatchEvent(new Event('change'))");
    await t.browser.until("only e-mail", "const all = [...document.querySelectorAll('.conversation')]; return document.getElementById('conversations').getAttribute('aria-busy') === 'false' && all.every((one) => one.querySelector('.channel.email'))");
  },

  async "notes, status, priority, assignee and tags"(t) {
    await enter(t);
    const id = await openConversation(t, "other");
    await (await t.browser.css("#mode-note")).click();
    await type(t, `Only for us${t.browser.Key.ENTER}`);
    await t.browser.until("the note stands apart", "return document.querySelector('#messages .note:last-child')?.textContent.includes('Only for us')");
    assert.ok(!(await t.stage.sent(id))?.content?.includes("Only for us"), "not sent");
    const set = (field, value) => t.browser.run("const s = document.getElementById(arguments[0]); s.value = arguments[1]; s.dispatchEvent(new Event('change'))", field, value);
    await set("set-priority", "urgent");
    await t.browser.until("the flag is shown", `return document.querySelector('${row(id)} .priority.urgent')`);
    await t.browser.run("const i = document.getElementById('add-tag'); i.value = '<b>tag'; i.form.requestSubmit()");
    await t.browser.until("the tag is shown", `return document.querySelector('#card .tags').textContent.includes('<b>tag') && document.querySelector('${row(id)}').textContent.includes('<b>tag')`);
    await (await t.browser.css("#close-conversation")).click();
    await t.browser.until("closed", "return document.getElementById('close-conversation').textContent === 'Reopen' && document.getElementById('set-status').value === 'closed'");
    await (await t.browser.css("#close-conversation")).click();
    await t.browser.until("open again", "return document.getElementById('set-status').value === 'open'");
    if (!t.stage.can.has("fail")) return;
    t.stage.fail(/^PATCH conversation/, 422, 1, { message: "Not allowed." });
    await set("set-priority", "low");
    await t.browser.until("a refusal is told and taken back", "return document.getElementById('toast').textContent.includes('Not allowed') && document.getElementById('set-priority').value === 'urgent'");
  },

  ...assignChecks({ enter, openConversation }),

  async "a token for one customer shows that customer alone, opened"(t) {
    if (!t.stage.can.has("customer")) return t.skip();
    await t.browser.driver.switchTo().defaultContent();
    await t.browser.driver.get(t.stage.embedded(t.stage.token("customer")));
    await t.browser.driver.switchTo().frame(await t.browser.css("#inbox"));
    await t.browser.until("the conversation is open", "return document.querySelector('#messages .message')");
    const names = await t.browser.run("return [...document.querySelectorAll('.conversation .name')].map((one) => one.textContent)");
    assert.equal(new Set(names).size, 1);
  },

  async "outside the window a template is what can be sent"(t) {
    if (!t.stage.can.has("window")) return t.skip();
    await enter(t);
    const id = await openConversation(t, "window");
    await t.browser.until("it says why", "return document.getElementById('block').textContent.includes('24 hours') && !document.getElementById('text').checkVisibility()");
    await (await t.browser.css("#block .button")).click();
    await t.browser.until("templates", "return document.querySelector('.template-names button')");
    const inputs = await t.browser.driver.findElements(t.browser.By.css(".template-form input"));
    assert.equal(await t.browser.run("return document.querySelector('.template-form [type=submit]').disabled"), inputs.length > 0);
    for (const input of inputs) await input.sendKeys("<i>Mateus");
    assert.ok(inputs.length === 0 || (await t.browser.run("return document.querySelector('.template-body').textContent")).includes("<i>Mateus"));
    await (await t.browser.css(".template-form [type=submit]")).click();
    await t.waitFor("it is sent", async () => (await t.stage.sent(id))?.type === "template");
  },

  async "a draft comes as text, with its sources, and is not sent"(t) {
    if (!t.stage.can.has("suggest")) return t.skip();
    await enter(t);
    const id = await openConversation(t, "plain");
    const before = (await t.stage.sent(id))?.id;
    await type(t, "Hello,");
    await (await t.browser.css("#suggest")).click();
    await t.browser.until("the draft stands behind what was written", "return document.getElementById('text').value === 'Hello,\\n\\nIt is <b>on its way</b>,\\nand comes tomorrow.'");
    await (await t.browser.css("#suggestion summary")).click();
    const shown = await t.browser.run("const box = document.getElementById('suggestion'); return [box.querySelectorAll('li').length, box.textContent, box.querySelectorAll('b, i').length]");
    assert.equal(shown[0], 2);
    assert.match(shown[1], /Shop <b>orders<\/b>A-1/);
    assert.equal(shown[2], 0, "no markup of others");
    assert.equal((await t.stage.sent(id))?.id, before, "not sent");
    t.stage.fail(/^POST suggest-reply/, 503, 1, { code: "unavailable", message: "The server that writes drafts cannot be reached." });
    await (await t.browser.css("#suggest")).click();
    await t.browser.until("what went wrong is told", "return document.querySelector('#suggestion [role=alert]')?.textContent.includes('cannot be reached')");
    t.stage.suggests(false);
    await (await t.browser.css("#suggest")).click();
    await t.browser.until("the button goes", "return document.getElementById('suggest').hidden");
    t.stage.suggests(true);
  },

  async "a draft is shown while it comes, behind what is written, and is stopped by its button or Escape"(t) {
    if (!t.stage.can.has("suggest")) return t.skip();
    await enter(t);
    await openConversation(t, "plain");
    const value = "document.getElementById('text').value";
    const label = "document.getElementById('suggest').getAttribute('aria-label')";
    const begins = (front) => t.browser.until("its beginning is there", `return ${value} === '${front}It is <b>on its way</b>,\\nand comes'`);
    let release = t.stage.holdDrafts();
    await type(t, "Hello,");
    await (await t.browser.css("#suggest")).click();
    await begins("Hello,\\n\\n");
    assert.equal(await t.browser.run(`return ${label}`), "Stop the draft");
    assert.equal(await t.browser.run("return document.getElementById('send').disabled"), true, "half a draft is not sent");
    assert.match(await t.browser.run("return document.getElementById('live').textContent"), /Writing a draft.*It is <b>on its way<\/b>,/s);
    assert.equal(await t.browser.run("return document.getElementById('live').getAttribute('aria-live')"), "polite");
    // Somebody writes in front of it.
    await t.browser.run("const text = document.getElementById('text'); text.focus(); text.setSelectionRange(5, 5)");
    await (await t.browser.css("#text")).sendKeys(" Ada");
    release();
    await t.browser.until("the end stands behind it", `return ${value} === 'Hello Ada,\\n\\nIt is <b>on its way</b>,\\nand comes tomorrow.'`);
    assert.equal(await t.browser.run("return document.getElementById('text').selectionStart"), 9, "the caret stays");
    assert.equal(await t.browser.run(`return ${label}`), "Suggest a reply");
    assert.equal(await t.browser.run("return document.querySelectorAll('#suggestion li').length"), 2);
    for (const stop of ["button", "Escape"]) {
      await t.browser.run("const text = document.getElementById('text'); text.value = ''; text.dispatchEvent(new Event('input'))");
      release = t.stage.holdDrafts();
      const before = t.stage.left();
      await (await t.browser.css("#suggest")).click();
      await begins("");
      if (stop === "button") await (await t.browser.css("#suggest")).click();
      else await (await t.browser.css("#text")).sendKeys("\uE00C");
      await t.browser.until("it is stopped", `return ${label} === 'Suggest a reply' && !document.getElementById('send').disabled && document.getElementById('suggestion').textContent.includes('breaks off')`);
      await t.waitFor("the server is told", () => t.stage.left() > before);
      release();
      await begins("");
    }
    // Who changes what is written of it has it as it is.
    release = t.stage.holdDrafts();
    await t.browser.run("const text = document.getElementById('text'); text.value = ''; text.dispatchEvent(new Event('input'))");
    await (await t.browser.css("#suggest")).click();
    await begins("");
    await type(t, " soon!");
    release();
    await t.browser.until("it is stopped", `return ${label} === 'Suggest a reply'`);
    assert.match(await t.browser.run(`return ${value}`), /comes soon!$/);
  },

  async "a draft that breaks off is asked for as a whole, and one that fails is told"(t) {
    if (!t.stage.can.has("suggest")) return t.skip();
    await enter(t);
    await openConversation(t, "plain");
    const asked = () => t.stage.requests().filter(({ path }) => path.endsWith("/suggest-reply")).length;
    const whole = () => t.browser.until("the draft", "return document.getElementById('text').value === 'It is <b>on its way</b>,\\nand comes tomorrow.' && document.querySelectorAll('#suggestion li').length === 2");
    for (const [how, requests] of [[{ breaks: true }, 2], [{ breaks: false, streams: false }, 1]]) {
      t.stage.drafts(how);
      await t.browser.run("const text = document.getElementById('text'); text.value = ''; text.dispatchEvent(new Event('input'))");
      const before = asked();
      const release = t.stage.holdDrafts();
      await (await t.browser.css("#suggest")).click();
      if (how.breaks) await t.browser.until("its beginning is there", "return document.getElementById('text').value.endsWith('comes')");
      release();
      await whole();
      assert.equal(asked() - before, requests, JSON.stringify(how));
    }
    t.stage.drafts({ streams: true, ends: { code: "unavailable", error: "The server that writes drafts broke off: Overloaded." } });
    await (await t.browser.css("#suggest")).click();
    await t.browser.until("what went wrong is told", "return document.querySelector('#suggestion [role=alert]')?.textContent.includes('Overloaded')");
  },

  async "one who opted out is not written to"(t) {
    if (!t.stage.can.has("optout")) return t.skip();
    await enter(t);
    await openConversation(t, "optout");
    await t.browser.until("it says why", "return document.getElementById('block').textContent.includes('no more messages') && !document.getElementById('send').checkVisibility()");
  },

  async "a lost connection is told, and comes back"(t) {
    if (!t.stage.can.has("fail")) return t.skip();
    await enter(t);
    const id = await openConversation(t, "plain");
    t.stage.fail(/^GET changes/, 503, 2);
    await t.stage.receive(id, "before the outage");
    await t.browser.until("it is told", "return !document.getElementById('connection').hidden");
    await t.stage.receive(id, "during the outage");
    await hasBubble(t.browser, "during the outage");
    await t.browser.until("it is over", "return document.getElementById('connection').hidden");
  },

  async "an expired and a foreign token get a sentence, and the parent is told"(t) {
    for (const name of ["expired", "foreign"]) {
      await enter(t, name);
      await t.browser.until("a sentence", "return document.querySelector('.over-box p')?.textContent.length > 10");
      assert.equal(await t.browser.run("return document.querySelectorAll('.conversation').length"), 0);
      await t.browser.driver.switchTo().defaultContent();
      await t.browser.until("the parent is told", "return window.heard.some((one) => one.data?.type === 'tieline:expired')");
    }
  },

  async "a session that ends says so, keeps the draft in sight, and tells the parent"(t) {
    if (!t.stage.can.has("expire")) return t.skip();
    await enter(t);
    await openConversation(t, "plain");
    await type(t, "not yet sent");
    t.stage.expire();
    await t.browser.until("the panel", "return document.querySelector('.over-box h1')?.textContent === 'The session is over' && document.querySelector('.rescued textarea').value.includes('not yet sent')");
    await t.browser.driver.switchTo().defaultContent();
    const heard = await t.browser.run("return window.heard.map((one) => one.data)");
    assert.deepEqual(heard, [{ type: "tieline:expired" }]);
    t.stage.revive();
  },

  async "the console has nothing to complain of"(t) {
    await enter(t);
    await t.browser.complaints();
    await openConversation(t, "plain");
    if (t.stage.can.has("kinds")) await openConversation(t, "kinds");
    await t.pause(200);
    assert.deepEqual(await t.browser.complaints(), []);
  },
};

const SIZES = { wide: [1280, 860, false], narrow: [390, 844, true] };

/** Pictures of list and thread, wide and narrow, light and dark. */
export async function screenshots(t, folder) {
  const label = t.stage.can.has("kinds") ? "kinds" : "plain";
  for (const [size, [width, height, mobile]] of Object.entries(SIZES)) {
    for (const scheme of ["light", "dark"]) {
      await t.browser.size(width, height, mobile);
      await t.browser.scheme(scheme);
      await t.browser.driver.get(t.stage.direct(t.stage.token("good")));
      await t.browser.until("the page is usable", "return document.getElementById('app')?.dataset.ready === 'true'");
      await t.browser.shoot(folder, `${size}-${scheme}-list`);
      await openConversation(t, label);
      await t.browser.until("pictures are there", "return [...document.images].every((one) => one.complete || one.getBoundingClientRect().bottom < 0)");
      await t.browser.shoot(folder, `${size}-${scheme}-thread`);
      assert.ok(await t.browser.run("return document.documentElement.scrollWidth <= innerWidth"), `${size}: nothing is wider than the page`);
      if (t.stage.can.has("members")) await assignPictures(t, folder, `${size}-${scheme}`, openConversation);
      if (size === "narrow") assert.ok(await t.browser.run("return !document.querySelector('.list-pane').checkVisibility()"), "one pane at a time");
    }
  }
}
