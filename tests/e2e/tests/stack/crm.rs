//! CRMs, whole: strict fakes of them and of the providers on loopback, scripts/dev between.

use e2e::run;

#[test]
fn a_whatsapp_message_goes_to_kustomer_and_an_agents_answer_to_the_customer() {
    run("tests/e2e/guide/kustomer.mjs");
}
