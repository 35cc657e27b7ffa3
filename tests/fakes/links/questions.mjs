// Questions about records, each with the ids of the records that answer it.

import { factsOf } from "./data.mjs";
import { PARAPHRASES } from "./paraphrases.mjs";
import { PHONE_FORMS, phoneAs, randomOf } from "./people.mjs";

const EACH = { name: 30, id: 25, email: 10, phone: 25, typo: 40 };
const ASKED = {
  name: ["{}", "what do we know about {}", "anything open for {}?", "{} record"],
  id: ["{}", "where is {}", "status of {}", "look up {}"],
  phone: ["{}", "who calls from {}", "missed call from {}"],
};

/** A word with one slip: two letters swapped, one left out, one doubled, one beside it on the keyboard. */
function slipped(word, random) {
  const at = 1 + random.below(Math.max(1, word.length - 2));
  const [before, letter, after] = [word.slice(0, at), word[at], word.slice(at + 1)];
  const slips = [
    () => before + (after[0] ?? "") + letter + after.slice(1),
    () => before + after,
    () => before + letter + letter + after,
    () => before + (BESIDE[letter] ?? "e") + after,
  ];
  const made = random.pick(slips)();
  return made === word ? before + letter + letter + after : made;
}
const BESIDE = { a: "s", e: "r", i: "o", o: "p", n: "m", r: "t", s: "d", t: "y", l: "k", c: "v", d: "f", g: "h", h: "j", u: "i", y: "t" };

function spread(list, count) {
  return list.length <= count ? list : Array.from({ length: count }, (_, at) => list[Math.floor(((at + 0.5) * list.length) / count)]);
}

/** Those of a list that no other has the same of, as [what, its ids]; `most` ids are few enough. */
function distinct(facts, what, most = 1) {
  const byValue = new Map();
  for (const fact of facts) {
    const value = what(fact);
    if (value !== undefined) byValue.set(value, [...(byValue.get(value) ?? []), fact]);
  }
  return [...byValue].filter(([, of]) => of.length <= most);
}

const idsOf = (facts) => facts.map(({ id }) => id);

/**
 * The questions: { kind, query, expected }, where `kind` is "name", "id", "email", "phone" (in another
 * form than the record has), "typo" or "paraphrase", and `expected` the ids, of which any is right. Over 1,000
 * records of all shapes there are 200 or more.
 */
export function questions(list, seed = 1) {
  const facts = list.map(factsOf);
  const random = randomOf("questions", seed);
  const asked = (kind, value) => random.pick(ASKED[kind]).replace("{}", value);
  const made = [];
  const add = (kind, query, expected) => void made.push({ kind, query, expected });

  const people = distinct(facts, ({ name }) => name, 3);
  for (const [name, of] of spread(people, EACH.name)) add("name", asked("name", name), idsOf(of));
  for (const [id, of] of spread(distinct(facts, ({ id }) => id), EACH.id)) add("id", asked("id", id), idsOf(of));
  for (const [email, of] of spread(distinct(facts, (fact) => fact.email), EACH.email)) add("email", email, idsOf(of));
  const phones = distinct(facts, ({ phone }) => phone && phoneAs(phone, "e164"));
  for (const [, of] of spread(phones, EACH.phone)) {
    const [{ phone, form }] = of;
    const stored = phoneAs(phone, form);
    const other = random.pick(PHONE_FORMS.filter((name) => phoneAs(phone, name) !== stored));
    add("phone", asked("phone", phoneAs(phone, other)), idsOf(of));
  }
  for (const [name, of] of spread(people.slice().reverse(), EACH.typo)) {
    const [first, ...rest] = name.split(" ");
    const last = rest.join(" ");
    add("typo", random.below(2) ? `${slipped(first, random)} ${last}` : `${first} ${slipped(last, random)}`, idsOf(of));
  }
  for (const [, sentence, query] of PARAPHRASES) {
    const of = facts.filter(({ note }) => note.includes(sentence));
    if (of.length > 0) add("paraphrase", query, idsOf(of));
  }
  return made;
}
