// What somebody does who knows no more than what scripts/dev prints and the Start page says, up to a message sent and a
// webhook delivered. Over the real stack, with its sandbox; the commands of the page run in a shell.
//
// node tests/browser/first-steps.mjs

import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { installed, startBrowser } from "./browser.mjs";
import { press, shows, write } from "./dashboard.mjs";

const root = fileURLToPath(new URL("../../", import.meta.url));
const folder = process.env.TIELINE_SCREENSHOTS;

async function isFree(port) {
  const server = createServer();
  const listening = new Promise((resolve) => server.once("error", () => resolve(false)).listen(port, "127.0.0.1", () => resolve(true)));
  const free = await listening;
  if (free) await new Promise((resolve) => server.close(resolve));
  return free;
}

/** A port that is free, and the one after it. */
async function freePair() {
  for (;;) {
    const port = 20_000 + Math.trunc(Math.random() * 10_000);
    if (await isFree(port) && await isFree(port + 1)) return port;
  }
}

async function startDev(state) {
  const port = await freePair();
  const child = spawn(process.execPath, ["scripts/lib/dev.mjs", "--port", String(port), "--state", state], { cwd: root, stdio: ["ignore", "pipe", "inherit"] });
  const ended = new Promise((resolve) => child.on("exit", resolve));
  let log = "";
  await new Promise((resolve, reject) => {
    child.stdout.on("data", (text) => (log += text).includes("One line of JSON") && resolve());
    ended.then(() => reject(new Error(`scripts/dev ended: ${log}`)));
  });
  const printed = (name) => log.match(new RegExp(`^ +${name} +(http\\S+)`, "m"))[1];
  return { dashboard: printed("Dashboard"), sandbox: printed("Sandbox"), stop: () => (child.kill("SIGTERM"), ended) };
}

/** The commands that the Start page shows, by what they do, with this key in the environment. */
async function command(browser, what, key) {
  const text = await browser.until(what, "return [...document.querySelectorAll('main pre')].map((one) => one.textContent).find((text) => text.includes(arguments[0]))", what);
  return JSON.parse(execFileSync("sh", ["-c", text.replace(/^curl /, "curl -sS ")], { env: { ...process.env, API_KEY: key } }).toString());
}

async function walk(browser, { dashboard, sandbox }) {
  const start = async () => {
    await browser.driver.get(new URL("/dashboard", dashboard).href);
    await shows(browser, "Start", "main h1");
  };
  const done = (title) => browser.until(`${title} is done`, "return [...document.querySelectorAll('.steps .done h3')].some((one) => one.textContent.startsWith(arguments[0]))", title);

  await browser.driver.get(dashboard);
  await press(browser, "Sign in", "main").catch(() => {});
  await shows(browser, "Start", "main h1");
  const link = await browser.run("return [...document.querySelectorAll('main a')].find((one) => one.innerText === 'the sandbox').href");
  assert.equal(new URL(link).href, new URL(sandbox).href, "the page leads to the sandbox");
  const { account, webhook_url: endpoint } = await (await fetch(new URL("state", sandbox))).json();
  if (folder) await browser.shoot(folder, "start-first");

  await press(browser, "Connect a channel");
  await browser.until("the kinds", "return document.querySelector('main a[href$=\"/new/whatsapp\"]')");
  await browser.run("document.querySelector('main a[href$=\"/new/whatsapp\"]').click()");
  await write(browser, { name: "Support", ...account });
  await press(browser, "Connect");
  await shows(browser, "Support", "main h1");
  await start();
  await done("Connect a channel");

  await browser.driver.get(sandbox);
  await browser.until("the endpoint", "return document.querySelector('#webhook').textContent");
  await press(browser, "Send to the account", "body");
  await shows(browser, "Joe Bloggs: Hello!", "#said");
  if (folder) await browser.shoot(folder, "sandbox");
  for (let tries = 0; ; tries += 1) {
    await start();
    const came = await done("Get the first message in").catch(() => undefined);
    if (came) break;
    assert.ok(tries < 3, "the message came in");
  }

  await press(browser, "API keys", "#nav");
  await press(browser, "Create a key");
  await write(browser, { name: "My CRM", scopes: ["customers:write", "messages:read", "messages:write"] });
  await press(browser, "Create");
  const key = await browser.until("the key", "return document.querySelector('dialog[open] code, dialog[open] pre, dialog[open] .secret')?.innerText.match(/tl_\\w+/)?.[0]");
  await press(browser, "I have stored it");
  await start();
  assert.equal((await command(browser, "api-customers-sync", key)).success, true);
  assert.ok((await command(browser, "api-messages-since", key)).messages.length > 0);
  const sent = await command(browser, "api-send-message", key);
  assert.equal(sent.message?.status, "sent", JSON.stringify(sent));
  await browser.driver.get(sandbox);
  await shows(browser, "The business: Thank you, we are on it.", "#said");

  await start();
  await done("Send the first message");
  await press(browser, "Add an endpoint");
  await press(browser, "Add an endpoint");
  await write(browser, { name: "Sandbox", url: endpoint });
  await press(browser, "Add");
  await press(browser, "I have stored it");
  await press(browser, "Send a test");
  await browser.driver.get(sandbox);
  await shows(browser, "webhook.test", "#webhooks");
  await start();
  await shows(browser, "Everything is set up.");
  if (folder) await browser.shoot(folder, "start-last");
}

const programs = installed();
if (!programs) {
  console.log("SKIPPED: chromium or chromedriver is not installed; the browser tests did not run.");
} else {
  const state = mkdtempSync(path.join(tmpdir(), "tieline-"));
  const dev = await startDev(state);
  const browser = await startBrowser(programs);
  try {
    await walk(browser, dev);
    console.log("ok   from the Start page to a message sent and a webhook delivered");
  } catch (error) {
    console.error(await browser.run("return document.body.innerText").catch(() => ""));
    throw error;
  } finally {
    await browser.stop();
    await dev.stop();
    rmSync(state, { recursive: true, force: true });
  }
}
