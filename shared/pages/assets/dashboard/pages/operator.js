// For whoever runs the deployment: how it stands, its businesses, what failed, and its secrets.

import { byId, el } from "../../dom.js";
import { pathOf } from "../address.js";
import { createApi } from "../api.js";
import { form } from "../forms.js";
import { button, empty, note, pageHead, tabs } from "../ui.js";

const VIEWS = [
  ["", "Overview", "How the deployment stands.", () => import("./operator-overview.js")],
  ["businesses", "Businesses", "Who uses the deployment, how much, and how much they may.", () => import("./operator-businesses.js")],
  ["parked", "Parked deliveries", "What providers delivered while the database was down, and failed since.", () => import("./operator-parked.js")],
  ["secrets", "Secrets", "Sealing what is stored under the present master key.", () => import("./operator-secrets.js")],
];

/** The calls of who is in, or null. It is here alone, so that it is gone with the page. */
let known = null;
/** Whether somebody was in whose token is not taken any more. */
let isOver = false;

export async function show(app) {
  if (!known) return signIn(app);
  // A page has an object of its own: nothing of the operator's reaches another.
  app.api = known;
  app.against = () => null;
  const [name = "", id] = app.rest;
  const view = VIEWS.find(([one]) => one === name);
  const frame = (title, text) => [
    pageHead(title, text, button("Sign out", () => leave(app), { glyph: "out" })),
    tabs("The deployment", VIEWS.map(([one, words]) => [words, pathOf("operator", one), one === name])),
  ];
  if (!view) return [frame("Operator"), empty("There is no such view", "Choose one of those above.")];
  const [, title, text, load] = view;
  app.name(`${title}, operator`);
  const module = await load();
  return id && module.one ? module.one(app, id, frame) : [frame("Operator", text), await module.show(app)];
}

function leave(app) {
  known = null;
  void afresh(app);
}

// The form is gone, or has come: who works with the keyboard begins at the top.
async function afresh(app) {
  await app.reload();
  byId("main").focus({ preventScroll: true });
}

/** Lets in whoever has these calls, once they were taken. Another way to sign in makes other calls, and ends here as well. */
async function enter(app, api) {
  await api.get("/api/operator/overview", null, { signal: app.signal });
  known = api;
  isOver = false;
  await afresh(app);
}

/** The calls with a token, which end when it is refused. */
function withToken(app, token) {
  const api = createApi(() => {
    if (known !== api) return;
    isOver = true;
    leave(app);
  }, { token });
  return api;
}

function signIn(app) {
  app.name("Operator");
  const wrong = { path: "token", rule: "token" };
  return [el("div", { class: "sign-in panel" }, el("h1", null, "Operator"),
    isOver && el("div", { role: "alert" }, note("The platform token is not taken any more.", "bad")),
    el("p", null, "For whoever runs this deployment. Its platform token is what ", el("code", null, "PLATFORM_TOKEN"), " holds."),
    form({
      label: "Sign in",
      fields: [{ name: "token", label: "Platform token", kind: "secret", required: true, help: "It stays in the memory of this page: it is not stored, it stands in no address, and it is gone when you reload or close the page." }],
      async submit({ token }) {
        // What no header can carry is none.
        if (!/^[!-~]+$/.test(token)) throw Object.assign(new Error("This is no token."), { details: [wrong] });
        try {
          await enter(app, withToken(app, token));
        } catch (error) {
          if (app.signal.aborted) return;
          if (error.status === 401) error.details = [wrong];
          throw error;
        }
      },
    }),
    el("p", { class: "faint" }, "Are you a member of a business? ", el("a", { href: pathOf() }, "Go to its dashboard"), "."))];
}
