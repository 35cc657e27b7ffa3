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
