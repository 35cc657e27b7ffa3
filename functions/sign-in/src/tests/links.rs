use super::{House, handle, me, post};
use common::http::Role;
use common::ports::{OutboundRequest, Queue};
use serde_json::{Value, json};
use sign_in::handler::mail;
use testkit::{Answer, Stack, Tenant, answer, timed_out};

/// A deployment whose operator has an account of email, and a business with an agent.
struct Post {
    stack: Stack,
    tenant: Tenant,
}

const JOE: &str = "joe@acme.example";

impl Post {
    fn new() -> Self {
        let (stack, operator) = Stack::with_tenant();
        let settings = json!({ "provider": "resend" });
        let _ = stack.channel(
            &operator,
            "email",
            "hello@tieline.example",
            &settings,
            &json!({ "api_key": "re_1" }),
        );
        stack
            .ports
            .set("OPERATOR_BUSINESS_ID", &operator.business_id);
        let taken = |request: &OutboundRequest| {
            let is_mail = request.url == "https://api.resend.com/emails";
            is_mail.then(|| answer(200, &json!({ "id": "mail-1" })))
        };
        stack.ports.respond(taken);
        let tenant = stack.tenant("Acme");
        let post = Self { stack, tenant };
        post.has(&post.tenant, JOE);
        post
    }

    fn has(&self, tenant: &Tenant, email: &str) {
        let member = self.stack.member(tenant, Role::Agent).member_id;
        self.stack.db.sql(&format!(
            "UPDATE members SET email = '{email}' WHERE id = '{member}'"
        ));
        self.stack.db.sql("DELETE FROM sessions");
    }

    /// Asks for links, and has what is woken by that run. Gives the answer, and the log line of what ran.
    fn ask(&self, email: &str) -> (Answer, Value) {
        let asked = post(&self.stack, "link", &json!({ "email": email }));
        let wakes = self.stack.ports.take_wakes(Queue::Mails);
        let mut log = Value::Null;
        for (message, _) in wakes {
            log = self.stack.job(&message, mail);
        }
        (asked, log)
    }

    /// What mails were sent.
    fn mails(&self) -> Vec<Value> {
        let requests = self.stack.ports.take_requests();
        let body =
            |one: &OutboundRequest| serde_json::from_slice(one.body.as_ref().unwrap()).unwrap();
        requests.iter().map(body).collect()
    }
}

/// The tokens of the links in a mail.
fn tokens(mail: &Value) -> Vec<String> {
    let text = mail["text"].as_str().unwrap();
    let lines = text
        .lines()
        .filter_map(|line| line.split_once("/dashboard/sign-in#"));
    lines.map(|(_, token)| token.to_owned()).collect()
}

#[test]
fn sign_in_link_answers_everybody_alike_and_sends_a_member_a_link() {
    let house = Post::new();
    let (known, log) = house.ask(" Joe@ACME.example ");
    let mails = house.mails();
    assert_eq!(mails.len(), 1);
    assert_eq!(mails[0]["to"], json!([JOE]));
    assert!(
        mails[0]["from"]
            .as_str()
            .unwrap()
            .contains("hello@tieline.example")
    );
    assert!(
        mails[0]["text"]
            .as_str()
            .unwrap()
            .contains("\nAcme:\nhttps://tieline.example/dashboard/sign-in#tli_")
    );
    let given = tokens(&mails[0]);
    assert!(
        !log.to_string().contains(&given[0]) && !log.to_string().contains("joe"),
        "{log}"
    );
    let stored = house
        .stack
        .db
        .value("SELECT secret_hash FROM sign_in_links")
        .into_text();
    assert!(!given[0].contains(&stored.unwrap()));

    let (unknown, _) = house.ask("nobody@acme.example");
    assert!(house.mails().is_empty());
    assert_eq!((known.status, unknown.status), (202, 202));
    assert_eq!(known.json, json!({ "success": true }));
    assert_eq!(known.text(), unknown.text());

    let signed_in = post(&house.stack, "complete", &json!({ "token": given[0] }));
    assert_eq!(me(&house.stack, &signed_in)["member"]["email"], JOE);
    let again = post(&house.stack, "complete", &json!({ "token": given[0] }));
    assert_eq!(again.refusal(), (401, "invalid_token"));
}

#[test]
fn sign_in_link_refuses_invalid_input() {
    let house = Post::new();
    for body in [
        json!({}),
        json!({ "email": "joe" }),
        json!({ "email": ["joe@acme.example"] }),
        json!({ "email": JOE, "next": "/" }),
    ] {
        assert_eq!(
            post(&house.stack, "link", &body).refusal(),
            (422, "invalid_request"),
            "{body}"
        );
    }
    let call = house
        .stack
        .call("sign-in", "POST", "/api/dashboard/sign-in/link");
    let call = call.header("sec-fetch-site", "cross-site");
    let answer = call.json(&json!({ "email": JOE })).send(handle);
    assert_eq!(answer.refusal(), (403, "invalid_csrf_token"));
    assert!(house.stack.ports.take_wakes(Queue::Mails).is_empty());
}

