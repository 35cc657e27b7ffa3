// The browser tests over the stand-in server: node tests/browser/run.mjs [part of a check's name]
//
// Ends with 0, or 1 if a check failed. Without chromium and chromedriver the checks that need them are
// skipped. Pictures go to TIELINE_SCREENSHOTS, else target/browser. TIELINE_PATIENCE stretches the bound
// on the time to the first view (times one second; 3 unless told).

import path from "node:path";
import { fileURLToPath } from "node:url";
import { startCard } from "../fakes/card.mjs";
import { startDashboard } from "../fakes/dashboard.mjs";
import { startInbox } from "../fakes/inbox.mjs";
import { installed, startBrowser } from "./browser.mjs";
import { cardChecks } from "./card.mjs";
import { checks, screenshots } from "./checks.mjs";
import { dashboardChecks, dashboardPictures, dashboardPure, hostileChecks } from "./dashboard.mjs";
import { pure } from "./pure.mjs";

const root = fileURLToPath(new URL("../../", import.meta.url));
const folder = process.env.TIELINE_SCREENSHOTS ?? path.join(root, "target/browser");
const wanted = process.argv[2] ?? "";

/** The stand-in as a stage; what a stage is stands at the top of checks.mjs. */
export function standIn({ act }) {
  const labels = { other: "kinds" };
  const id = (label) => act.conversation(labels[label] ?? label);
  return {
    ...act,
    can: new Set(["fail", "delay", "expire", "messages", "kinds", "window", "optout", "long", "customer", "mail", "suggest", "members", "hire"]),
    direct: act.url,
    token: (name) => name,
    person: (label) => ({ id: id(label), name: act.customerName(id(label)) }),
    sent: act.lastSent,
    me: { name: "Ada Byrne", email: "ada@fjord.example" },
    colleague: { name: "Jonas Weber", email: "jonas@fjord.example" },
    revive: () => act.token("good", {}),
  };
}

/** Runs checks one after another, each on a calm server. Gives the number that failed. */
export async function runChecks(list, { stage, browser }) {
  let failed = 0;
  for (const [name, check] of Object.entries(list).filter(([one]) => one.includes(wanted))) {
    const notes = [];
    const t = { stage, browser, note: (text) => notes.push(text), skip: () => notes.push("skipped: the stage does not offer it"), pause, waitFor };
    const started = Date.now();
    try {
      stage?.calm?.();
      await check(t);
      console.log(`ok    ${name} (${[`${Date.now() - started} ms`, ...notes].join(", ")})`);
    } catch (error) {
      failed += 1;
      console.log(`FAIL  ${name}\n      ${String(error.stack ?? error).split("\n").slice(0, 8).join("\n      ")}`);
      await browser?.shoot(folder, `failed-${failed}`).catch(() => {});
    }
  }
  return failed;
}

const pause = (millis) => new Promise((resolve) => setTimeout(resolve, millis));

async function waitFor(what, condition) {
  for (const end = Date.now() + 8000; Date.now() < end; await pause(25)) {
    const result = await condition();
    if (result) return result;
  }
  throw new Error(`Waited in vain: ${what}`);
}

function noReferrer(requests) {
  const leaks = requests.filter(({ referrer }) => referrer?.includes("embed/inbox"));
  if (leaks.length) throw new Error(`${leaks[0].path} was told ${leaks[0].referrer}`);
}

function noFaults(...fakes) {
  const faults = fakes.flatMap((one) => one.state.faults);
  if (faults.length) throw new Error(faults.join("\n"));
}

async function main() {
  let failed = await runChecks({ ...pure, ...dashboardPure }, {});
  const programs = installed();
  if (!programs) {
    console.log("SKIPPED: chromium or chromedriver is not installed; the browser tests did not run.");
    return failed;
  }
  const [inbox, card, dashboard, hostile] = [await startInbox(), await startCard(), await startDashboard(), await startDashboard({ hostile: true })];
  const browser = await startBrowser(programs);
  try {
    const stage = standIn(inbox);
    failed += await runChecks(checks, { stage, browser });
    failed += await runChecks({ "screenshots at two widths, light and dark": (t) => screenshots(t, folder) }, { stage, browser });
    failed += await runChecks(cardChecks, { stage: card, browser });
    failed += await runChecks(dashboardChecks, { stage: dashboard.act, browser });
    failed += await runChecks(hostileChecks, { stage: hostile.act, browser });
    failed += await runChecks({ "pictures of the dashboard": (t) => dashboardPictures(t, folder), "the dashboard asked nothing that its API does not have": () => noFaults(dashboard, hostile) }, { stage: dashboard.act, browser });
    failed += await runChecks({ "no request named the token in its referrer": () => noReferrer(inbox.act.requests()) }, { stage, browser });
  } finally {
    await browser.stop();
    for (const one of [inbox, card, dashboard, hostile]) one.stop();
  }
  return failed;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const failed = await main();
  console.log(failed ? `${failed} failed` : "all green");
  process.exit(failed ? 1 : 0);
}
