use messaging::conversations::handoff::triggers::{
    DEFAULTS, FILLERS, Triggers, counting, words_of,
};

/// What a business lists that lists nothing.
const OURS: &str = "{}";

fn matched(listed: &str, message: &str) -> bool {
    Triggers::of(listed).matched(message).is_some()
}

fn asks(message: &str) {
    assert!(matched(OURS, message), "{message}");
}

fn asks_not(message: &str) {
    assert!(!matched(OURS, message), "{message}");
}

#[test]
fn people_ask_in_their_language() {
    for message in [
        "human",
        "Agent!!!",
        "HUMAN PLEASE 🙏",
        "I want an agent now",
        "I'd like to talk to a human, please.",
        "can I speak with a real person?",
        "Could you connect me to a representative?",
        "I need to talk to someone about my order",
        "Mensch",
        "Ich möchte bitte mit einem Menschen sprechen",
        "Kann ich mit jemandem reden?",
        "Quiero hablar con una persona",
        "agente por favor",
        "Je voudrais parler à quelqu’un",
        "un conseiller s'il vous plaît",
        "CONSEILLÈRE",
        "quero falar com alguém",
        "atendente",
        "Vorrei parlare con un operatore",
        "medewerker graag",
        "Ik wil een mens spreken",
        "أريد التحدث إلى موظف",
        "موظّف من فضلك",
        "मुझे इंसान से बात करनी है",
        "एजेंट चाहिए",
    ] {
        asks(message);
    }
}

#[test]
fn who_speaks_of_people_does_not_ask_for_one() {
    for message in [
        "",
        "Hello",
        "my travel agent booked",
        "travel agent",
        "The agent was great, thank you",
        "Is shampoo for human hair in stock?",
        "humane",
        "agents",
        "The person at the desk told me so",
        "Mi agente inmobiliario llega hoy",
        "Wir sind 4 Menschen",
        "Table for one person",
    ] {
        asks_not(message);
    }
}

#[test]
fn a_long_message_asks_by_more_than_one_word() {
    let please = "please ".repeat(11);
    asks(&format!("{please} human"));
    asks_not(&format!("{please} please human"));
    let story = "I ordered two chairs a week ago and one came broken, so";
    asks(&format!("{story} let me talk to someone"));
    asks_not(&format!("{story} your agent should be ashamed"));
}

#[test]
fn accents_and_case_and_marks_are_folded() {
    for (given, message) in [
        ("Straße", "STRASSE"),
        ("être là", "etre la\u{300}"),
        ("cœur net", "coeur net"),
        ("إنسان", "انسان"),
        ("हाँ जी", "हां जी।"),
    ] {
        let listed = format!(r#"{{"x": ["{given}"]}}"#);
        assert!(matched(&listed, message), "{given} {message}");
    }
}

#[test]
fn a_business_replaces_a_language_and_keeps_the_others() {
    let settings = r#"{
        "en": ["Concierge", "someone in charge", 7, " "], "pl": ["konsultant"], "de": null}"#;
    assert!(matched(settings, "concierge please"));
    assert!(matched(
        settings,
        "I demand to see someone in charge of this shop"
    ));
    assert!(!matched(settings, "talk to someone"));
    assert!(matched(settings, "parler à quelqu'un"));
    assert!(matched(settings, "Mensch"));
    // Nothing is known of what stands around it: such a message has to be very short.
    assert!(matched(settings, "potrzebny mi konsultant"));
    assert!(!matched(settings, "nasz konsultant podatkowy wyjechał"));
    let none = r#"{"nl": []}"#;
    assert!(!matched(none, "medewerker"));
    assert!(matched(none, "human"));
}

#[test]
fn the_trigger_is_told_as_it_was_given() {
    let triggers = Triggers::of(OURS);
    assert_eq!(
        triggers.matched("Parler A Quelqu'un !"),
        Some("parler à quelqu'un")
    );
}

#[test]
fn ours_are_folded_as_messages_are() {
    for (language, phrases) in DEFAULTS {
        for phrase in *phrases {
            asks(phrase);
            assert!(
                !counting(&words_of(phrase)).is_empty(),
                "{language}: {phrase}"
            );
        }
    }
    for filler in FILLERS.split_whitespace() {
        let folded = words_of(filler);
        assert_eq!(folded, [filler], "a filler that no message has");
    }
}
