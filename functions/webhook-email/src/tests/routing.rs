//! Mail that Cloudflare's Email Routing hands over.

use channels_email::ReplyAccount;
use common::Context;
use common::db::{DbError, Value};
use common::ids::{ChannelId, ConversationId};
use common::time::DAY;
use customers::erasure::customer_erase;
use serde_json::{Value as Json, json};
use testkit::{Failure, Stack, Tenant};
use webhook_email::handler::{receive, resume_all};

pub(super) const ADDRESS: &str = "support@acme.example";

/// A business whose mail Cloudflare routes.
pub(super) struct Desk {
    pub(super) stack: Stack,
    pub(super) tenant: Tenant,
    pub(super) channel_id: String,
}

impl Desk {
    pub(super) fn new() -> Self {
        Self::of(&json!({"provider": "cloudflare"}))
    }

    fn of(settings: &Json) -> Self {
        let (stack, tenant) = Stack::with_tenant();
        let channel_id = stack.channel(&tenant, "email", ADDRESS, settings, &json!({}));
        Self {
            stack,
            tenant,
            channel_id,
        }
    }

    /// A mail comes; gives why it is turned away, and the log line.
    pub(super) fn mail(&self, to: &str, raw: &[u8]) -> (String, Json) {
        self.enveloped("joe@example.com", to, raw)
    }

    fn enveloped(&self, from: &str, to: &str, raw: &[u8]) -> (String, Json) {
        let envelope = format!("{from}\n{to}");
        self.stack.mail(&envelope, vec![raw.to_vec()], receive)
    }

    pub(super) fn text(&self, sql: &str) -> String {
        match self.stack.db.value(sql) {
            Value::Text(text) => text,
            other => format!("{other:?}"),
        }
    }

    pub(super) fn count(&self, table: &str) -> i64 {
        let value = self
            .stack
            .db
            .value(&format!("SELECT count(*) FROM {table}"));
        value.as_integer().unwrap()
    }

    pub(super) fn keys(&self) -> Vec<String> {
        self.stack.ports.blobs.borrow().keys().cloned().collect()
    }
}

pub(super) fn raw(id: &str, more: &str, body: &str) -> Vec<u8> {
    let text = format!(
        "Message-ID: {id}\nFrom: Joe <joe@example.com>\nTo: {ADDRESS}\nSubject: Your order\n\
         Date: Fri, 02 Jan 2026 03:03:00 +0000\n{more}\n{body}"
    );
    text.replace('\n', "\r\n").into_bytes()
}

fn with_file(id: &str, file: &str) -> Vec<u8> {
    let more = "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=m\n";
    let body = format!(
        "--m\nContent-Type: text/plain\n\nHello\n--m\nContent-Type: application/pdf\n\
         Content-Disposition: attachment; filename=a.pdf\n\n{file}\n--m--\n"
    );
    raw(id, more, &body)
}

#[test]
fn a_routed_mail_becomes_a_message_with_its_files_and_is_kept_as_it_came() {
    let desk = Desk::new();
    let whole = with_file("<1@x>", "%PDF-1.4 x");
    let (refusal, log) = desk.mail("Support@acme.example", &whole);
    assert_eq!((refusal.as_str(), &log["code"]), ("", &Json::Null));
    let row = "SELECT m.content || '|' || m.type || '|' || c.email || '|' || c.name || '|' || a.filename || '|' || a.state
      || '|' || (m.detail ->> 'raw') FROM messages m JOIN customers c ON c.id = m.customer_id JOIN attachments a ON a.message_id = m.id";
    assert_eq!(
        desk.text(row),
        "Hello|email|joe@example.com|Joe|a.pdf|ready|1"
    );
    let raw_id = desk.text("SELECT detail ->> 'raw_id' FROM messages");
    let key = format!("{}/{raw_id}", desk.tenant.business_id);
    assert_eq!(desk.stack.ports.blobs.borrow()[&key], whole);
    assert_eq!(desk.keys().len(), 2);
}

