//! Whether the right record is among the first five: of records that mostly say what others say, too.

use super::URL;
use serde_json::{Value, json};
use testkit::Links;

const FIRST: [&str; 12] = [
    "Aoife", "Piotr", "Priya", "Harriet", "Conor", "Giulia", "Omar", "Margaret", "Sofia", "Declan",
    "Ingrid", "Kwame",
];
const LAST: [&str; 10] = [
    "Murphy", "Nowak", "Patel", "Collins", "Rossi", "Haddad", "Hansen", "Okafor", "Walsh", "Nair",
];
/// What many records say.
const COMMON: [&str; 10] = [
    "Asks for a written offer.",
    "Send the autumn catalogue.",
    "Always pays on the day.",
    "Called from the car.",
    "Passed on to second line.",
    "Sends photos of everything.",
    "Price on request.",
    "One item waits for stock.",
    "Wants one person to talk to.",
    "Nothing open.",
];
/// What one record says, and how somebody asks for it.
const ALONE: [[&str; 2]; 16] = [
    [
        "Box arrived crushed and two of the glasses were in pieces.",
        "parcel turned up damaged with broken tumblers",
    ],
    [
        "Paid twice by mistake because the checkout page froze.",
        "double payment needs refunding",
    ],
    [
        "No lift in the building and the sofa has to go up four flights.",
        "carry heavy couch upstairs to a high floor",
    ],
    [
        "Locked out after too many wrong passwords and the reset mail does not come.",
        "cannot log in, recovery email never arrives",
    ],
    [
        "Broadband drops each evening between eight and ten.",
        "internet connection unstable at night",
    ],
    [
        "Screen reader skips the buy button, so a blind user cannot finish.",
        "accessibility problem for the visually impaired at purchase",
    ],
    [
        "Keeps bees and gave the whole team honey at Christmas.",
        "beekeeper who brought presents to staff",
    ],
    [
        "Uses a wheelchair; the ramp is at the back of the house.",
        "mobility impaired, step free entrance at rear",
    ],
    [
        "Customs kept the parcel in Rotterdam for lack of an invoice.",
        "shipment stuck at the border because paperwork is absent",
    ],
    [
        "Fence blown over; sheep are in the road.",
        "livestock escaped through broken barrier",
    ],
    [
        "Hail the size of golf balls dented the bonnet.",
        "car damaged by storm with ice",
    ],
    [
        "Doors stick since the floor was laid.",
        "entrance hard to open after new flooring",
    ],
    [
        "Lawn to be a meadow, with a path through it.",
        "turn the grass into wildflowers",
    ],
    [
        "Plays the organ at our carol evening.",
        "musician at the Christmas concert",
    ],
    [
        "Please no more calls at dinner time.",
        "do not phone in the evening",
    ],
    [
        "Hit by a cyclist who ran a red light; broken wrist.",
        "injured arm after collision with a bike",
    ],
];

fn name(number: usize) -> String {
    let last = LAST[number / FIRST.len() % LAST.len()];
    format!("{} {last}", FIRST[number % FIRST.len()])
}

fn phone(number: usize) -> String {
    format!("(08{}) {} {}", number % 10, 100 + number, 4000 + 7 * number)
}

fn key(number: usize) -> String {
    format!("cust-{}", 10_000 + number)
}

/// Where the record stands that says [`ALONE`]'s sentence.
const fn place(sentence: usize) -> usize {
    3 + 7 * sentence
}

fn records() -> Value {
    let note = |number: usize| {
        let alone = (0..ALONE.len()).find(|sentence| place(*sentence) == number);
        let middle = match alone {
            Some(sentence) => ALONE[sentence][0],
            None => COMMON[number / 3 % 10],
        };
        format!(
            "{} {middle} {}",
            COMMON[number % 10],
            COMMON[number * 7 % 10]
        )
    };
    let record = |number: usize| {
        let email = format!("customer{number}@example.com");
        let level = ["Bronze", "Silver", "Gold"][number % 3];
        json!({ "id": key(number), "name": name(number), "email": email, "phone": phone(number),
            "support_level": level, "note": note(number) })
    };
    (0..FIRST.len() * LAST.len()).map(record).collect()
}

/// How many of these questions have their record among the first five, in percent.
fn recall(links: &Links, questions: &[(String, usize)]) -> usize {
    let is_found = |(question, number): &&(String, usize)| {
        let found = links.found(question);
        found.iter().take(5).any(|found| *found == key(*number))
    };
    questions.iter().filter(is_found).count() * 100 / questions.len()
}

#[test]
fn what_is_asked_for_is_among_the_first_five() {
    let links = Links::new();
    links.serve_json(URL, &records());
    links.add(URL, &json!({}));
    links.run();
    let some = || (0..120).step_by(9);
    let ask = |asked: fn(usize) -> String| some().map(|n| (asked(n), n)).collect::<Vec<_>>();
    let names = ask(|n| format!("anything open for {}?", name(n)));
    assert_eq!(recall(&links, &names), 100, "names");
    let ids = ask(|n| format!("look up {}", key(n)));
    assert_eq!(recall(&links, &ids), 100, "ids");
    let international = |n: usize| {
        let digits: String = phone(n).chars().filter(char::is_ascii_digit).collect();
        format!("missed call from +353{}", &digits[1..])
    };
    let phones: Vec<_> = some().map(|n| (international(n), n)).collect();
    assert_eq!(recall(&links, &phones), 100, "phones");
    let slips = ask(|n| {
        let name = name(n);
        let (first, last) = name.split_once(' ').unwrap();
        let mut letters: Vec<char> = last.chars().collect();
        letters.swap(2, 3);
        format!("{first} {}", letters.into_iter().collect::<String>())
    });
    assert!(recall(&links, &slips) >= 90, "slips");
    let questions = ALONE.iter().enumerate();
    let other_words: Vec<_> = questions
        .map(|(n, [_, question])| ((*question).to_owned(), place(n)))
        .collect();
    assert!(recall(&links, &other_words) >= 90, "other words");
}

#[test]
fn an_isolate_reads_the_vectors_alone_that_are_new() {
    let links = Links::new();
    links.serve_json(URL, &records());
    links.add(URL, &json!({}));
    links.run();
    let question = ALONE[1][1];
    assert_eq!(links.found(question)[0], key(place(1)));
    let calls = |question: &str| {
        let before = links.stack.search.calls();
        links.found(question);
        links.stack.search.calls() - before
    };
    let kept = calls(question);
    // Read again, it would be refused.
    let search = &links.stack.search;
    search.sql("UPDATE segments SET vectors = ''");
    let policies = "https://crm.example/policies";
    let policy = "Vouchers do not run out and cannot be turned into cash.";
    links.serve_json(policies, &json!([{ "id": "policy-1", "body": policy }]));
    links.add(policies, &json!({ "name": "Policies" }));
    links.run();
    assert_eq!(calls("gift card expiry and payout"), kept + 2);
    assert_eq!(links.found("gift card expiry and payout")[0], "policy-1");
    assert_eq!(links.found(question)[0], key(place(1)));
    assert_eq!(calls(question), kept);
}
