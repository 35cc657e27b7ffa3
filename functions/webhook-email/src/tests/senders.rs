//! Who wrote a mail: forged senders, strangers in a thread, and where answers go.

use super::{ADDRESS, Desk, mail};
use common::time::DAY;
use serde_json::{Value as Json, json};

/// What Resend's server found of the sender's domain (channels.md §6.6).
pub(super) fn found(dmarc: &str, domain: &str) -> Json {
    json!(format!(
        "amazonses.com; spf=pass (spfCheck: domain of {domain} designates 192.0.2.7 as permitted sender) \
         client-ip=192.0.2.7; envelope-from=x@{domain}; helo=mx.{domain}; dkim=pass header.i=@{domain}; \
         dmarc={dmarc} header.from={domain};"
    ))
}

/// A mail whose sender Resend's server authenticated.
pub(super) fn authentic(n: u32, from: &str, text: &str) -> Json {
    let domain = from.trim_end_matches('>').rsplit('@').next().unwrap();
    let mut mail = mail(n, from, text);
    mail["headers"]["authentication-results"] = found("pass", &domain.to_lowercase());
    mail
}

impl Desk {
    /// A desk to which Joe has written from his own address.
    fn with_joe() -> Self {
        let desk = Self::resend();
        desk.receive(&authentic(1, "Joe <joe@example.com>", "Hi"));
        desk
    }

    /// Of a mail: who it is stored as, what was found of the sender, and as whom it is shown.
    pub(super) fn shown(&self, text: &str) -> String {
        self.text(&format!(
            "SELECT c.email || ' ' || coalesce(m.detail ->> 'sender_verified', '-') || ' '
               || coalesce(m.detail ->> 'participant', '-')
             FROM messages m JOIN customers c ON c.id = m.customer_id WHERE m.content = '{text}'"
        ))
    }

    /// Where answers to Joe go.
    fn contact(&self) -> String {
        self.text(
            "SELECT coalesce(v.contact, 'nobody yet') FROM conversations v JOIN customers c
               ON c.id = v.customer_id WHERE c.email = 'joe@example.com'",
        )
    }
}

#[test]
fn an_authentic_mail_of_the_customers_moves_answers_to_its_sender() {
    let desk = Desk::with_joe();
    assert_eq!(desk.shown("Hi"), "joe@example.com pass customer");
    assert_eq!(desk.contact(), "joe@example.com");
    desk.stack
        .db
        .sql("UPDATE conversations SET contact = 'office@example.com'");
    desk.receive(&authentic(2, "Joe <joe@example.com>", "Again"));
    assert_eq!(desk.contact(), "joe@example.com");
}

#[test]
fn what_is_not_authenticated_is_marked_and_moves_nothing() {
    for (results, verdict, shown_as) in [
        (Json::Null, "none", "customer"),
        (found("none", "example.com"), "none", "customer"),
        (found("temperror", "example.com"), "none", "customer"),
        // SPF and DKIM alone say nothing of `From`.
        (
            json!("amazonses.com; spf=pass smtp.mailfrom=x@example.com"),
            "none",
            "customer",
        ),
        (
            json!("amazonses.com; dkim=pass header.d=example.com"),
            "none",
            "customer",
        ),
        (found("fail", "example.com"), "fail", "other"),
        // Aligned, but with another domain than that of this sender.
        (found("pass", "evil.example"), "fail", "other"),
        // Of a server that is not Resend's.
        (
            json!("mx.evil.example; dmarc=pass header.from=example.com"),
            "none",
            "customer",
        ),
        (
            json!("amazonses.com.evil.example; dmarc=pass header.from=example.com"),
            "none",
            "customer",
        ),
        // Within a comment, a quoted text or another method's property.
        (
            json!("amazonses.com; spf=none (; dmarc=pass header.from=example.com)"),
            "none",
            "customer",
        ),
        (
            json!("amazonses.com; spf=none reason=\"; dmarc=pass header.from=example.com\""),
            "none",
            "customer",
        ),
        (
            json!("amazonses.com; spf=none x.dmarc=pass header.from=example.com"),
            "none",
            "customer",
        ),
    ] {
        let desk = Desk::with_joe();
        desk.stack
            .db
            .sql("UPDATE conversations SET contact = 'confirmed@example.com'");
        let mut forged = mail(2, "Joe <joe@example.com>", "Pay here");
        forged["headers"]["authentication-results"] = results.clone();
        forged["reply_to"] = json!(["mallory@evil.example"]);
        desk.receive(&forged);
        assert_eq!(
            desk.shown("Pay here"),
            format!("joe@example.com {verdict} {shown_as}"),
            "{results}"
        );
        assert_eq!(desk.contact(), "confirmed@example.com", "{results}");
    }
}