#[test]
fn an_unknown_recipient_is_told_so_and_nothing_is_stored() {
    let desk = Desk::new();
    for to in [
        "nobody@acme.example",
        "support@other.example",
        "",
        "support",
        "@",
        "support+x@other.example",
    ] {
        let (refusal, _) = desk.mail(to, &raw("<1@x>", "", "Hi"));
        assert!(refusal.contains("no such mailbox"), "{to}");
    }
    let resend = Desk::of(&json!({"provider": "resend"}));
    assert!(
        resend
            .mail(ADDRESS, &raw("<1@x>", "", "Hi"))
            .0
            .contains("no such mailbox")
    );
    desk.stack.db.sql("UPDATE channels SET status = 'disabled'");
    assert!(
        desk.mail(ADDRESS, &raw("<1@x>", "", "Hi"))
            .0
            .contains("no such mailbox")
    );
    assert!(desk.keys().is_empty() && desk.count("messages") == 0);
}

#[test]
fn a_signed_address_finds_account_and_thread_also_below_a_domain_of_its_own() {
    for reply_domain in [None, Some("in.acme.example")] {
        let mut settings = json!({"provider": "cloudflare"});
        if let Some(domain) = reply_domain {
            settings["reply_domain"] = json!(domain);
        }
        let desk = Desk::of(&settings);
        desk.mail(ADDRESS, &raw("<1@x>", "", "Hi"));
        let conversation = desk.text("SELECT id FROM conversations");
        let mut signed = None;
        let channel_id = ChannelId::unchecked(desk.channel_id.as_str());
        let conversation_id = ConversationId::unchecked(conversation);
        desk.stack.job("", async |cx: &Context<'_>, _: &str| {
            let account = ReplyAccount {
                business_id: &desk.tenant.business_id,
                channel_id: &channel_id,
                address: ADDRESS,
                reply_domain,
            };
            signed = account.address_for(&cx.ports, &conversation_id, cx.now)?;
            Ok(())
        });
        let signed = signed.unwrap();
        let from_work = String::from_utf8(raw("<2@x>", "", "From work")).unwrap();
        let from_work = from_work.replace("joe@example.com", "joe@work.example");
        assert_eq!(desk.mail(&signed, from_work.as_bytes()).0, "");
        assert_eq!((desk.count("customers"), desk.count("messages")), (1, 2));
        // Once it has expired its mail comes to the account as before, and to the sender's own thread.
        desk.stack.advance(92 * DAY);
        let too_late = from_work.replace("<2@x>", "<4@x>");
        assert_eq!(desk.mail(&signed, too_late.as_bytes()).0, "");
        assert_eq!((desk.count("customers"), desk.count("messages")), (2, 3));
        let other = signed.replacen('+', "+x", 1);
        let refusal = desk.mail(&other, &raw("<3@x>", "", "Hi")).0;
        assert_eq!(refusal.is_empty(), reply_domain.is_none(), "{other}");
    }
}

#[test]
fn a_mail_that_comes_again_changes_no_byte() {
    let desk = Desk::new();
    desk.mail(ADDRESS, &with_file("<1@x>", "%PDF-1.4 x"));
    let before = desk.stack.ports.blobs.borrow().clone();
    for file in ["%PDF-1.4 x", "%PDF-1.4 forged"] {
        assert_eq!(desk.mail(ADDRESS, &with_file("<1@x>", file)).0, "");
    }
    assert_eq!(*desk.stack.ports.blobs.borrow(), before);
    assert_eq!((desk.count("messages"), desk.count("attachments")), (1, 1));
}

#[test]
fn a_bounce_and_a_list_are_marked_and_open_no_window() {
    for (from, more) in [
        ("", ""),
        ("x@y.example", "List-Id: <l.example>\n"),
        ("x@y.example", "Auto-Submitted: auto-replied\n"),
        ("x@y.example", "Precedence: bulk\n"),
    ] {
        let desk = Desk::new();
        desk.enveloped(from, ADDRESS, &raw("<1@x>", more, "I am away"));
        let row = "SELECT (detail ->> 'auto_submitted') || '|' || (SELECT last_inbound_at IS NULL FROM conversations) FROM messages";
        assert_eq!(desk.text(row), "1|1", "{more}");
    }
}

