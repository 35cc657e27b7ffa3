// A headless Chromium of the machine, driven through WebDriver. Nothing is downloaded.

import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

const FLAGS = [
  "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", "--lang=en-GB", "--force-device-scale-factor=1",
];

const found = (name) => spawnSync("which", [name], { encoding: "utf8" }).stdout.trim() || null;

/** The paths of browser and driver, or null where one is missing. */
export function installed() {
  const browser = found("chromium") ?? found("chromium-browser") ?? found("google-chrome");
  const driver = found("chromedriver");
  return browser && driver ? { browser, driver } : null;
}

/** Starts a browser with an empty profile. Gives the driver, with `stop` and a few helpers. */
export async function startBrowser({ browser, driver: program }) {
  const { Browser, Builder, By, Key, logging } = await import("selenium-webdriver");
  const chrome = await import("selenium-webdriver/chrome.js");
  const profile = mkdtempSync(path.join(tmpdir(), "tieline-browser-"));
  const options = new chrome.Options();
  options.setChromeBinaryPath(browser);
  options.addArguments(...FLAGS, `--user-data-dir=${profile}`, "--window-size=1280,860");
  const logs = new logging.Preferences();
  logs.setLevel(logging.Type.BROWSER, logging.Level.ALL);
  options.setLoggingPrefs(logs);
  const driver = await new Builder().forBrowser(Browser.CHROME).setChromeOptions(options)
    .setChromeService(new chrome.ServiceBuilder(program)).build();
  await driver.manage().setTimeouts({ script: 20_000, pageLoad: 20_000 });
  return { driver, By, Key, ...helpers(driver, By, logging), async stop() {
    await driver.quit();
    rmSync(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  } };
}

function helpers(driver, By, logging) {
  const run = (script, ...values) => driver.executeScript(script, ...values);
  return {
    run,
    css: (selector) => driver.findElement(By.css(selector)),
    /** Waits for a script to give something true, and gives it. */
    until: (what, script, ...values) => driver.wait(() => run(script, ...values), 8000, `Waited in vain: ${what}`, 25),
    /** Errors of the browser's console since the last call. */
    async complaints() {
      const entries = await driver.manage().logs().get(logging.Type.BROWSER);
      return entries.filter((entry) => entry.level.value >= 1000).map((entry) => entry.message);
    },
    /** Empties the cache, so that the next page is a first view. */
    forget: () => driver.sendDevToolsCommand("Network.clearBrowserCache", {}),
    size: (width, height, mobile = false) => driver.sendDevToolsCommand("Emulation.setDeviceMetricsOverride", { width, height, deviceScaleFactor: 1, mobile }),
    scheme: (value) => driver.sendDevToolsCommand("Emulation.setEmulatedMedia", { features: [{ name: "prefers-color-scheme", value }] }),
    async shoot(folder, name) {
      mkdirSync(folder, { recursive: true });
      writeFileSync(path.join(folder, `${name}.png`), await driver.takeScreenshot(), "base64");
    },
  };
}
