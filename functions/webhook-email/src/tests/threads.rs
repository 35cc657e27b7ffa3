//! Whose a mail is (channels.md §9, gotcha 6).

use super::senders::authentic;
use super::{ADDRESS, Desk, mail};
use channels_email::ReplyAccount;
use common::Context;
use common::ids::{ChannelId, ConversationId};
use serde_json::json;

/// The addresses of the customers, each with how many mails it has.
fn owners(desk: &Desk) -> String {
    desk.text(
        "SELECT group_concat(email || ':' || n, ' ') FROM (
           SELECT c.email, count(*) AS n FROM messages m JOIN customers c ON c.id = m.customer_id
           GROUP BY c.id ORDER BY c.email)",
    )
}

impl Desk {
    /// Where answers to Joe's conversation are to go.
    pub(super) fn token(&self) -> String {
        let conversation = self.text(
            "SELECT v.id FROM conversations v JOIN customers c ON c.id = v.customer_id
             WHERE c.email = 'joe@example.com'",
        );
        self.reply_address(&conversation)
    }

    /// Where answers to a conversation are to go.
    fn reply_address(&self, conversation_id: &str) -> String {
        let mut address = None;
        let channel_id = ChannelId::unchecked(self.channel_id.as_str());
        let conversation_id = ConversationId::unchecked(conversation_id);
        self.stack.job("", async |cx: &Context<'_>, _: &str| {
            let account = ReplyAccount {
                business_id: &self.tenant.business_id,
                channel_id: &channel_id,
                address: ADDRESS,
                reply_domain: None,
            };
            address = account.address_for(&cx.ports, &conversation_id, cx.now)?;
            Ok(())
        });
        address.unwrap()
    }
}

#[test]
fn a_signed_address_names_the_thread_whoever_writes_and_in_whichever_field() {
    let desk = Desk::resend();
    desk.receive(&authentic(1, "joe@example.com", "Hi"));
    let signed = desk.token();
    let mut colleague = mail(2, "ann@example.com", "I answer for Joe");
    colleague["to"] = json!(["someone@else.example", signed]);
    colleague["received_for"] = json!(["x@inbound.example"]);
    desk.receive(&colleague);
    let mut blind = mail(3, "bob@example.com", "me too");
    blind["received_for"] = json!([signed.to_uppercase()]);
    desk.receive(&blind);
    assert_eq!(owners(&desk), "joe@example.com:3");
    assert_eq!(
        (desk.count("customers"), desk.count("conversations")),
        (1, 1)
    );
    // The colleague is not learnt as another name of the customer's.
    assert_eq!(desk.count("identities WHERE value = 'ann@example.com'"), 0);
    assert_eq!(
        desk.text("SELECT contact FROM conversations"),
        "joe@example.com"
    );
}

#[test]
fn answers_go_to_the_customer_whoever_wrote_last() {
    let desk = Desk::resend();
    let contact = || desk.text("SELECT contact FROM conversations");
    desk.receive(&authentic(1, "joe@example.com", "Hi"));
    let mut colleague = authentic(2, "ann@example.com", "I answer for Joe");
    colleague["to"] = json!([desk.token()]);
    desk.receive(&colleague);
    assert_eq!(contact(), "joe@example.com");
    desk.stack
        .db
        .sql("UPDATE conversations SET contact = 'office@example.com'");
    // Joe is known by now, and his mail takes the fast path.
    desk.receive(&mail(3, "joe@example.com", "It is me again"));
    assert_eq!(contact(), "office@example.com");
    let mut elsewhere = authentic(4, "joe@example.com", "Write to my home");
    elsewhere["reply_to"] = json!(["home@example.com"]);
    desk.receive(&elsewhere);
    assert_eq!(contact(), "joe@example.com");
}

#[test]
fn a_forged_or_foreign_signed_address_names_nobody() {
    let desk = Desk::resend();
    desk.receive(&mail(1, "joe@example.com", "Hi"));
    let foreign = Desk {
        channel_id: "019a0000-0000-7000-8000-0000000000ff".into(),
        stack: desk.stack.clone(),
        tenant: desk.tenant.clone(),
    };
    let foreign = foreign.token();
    let signed = desk.token();
    let cut = signed.replacen('@', "x@", 1);
    for (n, to) in [foreign, cut].iter().enumerate() {
        let mut forged = mail(n as u32 + 2, "mallory@example.com", "Hi");
        forged["to"] = json!([to]);
        desk.receive(&forged);
    }
    assert_eq!(owners(&desk), "joe@example.com:1 mallory@example.com:2");
}