#[test]
fn our_own_mail_and_mail_of_a_forged_sender() {
    let desk = Desk::new();
    let own = String::from_utf8(raw("<1@x>", "", "Hi"))
        .unwrap()
        .replace("joe@example.com", ADDRESS);
    let (refusal, log) = desk.mail(ADDRESS, own.as_bytes());
    assert!(refusal.is_empty() && log["note"].as_str().unwrap().contains("own address"));
    assert_eq!(desk.count("messages"), 0);
    let forged = raw(
        "<2@x>",
        "Authentication-Results: mx.cloudflare.net; dmarc=fail\nReply-To: mallory@evil.example\n",
        "Hi",
    );
    desk.mail(ADDRESS, &forged);
    let row = "SELECT (detail ->> 'sender_unverified') || '|' || (SELECT contact IS NULL FROM conversations) FROM messages";
    assert_eq!(desk.text(row), "1|1");
}

#[test]
fn what_cloudflares_server_found_is_told_and_what_stands_below_is_not() {
    let real = |result: &str| {
        format!(
            "Received: from mx.example.com (192.0.2.7)\n        by cloudflare-email.net (cloudflare) id 1\n\
             Received-SPF: pass (mx.cloudflare.net: domain of joe@example.com)\n\
             Authentication-Results: mx.cloudflare.net;\n\tdkim=pass header.d=example.com;\n\t\
             dmarc={result} header.from=example.com policy.dmarc=none;\n\tspf=pass smtp.mailfrom=joe@example.com\n"
        )
    };
    let spoofed = "Authentication-Results: mx.cloudflare.net; dmarc=pass header.from=example.com\n";
    for (above, expected) in [
        (real("pass"), "pass customer joe@example.com"),
        (real("none"), "none customer -"),
        (real("fail"), "fail other -"),
        (real("fail") + spoofed, "fail other -"),
        (real("none") + spoofed, "none customer -"),
        (
            format!("Authentication-Results: mx.evil.example; dmarc=fail\n{spoofed}"),
            "none customer -",
        ),
        (
            real("pass") + "From: Mallory <mallory@evil.example>\n",
            "none other -",
        ),
    ] {
        let desk = Desk::new();
        let mail = [
            above.replace('\n', "\r\n").as_bytes(),
            &raw("<1@x>", "", "Hi"),
        ]
        .concat();
        desk.mail(ADDRESS, &mail);
        let row =
            "SELECT (detail ->> 'sender_verified') || ' ' || (detail ->> 'participant') || ' '
          || coalesce((SELECT contact FROM conversations), '-') FROM messages";
        assert_eq!(desk.text(row), expected, "{above}");
    }
}

#[test]
fn with_the_database_away_a_mail_is_kept_and_taken_in_later() {
    let desk = Desk::new();
    desk.stack
        .db
        .fail(Failure::Before(DbError::Outage("away".into())));
    let (refusal, log) = desk.mail(ADDRESS, &with_file("<1@x>", "%PDF-1.4 \u{0}\n\n x"));
    assert!(refusal.is_empty() && log["note"].as_str().unwrap().contains("parked"));
    assert_eq!(desk.count("messages"), 0);
    desk.stack.job("", resume_all);
    desk.stack.job("", resume_all);
    assert_eq!((desk.count("messages"), desk.keys().len()), (1, 2));
    // Of nobody's mail nothing stays.
    desk.stack
        .db
        .fail(Failure::Before(DbError::Outage("away".into())));
    desk.mail("nobody@acme.example", &raw("<2@x>", "", "Hi"));
    let log = desk.stack.job("", resume_all);
    assert!(log["note"].as_str().unwrap().contains("dropped"));
    assert_eq!((desk.count("messages"), desk.keys().len()), (1, 2));
}