#[test]
fn a_result_below_the_providers_own_counts_for_nothing() {
    let (own, spoofed) = (found("fail", "example.com"), found("pass", "example.com"));
    let other = "mx.evil.example; dmarc=pass header.from=example.com";
    for (results, shown_as) in [
        (json!([own, spoofed]), "fail other"),
        (json!([own, other]), "fail other"),
        // Resend does not say in which order it lists them.
        (json!([spoofed, own]), "fail other"),
        (json!([spoofed, "amazonses.com; spf=pass"]), "none customer"),
        (json!([other, other]), "none customer"),
    ] {
        let desk = Desk::with_joe();
        let mut forged = mail(2, "joe@example.com", "Forged");
        forged["headers"]["authentication-results"] = results.clone();
        desk.receive(&forged);
        let expected = format!("joe@example.com {shown_as}");
        assert_eq!(desk.shown("Forged"), expected, "{results}");
    }
}

#[test]
fn a_reply_to_elsewhere_is_shown_and_moves_nothing() {
    let desk = Desk::with_joe();
    let mut elsewhere = authentic(2, "joe@example.com", "Write to the office");
    elsewhere["reply_to"] = json!(["Office <office@evil.example>"]);
    desk.receive(&elsewhere);
    assert_eq!(desk.contact(), "joe@example.com");
    assert_eq!(desk.detail()["reply_to"], json!("office@evil.example"));
    // His own address, or ours, is no news.
    for (n, own) in [(3, "JOE@example.com"), (4, ADDRESS)] {
        let mut own_reply_to = authentic(n, "joe@example.com", "Mine");
        own_reply_to["reply_to"] = json!([own]);
        desk.receive(&own_reply_to);
        assert_eq!(desk.detail().get("reply_to"), None, "{own}");
    }
}

#[test]
fn a_stranger_in_the_thread_is_shown_as_another_participant() {
    let desk = Desk::with_joe();
    desk.stack.db.sql("UPDATE customers SET name = NULL");
    let token = desk.token();
    let mut by_token = authentic(2, "Ann <ann@evil.example>", "By the token");
    by_token["to"] = json!(["joe@example.com", token]);
    let mut by_reference = authentic(3, "Ann <ann@evil.example>", "By the reference");
    by_reference["headers"]["In-Reply-To"] = json!("<1@mail.example>");
    by_reference["reply_to"] = json!(["ann@evil.example"]);
    for stranger in [by_token, by_reference] {
        desk.receive(&stranger);
        let text = stranger["text"].as_str().unwrap();
        assert_eq!(desk.shown(text), "joe@example.com pass other");
        let detail = desk.detail();
        assert_eq!(
            (&detail["from"], &detail["from_name"]),
            (&json!("ann@evil.example"), &json!("Ann"))
        );
        assert_eq!(desk.contact(), "joe@example.com");
    }
    // Nothing of hers is learnt of Joe, and his last word is his own.
    assert_eq!(desk.count("identities WHERE value LIKE '%evil%'"), 0);
    assert_eq!(desk.count("customers WHERE name IS NOT NULL"), 0);
    assert_eq!(
        desk.count("conversations WHERE last_inbound_at = 1767322980000000"),
        1
    );
}

#[test]
fn a_stranger_revives_no_thread_that_is_over() {
    let desk = Desk::with_joe();
    let token = desk.token();
    desk.stack
        .db
        .sql("UPDATE conversations SET status = 'closed', closed_at = 0");
    let mut stranger = authentic(2, "ann@evil.example", "Me again");
    stranger["to"] = json!([token]);
    desk.receive(&stranger);
    assert_eq!(desk.shown("Me again"), "ann@evil.example pass customer");
    // Joe begins a new one, as ever.
    let mut joe = authentic(3, "joe@example.com", "It is me");
    joe["to"] = json!([token]);
    desk.receive(&joe);
    assert_eq!(desk.shown("It is me"), "joe@example.com pass customer");
    assert_eq!(desk.count("conversations"), 3);
}

#[test]
fn an_address_that_an_agent_confirmed_is_the_customers_to_write_from_in_this_thread() {
    let desk = Desk::with_joe();
    desk.stack
        .db
        .sql("UPDATE conversations SET contact = 'joe@work.example'");
    let mut from_work = authentic(2, "joe@work.example", "From work");
    from_work["headers"]["References"] = json!("<1@mail.example>");
    desk.receive(&from_work);
    assert_eq!(desk.shown("From work"), "joe@example.com pass customer");
    assert_eq!(desk.contact(), "joe@work.example");
}

#[test]
fn an_expired_token_loses_no_mail_and_opens_no_thread() {
    let desk = Desk::with_joe();
    let token = desk.token();
    desk.stack.advance(92 * DAY);
    let mut stranger = authentic(2, "ann@evil.example", "Too late");
    stranger["to"] = json!([token]);
    desk.receive(&stranger);
    assert_eq!(desk.shown("Too late"), "ann@evil.example pass customer");
    let mut joe = authentic(3, "joe@example.com", "Late too");
    joe["to"] = json!([token]);
    desk.receive(&joe);
    assert_eq!(desk.shown("Late too"), "joe@example.com pass customer");
    assert_eq!(desk.count("conversations"), 2);
}

