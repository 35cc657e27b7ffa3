//! What goes between Workers, as each version has it. The files are what a build that is deployed
//! already sends and reads, so they are never edited: a change that one of them does not survive needs
//! a version of its own, and a file.

use access::sso::verification::TokenQuestion;
use common::calls::{Call, answer, read};
use customer::{ApplyChanges, ApplyRecord, NormalisePhone, NormalisePhones};
use knowledge::embedder::EmbedTexts;
use knowledge::preview::PreviewLink;
use knowledge::source::database::ReadRows;
use messaging::messages::send::SendReply;
use serde_json::{Value, json};

fn golden_of(file: &str) -> (Value, Value) {
    let mut golden: Value = serde_json::from_str(file).unwrap();
    (golden["call"].take(), golden["answer"].take())
}

fn check<C: Call>(file: &str) {
    let (mut call, mut answered) = golden_of(file);
    assert_eq!(call["version"], C::VERSION);
    let read_back = |value: &Value| read::<C>(value.to_string().as_bytes());
    // What we send is what stands in the file, and what stands there can be read.
    let mut sent = serde_json::to_value(read_back(&call).unwrap()).unwrap();
    sent["version"] = C::VERSION.into();
    assert_eq!(sent, call);
    let answered_value: C::Answer = serde_json::from_value(answered.clone()).unwrap();
    let answered_value: Value =
        serde_json::from_str(&answer::<C>(&answered_value).unwrap()).unwrap();
    assert_eq!(answered_value, answered);
    // A newer build may add fields, here and there.
    call["added_later"] = json!(true);
    answered["added_later"] = json!(true);
    assert!(read_back(&call).is_ok());
    assert!(serde_json::from_value::<C::Answer>(answered).is_ok());
    // A build of the version after this one is refused, which puts the work back.
    call["version"] = json!(C::VERSION + 1);
    assert_eq!(read_back(&call).err().unwrap().status(), 400);
}

#[test]
fn a_reply_to_be_sent_is_as_version_1_has_it() {
    check::<SendReply>(include_str!("send_reply.v1.json"));
}

#[test]
fn a_question_about_a_token_is_as_version_1_has_it() {
    check::<TokenQuestion>(include_str!("token.v1.json"));
}

#[test]
fn a_question_about_a_cards_token_is_as_version_1_has_it() {
    check::<TokenQuestion>(include_str!("card_token.v1.json"));
}

#[test]
fn a_question_about_a_members_token_is_as_version_1_has_it() {
    check::<TokenQuestion>(include_str!("member_token.v1.json"));
}

#[test]
fn a_record_to_be_applied_is_as_version_1_has_it() {
    check::<ApplyRecord>(include_str!("apply_record.v1.json"));
}

#[test]
fn changes_to_be_applied_are_as_version_1_has_them() {
    check::<ApplyChanges>(include_str!("apply_changes.v1.json"));
}

#[test]
fn a_number_to_be_normalised_is_as_version_1_has_it() {
    check::<NormalisePhone>(include_str!("normalise_phone.v1.json"));
}

#[test]
fn numbers_to_be_normalised_are_as_version_1_has_them() {
    check::<NormalisePhones>(include_str!("normalise_phones.v1.json"));
}

#[test]
fn texts_to_be_embedded_are_as_version_1_has_them() {
    check::<EmbedTexts>(include_str!("embed_texts.v1.json"));
}

#[test]
fn a_link_to_be_previewed_is_as_version_1_has_it() {
    check::<PreviewLink>(include_str!("preview_link.v1.json"));
    check::<PreviewLink>(include_str!("preview_link_failed.v1.json"));
}

#[test]
fn rows_to_be_read_are_as_version_1_has_them() {
    check::<ReadRows>(include_str!("read_rows.v1.json"));
}

#[test]
fn a_database_that_failed_is_told_as_version_1_has_it() {
    check::<ReadRows>(include_str!("read_rows_failed.v1.json"));
}

#[test]
fn texts_to_be_embedded_by_a_model_of_a_business_are_as_version_1_has_them() {
    check::<EmbedTexts>(include_str!("embed_texts_of_model.v1.json"));
}

#[test]
fn what_is_near_to_a_text_is_asked_for_as_version_1_has_it() {
    check::<EmbedTexts>(include_str!("embed_texts_nearest.v1.json"));
}