#[test]
fn without_an_account_of_email_everybody_is_told_so() {
    let house = House::new();
    for email in ["joe@acme.example", "nobody@other.example"] {
        let answer = post(&house.stack, "link", &json!({ "email": email }));
        assert_eq!(answer.refusal(), (409, "not_set_up"));
    }
    // One of a business that does not run the deployment sends for that business alone.
    let credentials = json!({ "api_key": "re_1" });
    let settings = json!({ "provider": "resend" });
    let _ = house.stack.channel(
        &house.tenant,
        "email",
        "hi@acme.example",
        &settings,
        &credentials,
    );
    let answer = post(
        &house.stack,
        "link",
        &json!({ "email": "joe@acme.example" }),
    );
    assert_eq!(answer.refusal(), (409, "not_set_up"));
    let log = house.stack.job("joe@acme.example", mail);
    assert_eq!(log["note"], "no account of email");
}

#[test]
fn a_member_gets_three_links_an_hour_at_most() {
    let house = Post::new();
    let mut given = Vec::new();
    for _ in 0..3 {
        house.ask(JOE);
        house.stack.advance(1_000_000);
        given.extend(house.mails().iter().flat_map(tokens));
    }
    let (asked, log) = house.ask(JOE);
    assert_eq!(asked.status, 202, "nobody is told");
    assert!(
        log["note"].as_str().unwrap().contains("as many links"),
        "{log}"
    );
    assert!(house.mails().is_empty());
    // An earlier one is as good as the last: mails may overtake each other.
    let signed_in = post(&house.stack, "complete", &json!({ "token": given[0] }));
    assert_eq!(signed_in.status, 200);
    house.stack.advance(3_600_000_000);
    house.ask(JOE);
    assert_eq!(house.mails().len(), 1);
}

#[test]
fn a_member_of_several_businesses_gets_one_mail_with_a_link_for_each() {
    let house = Post::new();
    let second = house.stack.tenant("Second <b>");
    house.has(&second, JOE);
    let third = house.stack.tenant("Suspended");
    house.has(&third, JOE);
    house.stack.db.sql(&format!(
        "UPDATE businesses SET suspended_at = 1 WHERE id = '{}'",
        third.business_id
    ));
    house.stack.db.sql(&format!(
        "INSERT INTO sign_in_providers VALUES ('{}', 'x', 'Okta', 'https://acme.okta.example', 'c', '', '[]', 'viewer', 1)",
        second.business_id
    ));
    house.ask(JOE);
    let mails = house.mails();
    assert_eq!(mails.len(), 1);
    let text = mails[0]["text"].as_str().unwrap();
    assert!(
        text.contains("Second <b>:") && !text.contains("Suspended"),
        "{text}"
    );
    let start = format!(
        "or with Okta:\nhttps://tieline.example/api/dashboard/sign-in/oidc?business={}\n",
        second.business_id
    );
    assert!(text.contains(&start), "{text}");
    let mut signed_in: Vec<_> = tokens(&mails[0])
        .iter()
        .map(|token| {
            let answer = post(&house.stack, "complete", &json!({ "token": token }));
            me(&house.stack, &answer)["business"]["name"]
                .as_str()
                .unwrap()
                .to_owned()
        })
        .collect();
    signed_in.sort();
    assert_eq!(signed_in, ["Acme", "Second <b>"]);
}

#[test]
fn a_mail_that_is_not_taken_is_noted_and_tried_again_within_the_limit() {
    let house = Post::new();
    house
        .stack
        .ports
        .will(answer(500, &json!({ "message": "no" })));
    let asked = post(&house.stack, "link", &json!({ "email": JOE }));
    assert_eq!(asked.status, 202);
    let _ = house.stack.ports.take_wakes(Queue::Mails);
    let log = house.stack.job(JOE, mail);
    assert_eq!(log["note"], "a mail with links was not taken with 500");
    assert_eq!(
        house.stack.ports.take_wakes(Queue::Mails),
        [(JOE.to_owned(), 30)]
    );
    for _ in 0..2 {
        house.stack.ports.will(timed_out());
        house.stack.job(JOE, mail);
    }
    house.stack.job(JOE, mail);
    assert_eq!(
        house.stack.ports.take_requests().len(),
        3,
        "as many as links there may be"
    );

    let house = Post::new();
    house.stack.ports.will(answer(
        422,
        &json!({ "name": "validation_error", "message": "no such domain" }),
    ));
    let (_, log) = house.ask(JOE);
    assert_eq!(log["note"], "a mail with links was refused with 422");
    assert!(house.stack.ports.take_wakes(Queue::Mails).is_empty());
}
