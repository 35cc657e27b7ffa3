// Settings of the business, one view each.

import { pathOf } from "../address.js";
import { empty, pageHead, tabs } from "../ui.js";

const VIEWS = [
  ["members", "Members", "Who signs in, and what they may do.", () => import("./members.js")],
  ["sessions", "Sessions", "Who is signed in.", () => import("./sessions.js")],
  ["single-sign-on", "Single sign-on", "How members sign in with the accounts of your company.", () => import("./single-sign-on.js")],
  ["inbox", "Embedded inbox", "Where the inbox may be shown, and how it is opened.", () => import("./inbox-settings.js")],
  ["retention", "Retention", "For how long what is no conversation is kept.", () => import("./retention.js")],
  ["quotas", "Quotas", "How much the business may have, and has.", () => import("./quotas.js")],
  ["audit", "Audit log", "Who changed what, and from where.", () => import("./audit.js")],
];

export async function show(app) {
  const [name = "members"] = app.rest;
  const view = VIEWS.find(([one]) => one === name);
  const links = tabs("Settings", VIEWS.map(([one, title]) => [title, pathOf("settings", one), one === name]));
  if (!view) return [pageHead("Settings"), links, empty("There is no such view", "Choose one of those above.")];
  const [, title, text, load] = view;
  app.name(`${title}, settings`);
  const { show: content } = await load();
  return [pageHead("Settings", text), links, await content(app)];
}