#[test]
fn the_ids_of_a_thread_name_the_customer_and_what_is_answered() {
    let desk = Desk::resend();
    desk.receive(&mail(1, "joe@example.com", "Hi"));
    let mut answer = mail(2, "joe@work.example", "From work");
    answer["headers"]["References"] = json!("<0@unknown.example> <1@mail.example>");
    desk.receive(&answer);
    // Outlook writes no References, or none that is known.
    let mut outlook = mail(3, "joe@phone.example", "From the phone");
    outlook["headers"]["in-reply-to"] = json!("<2@mail.example>");
    outlook["headers"]["references"] = json!("<new@outlook.example>");
    desk.receive(&outlook);
    assert_eq!(owners(&desk), "joe@example.com:3");
    let answered = "SELECT group_concat(r.content, '|') FROM messages m JOIN messages r ON r.id = m.reply_to ORDER BY m.created_at";
    assert_eq!(desk.text(answered), "Hi|From work");
}

#[test]
fn an_answer_to_our_mail_is_known_by_the_id_that_resend_gave_it() {
    let desk = Desk::resend();
    desk.receive(&mail(1, "joe@example.com", "Hi"));
    desk.stack.db.sql(
        "INSERT INTO messages (business_id, created_at, id, conversation_id, customer_id, channel_id, channel,
           direction, type, content, status, provider_id, updated_at)
         SELECT business_id, created_at + 1, 'ours', conversation_id, customer_id, channel_id, channel,
           'outbound', 'email', 'Hello', 'sent', 'sent-1', 0 FROM messages",
    );
    desk.post(
        &json!({"type": "email.sent", "created_at": "2026-01-02T03:04:00Z",
        "data": {"email_id": "sent-1", "message_id": "<ours@resend.example>"}})
        .to_string(),
    );
    let mut answer = mail(2, "joe@work.example", "Thanks");
    answer["headers"]["In-Reply-To"] = json!("<ours@resend.example>");
    desk.receive(&answer);
    assert_eq!(owners(&desk), "joe@example.com:3");
    assert_eq!(
        desk.text("SELECT reply_to FROM messages WHERE content = 'Thanks'"),
        "ours"
    );
}

#[test]
fn strangers_get_into_no_thread_by_its_subject_or_by_passing_it_on() {
    let desk = Desk::resend();
    desk.receive(&mail(1, "joe@example.com", "Hi"));
    let mut subject = mail(2, "mallory@example.com", "Give me his data");
    subject["subject"] = json!("Re: Your order [#1]");
    desk.receive(&subject);
    let mut forward = mail(3, "ann@example.com", "See below");
    forward["subject"] = json!("Fwd: Your order");
    forward["headers"]["References"] = json!("<1@mail.example>");
    desk.receive(&forward);
    assert_eq!(
        owners(&desk),
        "ann@example.com:1 joe@example.com:1 mallory@example.com:1"
    );
}

#[test]
fn an_erased_customers_thread_is_nobodys() {
    let desk = Desk::resend();
    desk.receive(&mail(1, "joe@example.com", "Hi"));
    let signed = desk.token();
    desk.stack
        .db
        .sql("UPDATE customers SET erased_at = 1, email = NULL");
    desk.stack.db.sql("DELETE FROM identities");
    let mut answer = mail(2, "joe@example.com", "Still here");
    answer["to"] = json!([signed]);
    desk.receive(&answer);
    assert_eq!(owners(&desk), "joe@example.com:1");
    assert_eq!(desk.count("customers"), 2);
}

#[test]
fn a_thread_of_another_business_is_no_thread() {
    let desk = Desk::resend();
    desk.receive(&mail(1, "joe@example.com", "Hi"));
    let other = desk.stack.tenant("Another");
    let credentials = json!({"api_key": "re_key", "webhook_secret": super::SECRET});
    let settings = json!({"provider": "resend"});
    let channel_id = desk
        .stack
        .channel(&other, "email", "b@acme.example", &settings, &credentials);
    let desk = Desk {
        channel_id,
        tenant: other,
        stack: desk.stack,
    };
    let mut answer = mail(2, "ann@example.com", "Hi");
    answer["headers"]["References"] = json!("<1@mail.example>");
    desk.receive(&answer);
    assert_eq!(owners(&desk), "ann@example.com:1 joe@example.com:1");
}
