// The records behind the fakes of CRM links, and questions about them; all from a seed, so that two runs are alike.

import { noteOf } from "./notes.mjs";
import { PARAPHRASES } from "./paraphrases.mjs";
import { PHONE_FORMS, personOf, phoneAs, randomOf } from "./people.mjs";
import { SHAPES } from "./shapes.mjs";

export { questions } from "./questions.mjs";
export { SHAPES } from "./shapes.mjs";

/** What there is to know of a record that `records` made. */
const known = new WeakMap();
const MIDNIGHT = Date.UTC(2026, 0, 5);
const names = Object.keys(SHAPES);

/** What a shape says once and in which words: those of its group, shared out among the shapes that have it. */
function sentencesOf(shape) {
  const { group } = SHAPES[shape];
  const alike = names.filter((name) => SHAPES[name].group === group);
  return PARAPHRASES.filter(([of]) => of === group).filter((_, at) => at % alike.length === alike.indexOf(shape));
}

/** One record of a shape; `version` above 0 is the same record with another note. */
export function recordOf(shape, number, seed, { special, isShared = false, version = 0 } = {}) {
  const { group, make, key, isPersonal } = SHAPES[shape];
  const random = randomOf(shape, seed, number);
  const person = personOf(seed, isShared ? number : number + names.indexOf(shape) * 100_000);
  const form = random.pick(PHONE_FORMS);
  const ordinary = noteOf(group, randomOf("note", shape, seed, number, version).pick);
  const note = special ? `${ordinary.split(/(?<=\.) /)[0]} ${special}` : ordinary;
  const at = MIDNIGHT + number * 61_000;
  const record = make({ number, person, phone: phoneAs(person.phone, form), note, random, at });
  const hasPhone = JSON.stringify(record).includes(JSON.stringify(phoneAs(person.phone, form)).slice(1, -1));
  known.set(record, { shape, id: String(record[key]), note, title: record.name ?? record.title, ...(isPersonal && { name: person.name, email: person.email, ...(hasPhone && { phone: person.phone, form }) }) });
  return record;
}

/**
 * `n` records of a shape, one of SHAPES. Each sentence of the table of paraphrases that falls to the
 * shape is said by one of them. Nobody stands in two shapes, unless `isShared`: then the person of a
 * number is the same in each.
 */
export function records(shape, n, seed = 1, { isShared = false } = {}) {
  if (!SHAPES[shape]) throw new Error(`unknown shape ${shape}; there are ${names.join(", ")}`);
  const said = new Map(sentencesOf(shape).map(([, sentence], at, all) => [Math.floor(((at + 0.5) * n) / all.length), sentence]));
  return Array.from({ length: n }, (_, number) => recordOf(shape, number, seed, { special: said.get(number), isShared }));
}

/** { shape, id, note, name, email, phone, form } of a record that was made here. */
export function factsOf(record) {
  const facts = known.get(record);
  if (!facts) throw new Error("the record was not made by records()");
  return facts;
}
