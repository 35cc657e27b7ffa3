use super::{Desk, encoded};
use common::http::Role;
use common::time::SECOND;
use serde_json::{Value, json};
use testkit::SignedIn;

/// A member with a name and an address.
fn named(desk: &Desk, role: Role, name: &str, email: &str) -> SignedIn {
    let member = desk.stack.member(&desk.tenant, role);
    desk.stack.db.sql(&format!(
        "UPDATE members SET name = '{name}', email = '{email}' WHERE id = '{}'",
        member.member_id
    ));
    member
}

fn names(answer: &Value) -> Vec<&str> {
    let all = answer["assignees"].as_array().unwrap();
    all.iter().filter_map(|one| one["name"].as_str()).collect()
}

#[test]
fn inbox_assignees_answers_the_members_who_may_answer_by_their_names() {
    let desk = Desk::new();
    let bob = named(&desk, Role::Agent, "bob", "bob@acme.example");
    named(&desk, Role::Owner, "Ann", "ann@acme.example");
    named(&desk, Role::Admin, "Cy", "cy@acme.example");
    let viewer = named(&desk, Role::Viewer, "Vera", "vera@acme.example");
    let foreign = desk.stack.tenant("Another business");
    let foreign = desk.stack.member(&foreign, Role::Agent);
    // Whoever only reads is told too: the names stand in what they read.
    for member in [&bob, &viewer] {
        let answer = desk.get_by(&desk.stack.member_inbox(member), "assignees");
        assert_eq!(answer.status, 200, "{}", answer.text());
        assert_eq!(names(&answer.json), ["Ann", "bob", "Cy"]);
        assert_eq!(answer.json["has_more"], false);
        assert_eq!(
            answer.json["assignees"][1],
            json!({"id": bob.member_id, "name": "bob", "email": "bob@acme.example"})
        );
    }
    let answer = desk.get_by(&desk.stack.member_inbox(&foreign), "assignees");
    assert_eq!(names(&answer.json), ["The agent"]);
}

#[test]
fn a_member_is_found_by_a_part_of_the_name_or_the_address_in_any_case() {
    let desk = Desk::new();
    let member = named(&desk, Role::Agent, "Ömer Demir", "omer@acme.example");
    named(&desk, Role::Agent, "Jonas Weber", "jw@acme.example");
    let token = desk.stack.member_inbox(&member);
    let found = |text: &str| {
        let answer = desk.get_by(&token, &format!("assignees?q={}", encoded(text)));
        names(&answer.json).join(" ")
    };
    assert_eq!(found("öM"), "Ömer Demir");
    assert_eq!(found("WEBER"), "Jonas Weber");
    assert_eq!(found("JW@"), "Jonas Weber");
    assert_eq!(found("%"), "");
    assert_eq!(found(" "), "Jonas Weber Ömer Demir");
}

#[test]
fn of_many_members_the_first_hundred_are_shown_and_the_others_found() {
    let desk = Desk::new();
    let member = named(&desk, Role::Agent, "Ann", "ann@acme.example");
    desk.stack.db.sql(&format!(
        "INSERT INTO members (business_id, id, email, name, role, created_at)
         WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 120)
         SELECT '{}', printf('01900000-0000-7000-8000-%012x', i), printf('m%03d@acme.example', i),
           printf('Member %03d', i), 'agent', 0 FROM n",
        desk.tenant.business_id
    ));
    let token = desk.stack.member_inbox(&member);
    let all = desk.get_by(&token, "assignees").json;
    assert_eq!((names(&all).len(), &all["has_more"]), (100, &json!(true)));
    let one = desk.get_by(&token, "assignees?q=118").json;
    assert_eq!(names(&one), ["Member 118"]);
    assert_eq!(one["has_more"], false);
}

#[test]
fn an_inbox_that_no_member_opened_is_told_of_no_members() {
    let desk = Desk::new();
    named(&desk, Role::Agent, "Ann", "ann@acme.example");
    let session = desk.stack.session(&desk.tenant);
    let call = desk
        .stack
        .call("sso-token", "POST", "/api/dashboard/inbox-session");
    let printed = call.bearer(&session).send(sso_token::handler::handle);
    let printed = printed.json["token"].as_str().unwrap();
    let id = desk.receive("353871234567", "Hello");
    for token in [desk.token.as_str(), printed, &desk.bound_to(&id)] {
        let answer = desk.get_by(token, "assignees");
        assert_eq!(answer.refusal(), (403, "insufficient_scope"));
        assert!(!answer.text().contains("acme"), "{}", answer.text());
    }
}

#[test]
fn a_member_who_was_removed_is_neither_told_nor_listed() {
    let desk = Desk::new();
    let gone = named(&desk, Role::Agent, "Bob", "bob@acme.example");
    let stays = named(&desk, Role::Agent, "Ann", "ann@acme.example");
    let tokens = [&gone, &stays].map(|one| desk.stack.member_inbox(one));
    assert_eq!(desk.get_by(&tokens[0], "assignees").status, 200);
    let remove = format!("DELETE FROM members WHERE id = '{}'", gone.member_id);
    desk.stack.db.sql(&remove);
    desk.stack.advance(60 * SECOND);
    let dead = desk.get_by(&tokens[0], "assignees");
    assert_eq!(dead.refusal(), (401, "invalid_token"));
    assert_eq!(names(&desk.get_by(&tokens[1], "assignees").json), ["Ann"]);
}

#[test]
fn inbox_assignees_refuses_invalid_input() {
    let desk = Desk::new();
    let token = desk
        .stack
        .member_inbox(&desk.stack.member(&desk.tenant, Role::Agent));
    for query in [format!("q={}", "x".repeat(201)), "colour=red".into()] {
        let answer = desk.get_by(&token, &format!("assignees?{query}"));
        assert_eq!(answer.refusal(), (422, "invalid_request"), "{query}");
    }
}

#[test]
fn a_members_own_stand_under_their_address_too() {
    let desk = Desk::new();
    let ann = named(&desk, Role::Agent, "Ann", "ann@acme.example");
    let token = desk.stack.member_inbox(&ann);
    let mut own: Vec<_> = (0..)
        .zip([ann.member_id.as_str(), "Ann", "ann@acme.example"])
        .map(|(n, assignee)| {
            let id = desk.receive(&format!("35387123456{n}"), "Hello");
            desk.stack.db.sql(&format!(
                "UPDATE conversations SET assignee = '{assignee}' WHERE id = '{id}'"
            ));
            id
        })
        .collect();
    own.reverse();
    desk.receive("353877654321", "Hello");
    for assignee in [&ann.member_id, "ann@acme.example"] {
        let query = format!("conversations?assignee={assignee}");
        assert_eq!(super::ids(&desk.get_by(&token, &query)), own);
    }
}
