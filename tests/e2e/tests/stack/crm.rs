//! CRMs, whole: strict fakes of them and of the providers on loopback, scripts/dev between.

use e2e::run;

#[test]
fn a_whatsapp_message_goes_to_kustomer_and_an_agents_answer_to_the_customer() {
    run("tests/e2e/guide/kustomer.mjs");
}

#[test]
fn a_whatsapp_message_goes_to_krayin_and_moves_its_lead_and_what_changes_there_comes_back() {
    run("tests/e2e/guide/krayin.mjs");
}

#[test]
fn what_fails_at_krayin_and_how_much_it_takes_neither_doubles_nor_loses_anything() {
    run("tests/e2e/guide/krayin-trouble.mjs");
}

#[test]
fn a_visitor_of_chatwoot_becomes_a_lead_in_krayin_and_what_changes_there_goes_back() {
    run("tests/e2e/guide/chatwoot.mjs");
}

#[test]
fn the_steps_of_the_page_lead_from_nothing_to_a_contact() {
    run("tests/e2e/guide/first-contact.mjs");
}

#[test]
fn what_crm_links_fetch_is_searched_and_who_writes_is_answered_with_their_own() {
    run("tests/e2e/guide/links.mjs");
}

/// Says that it is skipped where no PostgreSQL is installed; `TIELINE_POSTGRES=1` makes that a failure.
#[test]
fn the_rows_of_a_real_postgresql_are_searched_and_nothing_in_it_is_written() {
    run("tests/e2e/guide/database.mjs");
}

#[test]
fn whatever_a_source_of_a_crm_link_sends_what_there_was_is_searched_on() {
    run("tests/e2e/guide/trouble-links.mjs");
}
