// The records behind CRM links, and the questions about them.

import assert from "node:assert/strict";
import test from "node:test";
import { factsOf, questions, records, SHAPES } from "../links/data.mjs";
import { PARAPHRASES } from "../links/paraphrases.mjs";
import { phoneAs } from "../links/people.mjs";

const everything = () => Object.keys(SHAPES).flatMap((shape) => records(shape, 100));
const all = everything();
const asked = questions(all);
const byId = new Map(all.map((record) => [factsOf(record).id, factsOf(record)]));
const ofKind = (kind) => asked.filter((question) => question.kind === kind);

test("there are more than a thousand records in eleven shapes, each with an id of its own", () => {
  assert.deepEqual([Object.keys(SHAPES).length, all.length, byId.size], [11, 1100, 1100]);
});

test("the same seed makes the same records and questions, another one others", () => {
  assert.deepEqual(everything(), all);
  assert.deepEqual(questions(everything()), asked);
  assert.notDeepEqual(records("customers", 5, 2), records("customers", 5, 1));
});

test("more records begin with the same people", () => {
  const emails = (count) => records("customers", count).map(({ email }) => email);
  assert.deepEqual(emails(20).slice(0, 10), emails(10));
});

test("there are at least 150 questions, of each kind, and all answers exist", () => {
  assert.ok(asked.length >= 150, String(asked.length));
  for (const kind of ["name", "id", "email", "phone", "typo", "paraphrase"]) assert.ok(ofKind(kind).length >= 10, kind);
  assert.ok(ofKind("paraphrase").length >= 60);
  for (const { query, expected } of asked) assert.ok(expected.length >= 1 && expected.every((id) => byId.has(id)), query);
});

test("a phone number is asked for in a form that its record does not have", () => {
  for (const { query, expected: [id] } of ofKind("phone")) {
    const { phone, form } = byId.get(id);
    assert.ok(!query.endsWith(` ${phoneAs(phone, form)}`) && query !== phoneAs(phone, form), query);
    assert.equal(query.replace(/\D/g, "").slice(-7), phone.national.slice(-7));
  }
});

test("a typo is no name of anybody asked for", () => {
  for (const { query, expected } of ofKind("typo")) assert.ok(expected.every((id) => byId.get(id).name !== query), query);
});

test("a paraphrase shares hardly a word with what it asks for", () => {
  const common = new Set("the for and with not what who how does have has been from when that them they his her are was all one once into our your you".split(" "));
  const words = (text) => new Set(text.toLowerCase().match(/\p{L}{3,}/gu).filter((word) => !common.has(word)));
  for (const [, sentence, query] of PARAPHRASES) {
    const said = words(sentence);
    const shared = [...words(query)].filter((word) => said.has(word));
    assert.ok(shared.length <= 1, `${query}: ${shared}`);
  }
});

test("each sentence of the table is said by one record", () => {
  for (const [, sentence] of PARAPHRASES) assert.equal(all.filter((record) => factsOf(record).note.includes(sentence)).length, 1, sentence);
});

test("one person can stand in several shapes", () => {
  const emails = (shape) => records(shape, 5, 1, { isShared: true }).map((record) => factsOf(record).email);
  assert.deepEqual(emails("customers"), emails("shopify_orders"));
  assert.notDeepEqual(records("customers", 5).map(({ email }) => email), records("shopify_orders", 5).map(({ email }) => email));
});
