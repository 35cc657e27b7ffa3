use common::db::DbError;
use common::time::SECOND;
use embed_crm_card::handler::handle;
use serde_json::{Value, json};
use testkit::{Answer, CUSTOMER_ID, Failure, Stack, Tenant};

/// An account with a card, whose contact 46 is a customer with a person and a lead.
struct Desk {
    stack: Stack,
    tenant: Tenant,
    channel: String,
    token: String,
}

impl Desk {
    fn new() -> Self {
        let (stack, tenant) = Stack::with_tenant();
        let (channel, token) = stack.card(&tenant);
        stack.customer(&tenant, "{}");
        stack
            .db
            .sql("UPDATE customers SET name = 'Ada <b>Byrne</b>'");
        let desk = Self {
            stack,
            tenant,
            channel,
            token,
        };
        desk.contact("46", &format!("'{CUSTOMER_ID}'"), "NULL");
        desk
    }

    fn contact(&self, id: &str, customer: &str, merged_into: &str) {
        self.stack.db.sql(&format!(
            "INSERT INTO source_contacts (business_id, channel_id, remote_id, customer_id, merged_into, updated_at)
             VALUES ('{}', '{}', '{id}', {customer}, {merged_into}, 0)",
            self.tenant.business_id, self.channel
        ));
    }

    fn connection(&self, connector: &str, settings: &Value) {
        self.stack.db.sql(&format!(
            "INSERT INTO integrations (business_id, connector, status, settings, created_at, updated_at)
             VALUES ('{}', '{connector}', 'active', '{settings}', 0, 0)",
            self.tenant.business_id
        ));
    }

    fn job(&self, connector: &str, key: &str, state: &str, more: (&str, &str)) {
        let (kind, subject) = key.split_once(':').unwrap();
        self.stack.db.sql(&format!(
            "INSERT INTO crm_jobs (business_id, connector, key, id, stream, kind, subject, state, ordered_at,
               created_at, updated_at, error)
             VALUES ('{}', '{connector}', '{key}', '{connector}{key}', '{CUSTOMER_ID}', '{kind}', '{subject}',
               '{state}', 0, 0, {}, {})",
            self.tenant.business_id, more.0, more.1
        ));
    }

    fn krayin(&self) {
        self.connection(
            "krayin",
            &json!({ "api_url": "https://crm.example.com/public/api/v1" }),
        );
        self.stack
            .db
            .sql("UPDATE customers SET crm_ids = 'krayin:person:1|krayin:lead:2|gone:person:9'");
    }

    fn ask(&self, token: &str, contact: &str) -> Answer {
        self.stack
            .call("embed-crm-card", "POST", "/embed/api/crm-card")
            .json(&json!({ "token": token, "contact_id": contact }))
            .send(handle)
    }

    fn card(&self, contact: &str) -> Value {
        let answer = self.ask(&self.token, contact);
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json
    }

    fn is_over(&self) {
        let refused = self.ask(&self.token, "46");
        assert_eq!(refused.refusal(), (401, "invalid_token"));
        assert!(!refused.text().contains("Ada"));
    }
}

#[test]
fn crm_card_get_answers_who_a_contact_is_and_which_records_of_crms() {
    let desk = Desk::new();
    desk.krayin();
    desk.job("krayin", "customer:1", "done", ("1767322800000000", "NULL"));
    assert_eq!(
        desk.card("46"),
        json!({
            "customer": { "id": CUSTOMER_ID, "name": "Ada <b>Byrne</b>" },
            "crms": [{
                "connector": "krayin", "state": "synced", "stage": null, "waiting": 0, "failed": 0,
                "synced_at": "2026-01-02T03:00:00.000000Z", "error": null,
                "records": [
                    { "kind": "person", "id": "1", "url": "https://crm.example.com/public/admin/contacts/persons/view/1" },
                    { "kind": "lead", "id": "2", "url": "https://crm.example.com/public/admin/leads/view/2" },
                ],
            }],
        })
    );
    let answer = desk.ask(&desk.token, "46");
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert_eq!(answer.header("access-control-allow-origin"), None);
    assert!(!answer.log.to_string().contains(&desk.token));
}

