//! Many customers, of whom none is given anything of another.

use super::{URL, asked, customer, with_records};
use serde_json::{Value, json};
use testkit::Links;

/// So many customers that there are 10,100 pairs of them.
const CUSTOMERS: usize = 101;

/// Numbers that differ in one digit from their neighbours'.
fn person(n: usize) -> Value {
    json!({
        "external_id": format!("cust-{n:03}"), "name": format!("Ann Lee {n:03}"),
        "email": format!("ann{n:03}@example.com"), "phone": format!("+353871200{n:03}"),
    })
}

/// What stands in a customer's records, and nowhere else.
fn marks(n: usize) -> [String; 3] {
    ["byemail", "byphone", "bytext"].map(|by| format!("q{n:03}{by}"))
}

/// Records that differ in whose they are, of which one names the next customer in its text.
fn records_of(n: usize) -> [Value; 3] {
    let next = person((n + 1) % CUSTOMERS);
    let (person, [first, second, third]) = (person(n), marks(n));
    let about = "A blue bicycle was ordered; the wheel is repaired.";
    [
        json!({ "id": format!("order-{n:03}-a"), "email": person["email"], "note": format!("{first} {about}") }),
        json!({ "id": format!("order-{n:03}-b"), "phone": person["phone"], "note": format!("{second} {about}") }),
        json!({
            "id": format!("order-{n:03}-c"), "email": person["email"],
            "note": format!("{third} {about}\nemail: {}\nphone: {}", next["email"], next["phone"]),
        }),
    ]
}

/// Of whom a context says something: the numbers of the customers whose marks it has.
fn told_of(context: &str) -> Vec<usize> {
    let has = |n: &usize| marks(*n).iter().any(|mark| context.contains(mark));
    (0..CUSTOMERS).filter(has).collect()
}

#[test]
fn of_ten_thousand_pairs_of_customers_nobody_is_given_a_character_of_the_others_records() {
    let links = Links::new();
    let ids: Vec<String> = (0..CUSTOMERS)
        .map(|n| customer(&links, &person(n)))
        .collect();
    let records: Vec<Value> = (0..CUSTOMERS).flat_map(records_of).collect();
    with_records(&links, URL, &json!(records), &json!({}));
    for (n, id) in ids.iter().enumerate() {
        let other = (n * 7 + 1) % CUSTOMERS;
        let [first, ..] = marks(other);
        let theirs = person(other);
        // By their own marks, and by all that is known of somebody else.
        for query in [
            "blue bicycle wheel repaired".to_owned(),
            format!(
                "{first} order-{other:03}-a {} {}",
                theirs["email"], theirs["phone"]
            ),
        ] {
            let body = json!({ "customer": id, "query": query, "max_characters": 8000 });
            let mut context = asked(&links, &body).json;
            context["query"] = Value::Null;
            let context = context.to_string().replace(&query, "");
            assert_eq!(told_of(&context), [n], "{query}: {context}");
        }
    }
}