#[test]
fn an_account_disabled_meanwhile_loses_no_mail_that_was_taken() {
    let desk = Desk::new();
    desk.stack
        .db
        .fail(Failure::Before(DbError::Outage("away".into())));
    assert_eq!(desk.mail(ADDRESS, &raw("<1@x>", "", "Hi")).0, "");
    desk.stack.db.sql("UPDATE channels SET status = 'disabled'");
    desk.stack.job("", resume_all);
    assert_eq!(desk.count("messages"), 1);
}

#[test]
fn with_the_database_and_kv_away_the_sender_comes_again() {
    let desk = Desk::new();
    desk.stack
        .db
        .fail(Failure::Before(DbError::Outage("away".into())));
    desk.stack.ports.blobs_are_down.set(true);
    let (_, log) = desk.mail(ADDRESS, &raw("<1@x>", "", "Hi"));
    assert_eq!(log["code"], "unavailable");
}

#[test]
fn whatever_comes_is_taken_in() {
    let desk = Desk::new();
    let mut nested = "Content-Type: multipart/mixed; boundary=b\n\n".to_owned();
    for n in 0..50 {
        nested.push_str(&format!(
            "--b{n}\nContent-Type: multipart/mixed; boundary=b{}\n\n",
            n + 1
        ));
    }
    for (n, mail) in [
        &b""[..],
        b"\r\n",
        b"\xff\xfe\x00",
        b"From: nobody\r\n\r\nx",
        nested.as_bytes(),
        &raw("<>", "Subject: =?x?Q?=\n", ""),
    ]
    .into_iter()
    .enumerate()
    {
        let (refusal, log) = desk.mail(ADDRESS, mail);
        assert_eq!((refusal.as_str(), &log["code"]), ("", &Json::Null), "{n}");
    }
    assert_eq!(desk.count("messages"), 6);
}

#[test]
fn an_erased_person_leaves_no_mail() {
    let desk = Desk::new();
    desk.mail(ADDRESS, &with_file("<1@x>", "%PDF-1.4 x"));
    assert_eq!(desk.keys().len(), 2);
    let customer = desk.text("SELECT id FROM customers");
    desk.stack.job("", async |cx: &Context<'_>, _: &str| {
        customer_erase(&cx.of_business(&desk.tenant.business_id), &customer).await?;
        Ok(())
    });
    assert!(desk.keys().is_empty());
    assert_eq!(
        desk.text("SELECT content || coalesce(detail, 'gone') FROM messages"),
        "gone"
    );
    // The provider repeats it: neither the message nor its bytes come back.
    assert_eq!(desk.mail(ADDRESS, &with_file("<1@x>", "%PDF-1.4 x")).0, "");
    assert!(desk.keys().is_empty());
    assert_eq!(desk.count("messages"), 1);
}

#[test]
fn a_claim_that_is_not_proven_gets_no_mail() {
    let desk = Desk::new();
    desk.stack
        .db
        .sql("UPDATE channels SET verification = 'pending'");
    let (refusal, _) = desk.mail(ADDRESS, &raw("<1@x>", "", "Hi"));
    assert!(refusal.contains("no such mailbox"));
    let owner = desk.stack.tenant("The owner");
    let settings = json!({"provider": "cloudflare"});
    let _theirs = desk
        .stack
        .channel(&owner, "email", ADDRESS, &settings, &json!({}));
    assert_eq!(desk.mail(ADDRESS, &raw("<1@x>", "", "Hi")).0, "");
    let of = format!("messages WHERE business_id = '{}'", owner.business_id);
    assert_eq!((desk.count("messages"), desk.count(&of)), (1, 1));
}

