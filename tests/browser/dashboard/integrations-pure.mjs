// What of the pages of integrations needs no browser: forms made of tables, checks, previews, progress.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";

const FORMS = JSON.parse(readFileSync(new URL("../../fakes/dashboard/integration-forms.json", import.meta.url), "utf8"));
const shown = (more) => ({ source: {}, ...more });

export const integrationPure = (load) => ({
  async "a form has every setting of the table once, and asks first for what the connection needs"() {
    const { formFields, partsOf, settingsOf } = await load("pages/integration-form.js");
    for (const form of Object.values(FORMS)) {
      const { connection, mappings, others } = partsOf(form);
      const all = [...connection, ...mappings, ...others.flatMap(({ settings }) => settings)].map(({ path }) => path);
      assert.deepEqual([...all].sort(), settingsOf(form).map(({ path }) => path).sort());
      assert.equal(new Set(all).size, all.length);
      assert.ok(connection.every((one) => one.testable || one.secret) && connection.some((one) => one.required));
      for (const one of form.fields) assert.ok(all.some((path) => path === one.path || path.startsWith(`${one.path}.`)), one.path);
      const fields = formFields(settingsOf(form), shown({}));
      for (const field of fields) assert.ok(field.name && field.label && field.kind, JSON.stringify(field));
      for (const { name } of fields) assert.equal(fields.filter((one) => one.name === name).length, 1, name);
    }
  },
  async "a change sends only what changed: what is emptied is cleared, groups are merged, secrets that are empty stay"() {
    const { changesOf, heldOf, settingsOf, testOf } = await load("pages/integration-form.js");
    const settings = settingsOf(FORMS.kustomer);
    const integration = shown({
      organization_id: "org-d", subdomain: "acme", default_team_id: "t", default_priority: "high", features: { ticket_creation: true, customer_lookup: true, conversation_sync: true, auto_assignment: false }, team_routing: [{ tag: "vip", team_id: "t2" }], reply_channels: ["note", "chat"],
      field_mapping: { customerName: "attributes.name" }, rollout: { percent: 10, tag: null }, escalation: { phrases_on: false, phrases: { en: ["a human"] }, message: null }, debug: false, credentials: { api_key: { set: true, source: "business", last_chars: "…4f2c" }, webhook_secret: { set: true } },
      source: { organization_id: "deployment", subdomain: "business", default_team_id: "business", default_priority: "deployment", "features.conversation_sync": "default", debug: "default" },
    });
    const held = Object.fromEntries(settings.map((one) => [one.path, heldOf(one, integration)]));
    const changed = (more) => changesOf(settings, integration, { ...held, ...more });
    assert.deepEqual(changed({}), {});
    assert.equal(held.organization_id, "", "what is the deployment's is not the business's own");
    assert.deepEqual(changed({ subdomain: "", default_priority: "low", debug: "true", "features.auto_assignment": true, "rollout.percent": null }), { subdomain: null, default_priority: "low", debug: true, features: { auto_assignment: true }, rollout: { percent: null } });
    assert.deepEqual(changed({ reply_channels: [], team_routing: [{ channel: "sms", tag: "", team_id: "t3" }] }), { reply_channels: [], team_routing: [{ channel: "sms", team_id: "t3" }] });
    assert.deepEqual(changed({ "credentials.api_key": "new", "credentials.webhook_secret:forget": true }), { credentials: { api_key: "new", webhook_secret: null } });
    assert.deepEqual(changed({ "escalation.phrases": '{"en": []}', "escalation.message": "Hold on." }), { escalation: { phrases: { en: [] }, message: "Hold on." } });
    assert.throws(() => changed({ "escalation.phrases": "{" }), (error) => error.details[0].path === "escalation.phrases");
    assert.throws(() => changed({ field_mapping: [{ name: "tags", to: "a" }, { name: "tags", to: "b" }] }), /“tags” stands twice/);
    assert.deepEqual(testOf(settings, integration, { ...held, subdomain: "other", debug: "true" }), { subdomain: "other" });
  },
  async "a check is read in both of its shapes, what is wrong first and with what to do"() {
    const { checksOf, choicesOf } = await load("pages/integration-check.js");
    const roles = { success: true, roles: { present: ["a:read"], missing: [{ needed_for: "b:write", role: "org.b", turns_off: "B is not written." }], excess: ["org.admin"] }, teams: [{ id: "1", name: "Support" }], warnings: [{ code: "unknown_team", message: "There is no team x." }] };
    assert.deepEqual(checksOf(roles).map(({ kind, name }) => [kind, name]), [["warn", "b:write"], ["warn", "Settings"], ["good", "a:read"], ["off", "org.admin"]]);
    assert.match(checksOf(roles)[0].text, /Missing: org\.b\. B is not written\./);
    const checks = { success: false, base_url: "https://x", checks: [{ name: "token", ok: true, required: true, message: "It is known." }, { name: "global_view", ok: false, required: true, code: "view_permission", message: "Sees too little." }], choices: { pipelines: [{ id: "1", name: "P", stages: [{ id: "5", name: "Won" }] }], sources: [], types: [], users: [] } };
    assert.deepEqual(checksOf(checks).map(({ kind, name }) => [kind, name]), [["bad", "Global view"], ["good", "Token"]]);
    assert.match(checksOf(checks)[0].advice, /see everything/);
    assert.deepEqual(choicesOf(checks).map(([title]) => title), ["Pipelines", "Stages of P"]);
    assert.match(checksOf({ success: false, error: { code: "bad_key", message: "No." } })[0].advice, /Make a new key/);
  },
  async "a preview takes what the mapping's names mean to the connector, and tells what it has no field for"() {
    const { meaningOf, previewOf } = await load("pages/integration-mapping.js");
    const names = (connector) => FORMS[connector].fields.find(({ path }) => path === "field_mapping").customer_fields;
    const customer = { name: "Ann", email: null, phone: null, whatsapp_number: "+353", external_id: "C-1", tags: ["vip", "new"], custom_fields: { plan: "gold", seats: 3, "a.b": true } };
    const value = (connector, name) => previewOf(names(connector), [{ name, to: "x" }], customer)[0].value;
    for (const [name, expected] of [["customerName", "Ann"], ["customerEmail", ""], ["customerPhone", "+353"], ["tags", "vip, new"], ["externalId", "C-1"], ["custom_fields.plan", "gold"], ["custom_fields.seats", "3"], ["custom_fields.a.b", "true"], ["custom_fields.constructor", ""]]) assert.equal(value("kustomer", name), expected, name);
    for (const name of ["name", "custom_fields.", "constructor", ""]) assert.equal(meaningOf(names("kustomer"), name), null, name);
    assert.equal(value("krayin", "customerName"), "", "another connector knows other names");
    assert.equal(value("krayin", "plan"), "gold");
  },
  async "the progress of a backfill is told in words, and whether somebody has to continue it"() {
    const { isLeft, progressText } = await load("pages/integration-backfill.js");
    const of = (more) => ({ scheduled: 500, done: 400, failed: 1, waiting: 99, total: 1200, finished: false, ...more });
    assert.equal(progressText(of({})), "400 of 1,200 done, 99 wait, 700 not scheduled yet, 1 failed");
    assert.equal(progressText(of({ scheduled: 1200, done: 1200, failed: 0, waiting: 0, finished: true })), "Finished, 1,200 of 1,200 done");
    assert.deepEqual([{}, { scheduled: 1200 }, { scheduled: 1200, waiting: 0 }, { scheduled: 1200, finished: true, waiting: 0 }].map((more) => isLeft(of(more))), [true, false, true, false]);
  },
});
