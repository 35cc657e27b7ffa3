//! Assignment in the inbox that a member opened from the dashboard.

use super::{events, handle, stack};
use common::db::Value;
use common::http::Role;
use common::time::SECOND;
use serde_json::{Value as Json, json};
use testkit::{Answer, SignedIn, Stack};

fn assign(stack: &Stack, token: &str, id: &str, assignee: &Json) -> Answer {
    let body = json!({"conversation_id": id, "assignee": assignee});
    let call = stack.call("conversations", "PATCH", "/embed/api/conversation");
    call.bearer(token).json(&body).send(handle)
}

fn address(stack: &Stack, member: &SignedIn) -> String {
    let sql = format!(
        "SELECT email FROM members WHERE id = '{}'",
        member.member_id
    );
    stack.db.value(&sql).into_text().unwrap()
}

#[test]
fn a_member_assigns_to_a_member_by_id_or_address_and_it_is_told_as_of_the_api() {
    let (stack, tenant, id) = stack();
    let [agent, owner] = [Role::Agent, Role::Owner].map(|role| stack.member(&tenant, role));
    let token = stack.member_inbox(&agent);
    let (mine, theirs) = (address(&stack, &agent), address(&stack, &owner));
    let shouted = format!(" {} ", theirs.to_uppercase());
    for (given, stored) in [
        (json!(agent.member_id), json!(mine)),
        (json!(shouted), json!(theirs)),
        (Json::Null, Json::Null),
    ] {
        let answer = assign(&stack, &token, &id, &given);
        assert_eq!(answer.status, 200, "{}", answer.text());
        assert_eq!(answer.json["conversation"]["assignee"], stored);
    }
    let told = |to: Json, from: Json| {
        let detail = format!("{{\"assignee\":{to},\"previous_assignee\":{from}}}");
        format!("conversation.assigned {detail}")
    };
    let expected = [
        told(json!(mine), Json::Null),
        told(json!(theirs), json!(mine)),
        told(Json::Null, json!(theirs)),
    ];
    assert_eq!(events(&stack), expected);
}

#[test]
fn a_member_assigns_to_nobody_who_is_no_member_or_may_not_answer() {
    let (stack, tenant, id) = stack();
    let agent = stack.member(&tenant, Role::Agent);
    let viewer = stack.member(&tenant, Role::Viewer);
    let foreign = stack.member(&stack.tenant("Another business"), Role::Owner);
    let gone = stack.member(&tenant, Role::Agent);
    let mut refused = vec!["Sarah".to_owned(), "%".into(), agent.token.clone()];
    for member in [&viewer, &foreign, &gone] {
        refused.extend([member.member_id.clone(), address(&stack, member)]);
    }
    let remove = format!("DELETE FROM members WHERE id = '{}'", gone.member_id);
    stack.db.sql(&remove);
    let token = stack.member_inbox(&agent);
    for assignee in refused {
        let answer = assign(&stack, &token, &id, &json!(assignee));
        assert_eq!(answer.refusal(), (422, "invalid_request"), "{assignee}");
        assert_eq!(answer.json["details"][0]["rule"], "answering_member");
    }
    let assignee = stack.db.value("SELECT assignee FROM conversations");
    assert_eq!((assignee, events(&stack)), (Value::Null, Vec::new()));
}

#[test]
fn a_viewer_assigns_nothing() {
    let (stack, tenant, id) = stack();
    let viewer = stack.member(&tenant, Role::Viewer);
    let agent = stack.member(&tenant, Role::Agent);
    let token = stack.member_inbox(&viewer);
    for assignee in [json!(agent.member_id), Json::Null] {
        let answer = assign(&stack, &token, &id, &assignee);
        assert_eq!(answer.refusal(), (403, "insufficient_scope"));
        assert!(answer.text().contains("the role agent at least"));
    }
    assert_eq!(events(&stack), Vec::<String>::new());
}

#[test]
fn a_member_who_was_removed_assigns_nothing_a_minute_later() {
    let (stack, tenant, id) = stack();
    let gone = stack.member(&tenant, Role::Agent);
    let stays = stack.member(&tenant, Role::Agent);
    let tokens = [&gone, &stays].map(|one| stack.member_inbox(one));
    let taken = assign(&stack, &tokens[0], &id, &json!(gone.member_id));
    assert_eq!(taken.status, 200, "{}", taken.text());
    let remove = format!("DELETE FROM members WHERE id = '{}'", gone.member_id);
    stack.db.sql(&remove);
    stack.advance(60 * SECOND);
    let dead = assign(&stack, &tokens[0], &id, &Json::Null);
    assert_eq!(dead.refusal(), (401, "invalid_token"));
    // What they had is taken over.
    let answer = assign(&stack, &tokens[1], &id, &json!(stays.member_id));
    let assignee = &answer.json["conversation"]["assignee"];
    assert_eq!(assignee, &json!(address(&stack, &stays)));
}

#[test]
fn others_name_an_assignee_as_they_like() {
    let (stack, tenant, id) = stack();
    let _member = stack.member(&tenant, Role::Agent);
    let crm = stack.inbox_token(&tenant, None, Some(("7", "Ann"))).token;
    let session = stack.session(&tenant);
    let call = stack.call("sso-token", "POST", "/api/dashboard/inbox-session");
    let printed = call.bearer(&session).send(sso_token::handler::handle);
    let printed = printed.json["token"].as_str().unwrap();
    for (token, name) in [(crm.as_str(), "Sarah"), (printed, "Second Line")] {
        let answer = assign(&stack, token, &id, &json!(name));
        assert_eq!(answer.json["conversation"]["assignee"], name);
    }
}
