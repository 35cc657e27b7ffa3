// The check of a connection: what the CRM says of each permission and of what the settings name. Connectors answer in shapes of
// their own; what they have in common is read here.

import { el, fill, named } from "../../dom.js";
import { label } from "../../format.js";
import { table } from "../lists.js";
import { failure, light, note, prose } from "../ui.js";
import { adviceOf, advised } from "./integration-state.js";

const bad = (name, { code, message }, kind = "bad") => ({ kind, name, text: message, code, advice: adviceOf(code) });

/** What was checked, one line each: { kind, name, text, code, advice }; what is wrong comes first. */
export function checksOf(answer) {
  const { error, teams_error, warnings = [], roles, checks = [] } = answer;
  const lines = [
    error && bad("Connection", error),
    ...checks.map((one) => ({ kind: one.ok ? "good" : one.required ? "bad" : "warn", name: label(one.name), text: one.message, code: one.code, advice: one.ok ? null : adviceOf(one.code) })),
    ...(roles?.missing ?? []).map(({ needed_for, role, turns_off }) => ({ kind: "warn", name: needed_for, text: `Missing: ${role}. ${turns_off}`, advice: adviceOf("missing_role") })),
    ...warnings.map((one) => bad("Settings", one, "warn")),
    teams_error && bad("Teams", teams_error, "warn"),
    ...(roles?.present ?? []).map((name) => ({ kind: "good", name, text: "The key has it." })),
    ...(roles?.excess ?? []).map((name) => ({ kind: "off", name, text: "Nothing needs it. A key with less can do less harm." })),
  ].filter(Boolean);
  const order = ["bad", "warn", "good", "off"];
  return lines.sort((a, b) => order.indexOf(a.kind) - order.indexOf(b.kind));
}

/** What the settings can name: [title, [{ id, name }]]. */
export function choicesOf({ teams, choices = {} }) {
  const { pipelines = [], ...lists } = choices ?? {};
  const stages = pipelines.map((one) => [`Stages of ${one.name}`, one.stages]);
  return [["Teams", teams], ["Pipelines", pipelines], ...stages, ...Object.entries(lists).map(([name, list]) => [label(name), list])].filter(([, list]) => list?.length > 0);
}

const LIGHTS = { good: "Holds", warn: "Look at it", bad: "Does not hold", off: "Not needed" };

function resultOf(answer) {
  const lines = checksOf(answer);
  const missing = lines.filter(({ kind }) => kind === "warn").length;
  const who = answer.connection?.user?.name ?? answer.user?.name;
  const works = missing > 0 ? note([el("strong", null, "It works, but not all of it. "), `${missing} of ${lines.length} want a look.`], "warn") : note([el("strong", null, "It works. "), who ? ["The key is ", named(who), "’s."] : ""], "good");
  return [
    el("h3", null, "Check"), answer.success ? works : note([el("strong", null, "It does not work yet. "), "Mend what does not hold, then check again."], "bad"),
    lines.length > 0 && table("What was checked", [
      { title: "Check", cell: ({ name }) => named(name) },
      { title: "Result", cell: ({ kind }) => light(kind, LIGHTS[kind]) },
      { title: "What it means", cell: ({ text, code, advice }) => [el("bdi", { dir: "auto" }, prose(text)), code && [" ", el("code", { class: "faint", dir: "ltr" }, code)], advice && el("span", { class: "sub" }, advice)] },
    ], lines),
    choicesOf(answer).map(([title, list]) => el("details", null, el("summary", null, `${title}: ids for the settings`), table(title, [{ title: "Name", cell: ({ name }) => named(name ?? "") }, { title: "Id", cell: ({ id }) => el("code", { dir: "ltr" }, id) }], list))),
  ];
}

/** Checks with what is stored, and with `changes` in its place; shows in the box what came of it. */
export async function check(app, path, box, changes) {
  fill(box, el("p", { class: "faint" }, "Asking the CRM…"));
  try {
    fill(box, resultOf(await app.api.post(`${path}/test`, changes ?? {}, { signal: app.signal })));
  } catch (error) {
    if (!app.signal.aborted) fill(box, failure(advised(error)));
  }
  box.scrollIntoView({ block: "nearest" });
}
