// What went wrong and whether it lasts; what is watched; and who is told.

import { openDialog } from "../../dialog.js";
import { el, fill, named, toast } from "../../dom.js";
import { busy } from "../acts.js";
import { pathOf } from "../address.js";
import { orElse } from "../api.js";
import { paged, pagedList, table } from "../lists.js";
import { button, empty, facts, light, linkButton, note, pageHead, tabs, when } from "../ui.js";
import { causeName, objectPath, severityLight } from "./alerts-words.js";

const VIEWS = [
  ["", "Alerts", "What went wrong: one alert for each cause while it lasts.", listing],
  ["rules", "Rules", "What is watched, from when on it counts, and when people are left alone.", async (app) => (await import("./alerts-rules.js")).show(app)],
  ["destinations", "Who is told", "Where alerts go: email, chat, and your own endpoints.", async (app) => (await import("./alerts-destinations.js")).show(app)],
];
const TOLD = { pending: ["warn", "Waits"], sent: ["good", "Told"], failed: ["bad", "Could not be told"], skipped: ["off", "Not needed"] };

export async function show(app) {
  const [name = ""] = app.rest;
  const view = VIEWS.find(([one]) => one === name);
  const links = tabs("Parts of alerts", VIEWS.map(([one, title]) => [title, pathOf("alerts", one), one === name]));
  if (!view) return [pageHead("Alerts"), links, empty("There is no such view", "Choose one of those above.")];
  const [, title, text, content] = view;
  if (name) app.name(`${title}, alerts`);
  return [pageHead("Alerts", text), links, await content(app)];
}

async function listing(app) {
  const against = app.against("agent");
  const people = createPeople(app);
  const toDestinations = () => linkButton("Say who is told", pathOf("alerts", "destinations"), "primary");
  const list = pagedList(app, {
    label: "Alerts",
    filters: [{ name: "state", label: "State", options: [["", "All"], ["open", "Open"], ["resolved", "Over"]] }],
    async load({ state }, cursor) {
      const page = paged(await app.api.get("alerts", { state, cursor, limit: 50 }, { signal: app.signal }), "alerts");
      await people.meet(page.rows);
      return page;
    },
    none: (isFiltered) => (isFiltered ? empty("None of these", "No alert is in this state. Choose another.") : empty("Nothing was raised", "Connections, queues, endpoints, accounts and links are watched without being set up. Say who is told when something goes wrong.", toDestinations())),
    open: (alert) => details(alert, people),
    columns: [
      { title: "What", cell: (alert) => [el("button", { type: "button", class: "link-button", click: () => details(alert, people) }, causeName(alert.cause)), el("span", { class: "sub", dir: "auto" }, alert.summary)] },
      { title: "Of what", cell: objectOf },
      { title: "State", cell: (alert) => [stateOf(alert), alert.ended_at && el("span", { class: "sub" }, "since ", when(alert.ended_at))] },
      { title: "Began", cell: ({ began_at }) => when(began_at) },
      { title: "Told", cell: toldOf },
      { title: "", kind: "acts", cell: (alert) => care(app, alert, people, against) },
    ],
  });
  const [found] = await Promise.all([orElse(app.api.get("alerts/destinations", null, { signal: app.signal })), list.ready]);
  const isNobodyTold = found?.destinations.length === 0;
  return [isNobodyTold && el("div", { class: "acts" }, note("Nobody is told of alerts by email or chat yet.", "warn"), toDestinations()), list];
}

function objectOf(alert) {
  const href = objectPath(alert);
  return href ? el("a", { href }, named(alert.object.name)) : named(alert.object.name);
}

const stateOf = (alert) => (alert.status === "open" ? severityLight(alert.severity) : light("off", "Over"));

function toldOf({ notifications }) {
  const told = notifications.filter(({ event }) => event === "raised");
  const failed = told.filter(({ status }) => status === "failed").length;
  if (told.length === 0) return el("span", { class: "faint" }, "nobody");
  const sent = told.filter(({ status }) => status === "sent").length;
  return [`${sent} of ${told.length}`, failed > 0 && el("span", { class: "sub" }, light("bad", `${failed} failed`))];
}

/** Who took care of it, or the button for that; it changes in its place, so that the list stays where it is. */
function care(app, alert, people, against) {
  const box = el("div");
  const draw = () => fill(box, alert.acknowledged_at ? el("span", { class: "faint" }, "Taken care of by ", named(people.nameOf(alert.acknowledged_by)), ", ", when(alert.acknowledged_at))
    : alert.status === "open" && button("Acknowledge", (event) => busy(event, async () => {
      const { alert: now } = await app.api.post(`alerts/${encodeURIComponent(alert.id)}/acknowledge`);
      Object.assign(alert, now);
      await people.meet([alert]);
      draw();
      toast("Others see that you take care of it.");
    }), { against }));
  draw();
  return box;
}

/** The names of those who acknowledged. They are asked for once there are some. */
function createPeople(app) {
  let members = null;
  const me = app.me.member?.id;
  const isKnown = (id) => !id || id === me || members;
  return {
    async meet(alerts) {
      if (alerts.every(({ acknowledged_by }) => isKnown(acknowledged_by))) return;
      members = (await orElse(app.api.get("members", { limit: 100 }, { signal: app.signal })))?.members ?? [];
    },
    nameOf(id) {
      if (id === me) return "you";
      const member = members?.find((one) => one.id === id);
      return member ? member.name || member.email : `key ${id}`;
    },
  };
}

function details(alert, people) {
  openDialog(causeName(alert.cause), [
    el("p", { dir: "auto" }, alert.summary),
    facts([
      ["Of what", objectOf(alert)], ["State", stateOf(alert)], ["Began", when(alert.began_at)], ["Raised", when(alert.raised_at)], ["Ended", alert.ended_at && when(alert.ended_at)],
      ["Taken care of", alert.acknowledged_at && ["by ", named(people.nameOf(alert.acknowledged_by)), ", ", when(alert.acknowledged_at)]],
    ]),
    el("h3", null, "Who was told"),
    alert.notifications.length === 0 ? el("p", { class: "faint" }, "Nobody. Endpoints that take alert events got theirs, if there are some.") : table("Who was told", [
      { title: "Whom", cell: ({ destination }) => (destination === null ? el("span", { class: "faint" }, "removed since") : named(destination)) },
      { title: "Of", cell: ({ event }) => (event === "raised" ? "the beginning" : "the end") },
      { title: "State", cell: ({ status, error, next_attempt_at }) => [light(...(TOLD[status] ?? ["off", status])), error && el("span", { class: "sub", dir: "auto" }, error), status === "pending" && next_attempt_at && el("span", { class: "sub" }, "next ", when(next_attempt_at))] },
      { title: "Tries", kind: "num", cell: ({ attempts }) => attempts.toLocaleString() },
      { title: "When", cell: ({ sent_at }) => when(sent_at, "–") },
    ], alert.notifications),
  ], { wide: true });
}
