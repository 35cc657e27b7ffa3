//! Conversations, whole: fakes of the providers and of a CRM on loopback, scripts/dev between.

use e2e::run;

#[test]
fn the_guides_own_client_code_receives_polls_reads_and_sends() {
    run("tests/e2e/guide/conversations.mjs");
}

#[test]
fn messenger_and_instagram_go_both_ways_in_whatever_order() {
    run("tests/e2e/guide/messenger.mjs");
}

#[test]
fn comments_on_posts_are_threads_that_are_answered_hidden_and_deleted() {
    run("tests/e2e/guide/comments.mjs");
}

#[test]
fn texts_go_in_and_out_by_twilio_and_who_said_stop_is_left_alone() {
    run("tests/e2e/guide/sms.mjs");
}

#[test]
fn mail_comes_and_goes_by_three_providers_and_finds_its_customer() {
    run("tests/e2e/guide/email.mjs");
}