#[test]
fn the_token_of_another_conversation_makes_nobody_its_customer() {
    let desk = Desk::with_joe();
    let token = desk.token();
    desk.receive(&authentic(2, "bob@example.com", "I am Bob"));
    let mut bob = authentic(3, "bob@example.com", "In the wrong thread");
    bob["to"] = json!([token]);
    desk.receive(&bob);
    assert_eq!(
        desk.shown("In the wrong thread"),
        "joe@example.com pass other"
    );
    // A thread of his own that the mail names as well goes before it.
    let mut bob = authentic(4, "bob@example.com", "In my own");
    bob["to"] = json!([token]);
    bob["headers"]["In-Reply-To"] = json!("<2@mail.example>");
    desk.receive(&bob);
    assert_eq!(desk.shown("In my own"), "bob@example.com pass customer");
    assert_eq!(desk.contact(), "joe@example.com");
}

#[test]
fn the_token_of_another_business_is_none() {
    let theirs = Desk::with_joe();
    let token = theirs.token();
    let other = theirs.stack.tenant("Another");
    let credentials = json!({"api_key": "re_key", "webhook_secret": super::SECRET});
    let settings = json!({"provider": "resend"});
    let stack = &theirs.stack;
    let channel_id = stack.channel(&other, "email", "b@acme.example", &settings, &credentials);
    let desk = Desk {
        channel_id,
        tenant: other,
        stack: theirs.stack.clone(),
    };
    let mut stranger = authentic(2, "ann@evil.example", "Let me in");
    stranger["to"] = json!([token]);
    desk.receive(&stranger);
    assert_eq!(desk.shown("Let me in"), "ann@evil.example pass customer");
}

#[test]
fn several_authors_are_nobody_who_can_be_authenticated() {
    for (from, more) in [
        (json!("joe@example.com, mallory@example.com"), Json::Null),
        (
            json!(["joe@example.com", "mallory@example.com"]),
            Json::Null,
        ),
        (json!("<joe@example.com> <mallory@example.com>"), Json::Null),
        (
            json!("joe@example.com"),
            json!(["joe@example.com", "mallory@example.com"]),
        ),
    ] {
        let desk = Desk::with_joe();
        let mut forged = mail(2, "", "Two of us");
        forged["from"] = from.clone();
        forged["headers"]["authentication-results"] = found("pass", "example.com");
        if !more.is_null() {
            forged["headers"]["from"] = more;
        }
        desk.receive(&forged);
        assert!(desk.shown("Two of us").ends_with(" none other"), "{from}");
        assert_eq!(desk.contact(), "joe@example.com");
    }
}

#[test]
fn no_name_passes_for_an_address() {
    for from in [
        // As a provider decodes `=?utf-8?Q?joe=40example.com=2C?= <mallory@evil.example>`.
        "joe@example.com, <mallory@evil.example>",
        "\"joe@example.com\" <mallory@evil.example>",
        "<joe@example.com> <mallory@evil.example>",
        "joe@example.com <mallory@evil.example>",
        "\"Joe <joe@example.com>\" <mallory@evil.example>",
        "(joe@example.com) mallory@evil.example",
        "mallory@evil.example (<joe@example.com>)",
    ] {
        let desk = Desk::with_joe();
        let mut forged = mail(2, from, "It is Joe");
        forged["headers"]["authentication-results"] = found("pass", "evil.example");
        desk.receive(&forged);
        let shown = desk.shown("It is Joe");
        assert!(
            shown == "mallory@evil.example pass customer" || shown.ends_with(" other"),
            "{from}: {shown}"
        );
        assert_eq!(desk.contact(), "joe@example.com", "{from}");
        assert_eq!(
            desk.count("customers WHERE name LIKE '%joe@example.com%'"),
            0,
            "{from}"
        );
    }
}

#[test]
fn our_own_address_as_the_sender_gets_nowhere() {
    let desk = Desk::with_joe();
    let token = desk.token();
    for (n, from) in [ADDRESS, "Support <SUPPORT@acme.example>", token.as_str()]
        .into_iter()
        .enumerate()
    {
        let mut own = mail(n as u32 + 2, from, "From ourselves");
        own["to"] = json!([token]);
        let answer = desk.receive(&own);
        assert_eq!(answer.json["ignored"], 1, "{from}");
    }
    // Beside another author it is that author's mail, and is still not trusted.
    let mut beside = mail(9, "mallory@evil.example, support@acme.example", "Both");
    beside["headers"]["authentication-results"] = found("pass", "evil.example");
    desk.receive(&beside);
    assert_eq!(desk.shown("Both"), "mallory@evil.example none other");
    assert_eq!(desk.contact(), "joe@example.com");
}