#[test]
fn a_card_says_at_which_stage_the_lead_is() {
    let desk = Desk::new();
    desk.krayin();
    desk.stack.db.sql(&format!(
        "INSERT INTO crm_links (business_id, connector, kind, local_id, remote_id, fingerprint, created_at, updated_at)
         VALUES ('{}', 'krayin', 'stage', '{CUSTOMER_ID}', '{CUSTOMER_ID}', 'Prospect', 0, 0)",
        desk.tenant.business_id
    ));
    assert_eq!(desk.card("46")["crms"][0]["stage"], "Prospect");
}

#[test]
fn a_card_says_what_waits_what_failed_and_that_a_crm_is_left_alone() {
    let desk = Desk::new();
    desk.krayin();
    let state = || {
        let crm = desk.card("46")["crms"][0].clone();
        (crm["state"].clone(), crm["error"]["message"].clone())
    };
    desk.job("krayin", "message:1", "waiting", ("5", "NULL"));
    assert_eq!(state(), ("waiting".into(), Value::Null));
    let error = |message: &str| format!(r#"'{{"code":"invalid","message":"{message}"}}'"#);
    desk.job("krayin", "message:2", "failed", ("6", &error("First.")));
    desk.job("krayin", "message:3", "failed", ("7", &error("Last.")));
    assert_eq!(state(), ("failed".into(), "Last.".into()));
    assert_eq!(desk.card("46")["crms"][0]["failed"], 2);
    let until = desk.stack.now().plus(SECOND).micros();
    desk.stack
        .db
        .sql(&format!("UPDATE integrations SET broken_until = {until}"));
    assert_eq!(state().0, "paused");
    desk.stack.advance(2 * SECOND);
    assert_eq!(state().0, "failed");
}

#[test]
fn a_link_is_shown_where_a_crm_prints_no_ids_and_a_source_is_no_crm() {
    let desk = Desk::new();
    desk.connection("kustomer", &json!({ "subdomain": "acme" }));
    desk.connection("chatwoot", &json!({}));
    assert_eq!(desk.card("46")["crms"][0]["state"], "none");
    desk.stack.db.sql(&format!(
        "INSERT INTO crm_links (business_id, connector, kind, local_id, remote_id, created_at, updated_at)
         VALUES ('{}', 'kustomer', 'customer', '{CUSTOMER_ID}', '65f0', 0, 0)",
        desk.tenant.business_id
    ));
    let crms = desk.card("46")["crms"].clone();
    assert_eq!(crms.as_array().unwrap().len(), 1);
    assert_eq!(
        crms[0]["records"],
        json!([{ "kind": "customer", "id": "65f0", "url": "https://acme.kustomerapp.com/app/customers/65f0" }])
    );
    assert_eq!(crms[0]["state"], "synced");
}

#[test]
fn a_contact_is_found_behind_a_merge_and_by_the_id_it_was_imported_with() {
    let desk = Desk::new();
    desk.contact("47", "NULL", "'46'");
    assert_eq!(desk.card("47")["customer"]["id"], CUSTOMER_ID);
    desk.stack.db.sql(&format!(
        "INSERT INTO identities (business_id, kind, value, system, customer_id)
         VALUES ('{}', 'external_id', '48', 'chatwoot', '{CUSTOMER_ID}'),
           ('{}', 'external_id', '49', 'other', '{CUSTOMER_ID}')",
        desk.tenant.business_id, desk.tenant.business_id
    ));
    assert_eq!(desk.card("48")["customer"]["id"], CUSTOMER_ID);
    for unknown in ["49", "4", "' OR 1 --"] {
        assert_eq!(desk.card(unknown), json!({ "customer": null, "crms": [] }));
    }
    desk.stack.db.sql("UPDATE customers SET erased_at = 1");
    assert_eq!(desk.card("46")["customer"], Value::Null);
}

#[test]
fn a_forged_context_reaches_no_contact_of_another_account() {
    let desk = Desk::new();
    // The same contact's id, of another account of the business and of another business's.
    let (theirs, their_token) = desk.stack.card(&desk.tenant);
    let other = desk.stack.tenant("Other");
    let (_, other_token) = desk.stack.card(&other);
    assert_ne!(theirs, desk.channel);
    for token in [&their_token, &other_token] {
        let answer = desk.ask(token, "46");
        assert_eq!(answer.json, json!({ "customer": null, "crms": [] }));
    }
}

#[test]
fn crm_card_get_refuses_callers_whose_token_is_not_the_cards() {
    let desk = Desk::new();
    let inbox = desk.stack.inbox_token(&desk.tenant, None, None).token;
    let session = desk.stack.session(&desk.tenant);
    let altered = format!("{}A", desk.token);
    for token in [
        "x",
        "a.b.c",
        &inbox,
        &session,
        &altered,
        &desk.tenant.admin_key,
    ] {
        assert_eq!(desk.ask(token, "46").refusal(), (401, "invalid_token"));
    }
    desk.stack.advance(3600 * SECOND);
    desk.is_over();
}

#[test]
fn a_card_ends_with_its_account_with_its_switch_and_with_another_token() {
    for change in [
        "UPDATE channels SET deleted_at = 1",
        "UPDATE channels SET status = 'disabled'",
        "UPDATE channels SET verification = 'pending'",
        "UPDATE channels SET settings = json_set(settings, '$.crm_card', 'false')",
        "UPDATE channels SET settings = json_remove(settings, '$.crm_card')",
        "UPDATE channels SET settings = json_set(settings, '$.card_token_id', 'another')",
    ] {
        let desk = Desk::new();
        desk.card("46");
        desk.stack.db.sql(change);
        desk.is_over();
    }
}

#[test]
fn a_card_is_over_once_its_token_or_all_tokens_are_revoked() {
    for revocation in ["token", "all"] {
        let desk = Desk::new();
        desk.card("46");
        let channel = format!(
            "SELECT settings ->> 'card_token_id' FROM channels WHERE id = '{}'",
            desk.channel
        );
        let body = match revocation {
            "all" => json!({ "all": true }),
            _ => json!({ "token_id": desk.stack.db.value(&channel).into_text().unwrap() }),
        };
        let revoked = desk
            .stack
            .call("sso-token", "POST", "/api/dashboard/sso/revoke")
            .bearer(&desk.stack.session(&desk.tenant))
            .json(&body)
            .send(sso_token::handler::handle);
        assert_eq!(revoked.status, 200, "{}", revoked.text());
        desk.stack.advance(45 * SECOND);
        desk.is_over();
        // What is written of a revocation does not live as long as a card.
        desk.stack.db.sql("DELETE FROM sso_revocations");
        desk.is_over();
    }
}

#[test]
fn crm_card_get_refuses_invalid_input() {
    let desk = Desk::new();
    for (contact, rule) in [
        ("", "1_to_64_characters"),
        (&"1".repeat(65), "1_to_64_characters"),
    ] {
        let refused = desk.ask(&desk.token, contact);
        assert_eq!(
            (refused.status, refused.detail()),
            (422, ("contact_id", rule))
        );
    }
    let send = |body: &Value| {
        let call = desk
            .stack
            .call("embed-crm-card", "POST", "/embed/api/crm-card");
        call.json(body).send(handle)
    };
    let token = &desk.token;
    assert_eq!(send(&json!({ "token": token })).detail().0, "contact_id");
    assert_eq!(send(&json!({ "contact_id": "46" })).detail().0, "token");
    let more = json!({ "token": token, "contact_id": "46", "customer_id": CUSTOMER_ID });
    assert_eq!(send(&more).detail().0, "customer_id");
}

#[test]
fn no_database_is_no_card_and_no_refusal() {
    let desk = Desk::new();
    desk.card("46");
    let outage = DbError::Outage("Network connection lost".into());
    desk.stack.db.fail(Failure::Before(outage));
    assert_eq!(desk.ask(&desk.token, "46").status, 503);
}