#[test]
fn an_address_with_a_tag_is_that_of_the_address_without() {
    let desk = Desk::new();
    let settings = json!({"provider": "cloudflare"});
    let tagged = "support+vip@acme.example";
    let squatter = desk.stack.tenant("A squatter");
    let _claimed = desk
        .stack
        .channel(&squatter, "email", tagged, &settings, &json!({}));
    assert_eq!(desk.mail(tagged, &raw("<1@x>", "", "Hi")).0, "");
    let of = |business: &str| desk.count(&format!("messages WHERE business_id = '{business}'"));
    let ours = &desk.tenant.business_id;
    assert_eq!((of(ours), of(&squatter.business_id)), (1, 0));
    // An account of the same business may have a tag of its own.
    let own = "support+own@acme.example";
    let channel = desk
        .stack
        .channel(&desk.tenant, "email", own, &settings, &json!({}));
    assert_eq!(desk.mail(own, &raw("<2@x>", "", "Hi")).0, "");
    assert_eq!(
        desk.count(&format!("messages WHERE channel_id = '{channel}'")),
        1
    );
}

/// Where answers to the newest conversation of an account below a domain are to go.
fn reply_address(desk: &Desk, channel_id: &str, address: &str, reply_domain: &str) -> String {
    let conversation_id =
        desk.text("SELECT id FROM conversations ORDER BY created_at DESC LIMIT 1");
    let channel_id = ChannelId::unchecked(channel_id);
    let conversation_id = ConversationId::unchecked(conversation_id);
    let mut signed = None;
    desk.stack.job("", async |cx: &Context<'_>, _: &str| {
        let account = ReplyAccount {
            business_id: &desk.tenant.business_id,
            channel_id: &channel_id,
            address,
            reply_domain: Some(reply_domain),
        };
        signed = account.address_for(&cx.ports, &conversation_id, cx.now)?;
        Ok(())
    });
    signed.unwrap()
}

#[test]
fn accounts_that_others_name_a_reply_domain_in_hide_nobody_who_has_proven_it() {
    const DOMAIN: &str = "in.acme.example";
    let (stack, _) = Stack::with_tenant();
    let squatter = stack.tenant("A squatter");
    for provider in ["resend", "postmark"] {
        for n in 0..60 {
            let settings = json!({"provider": provider, "reply_domain": DOMAIN});
            let address = format!("{provider}{n}@acme.example");
            let _theirs = stack.channel(&squatter, "email", &address, &settings, &json!({}));
        }
    }
    let tenant = stack.tenant("The owner");
    let settings = json!({"provider": "cloudflare", "reply_domain": DOMAIN});
    let channel_id = stack.channel(&tenant, "email", ADDRESS, &settings, &json!({}));
    let desk = Desk {
        stack,
        tenant,
        channel_id,
    };
    desk.mail(ADDRESS, &raw("<1@x>", "", "Hi"));
    let to = reply_address(&desk, &desk.channel_id, ADDRESS, DOMAIN);
    assert_eq!(desk.mail(&to, &raw("<2@x>", "", "Again")).0, "");
    assert_eq!(
        (desk.count("messages"), desk.count("conversations")),
        (2, 1)
    );
}

#[test]
fn each_of_sixty_mailboxes_gets_the_replies_below_the_domain_that_they_share() {
    const DOMAIN: &str = "in.acme.example";
    let settings = json!({"provider": "cloudflare", "reply_domain": DOMAIN});
    let desk = Desk::of(&settings);
    for n in 0..60 {
        let address = format!("desk{n}@acme.example");
        let (stack, tenant) = (&desk.stack, &desk.tenant);
        let channel = stack.channel(tenant, "email", &address, &settings, &json!({}));
        desk.stack.advance(1000);
        desk.mail(&address, &raw(&format!("<{n}@x>"), "", "Hi"));
        let to = reply_address(&desk, &channel, &address, DOMAIN);
        let reply = raw(&format!("<{n}-reply@x>"), "", "Again");
        assert_eq!(desk.mail(&to, &reply).0, "", "{n}");
        let of = format!("messages WHERE channel_id = '{channel}'");
        assert_eq!(desk.count(&of), 2, "{n}");
    }
}
