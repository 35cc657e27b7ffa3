use super::*;

const BASE: &str = "https://api.crm.example";

#[test]
fn an_endpoint_that_knows_no_numbers_is_noticed() {
    let link = Link::new().paged("page");
    let trouble = link
        .walk(vec![(ok(&json!([1])), 1), (ok(&json!([1])), 1)])
        .unwrap_err();
    assert_eq!(trouble.class, Class::Settings);
    assert!(
        trouble.message.contains("same records"),
        "{}",
        trouble.message
    );
    // Also where it counts itself, and only the number differs.
    let page = |n: u32| ok(&json!({ "people": [{ "id": 1 }], "page": n, "total_pages": n + 1 }));
    let trouble = Link::new()
        .walk(vec![(page(1), 1), (page(2), 1)])
        .unwrap_err();
    assert!(
        trouble.message.contains("same records"),
        "{}",
        trouble.message
    );
    let page = |n: u32, id: u32| {
        (
            ok(&json!({ "people": [{ "id": id }], "page": n, "total_pages": n + 1 })),
            1,
        )
    };
    assert!(
        Link::new()
            .walk(vec![page(1, 1), page(2, 2), page(3, 1)])
            .unwrap()
            .is_some()
    );
}

#[test]
fn a_list_that_goes_in_a_circle_is_left() {
    let to = |n: u32| (ok(&json!({ "next": format!("/v1/people?page={n}") })), 0);
    for answers in [
        vec![to(1), to(1)],
        vec![to(1), to(2), to(3), to(2)],
        vec![(ok(&json!({ "next": "/v1/people" })), 1)],
        vec![
            (
                ok(&json!({ "next": "https://API.crm.example/v1/people" })),
                1,
            ),
            to(1),
            to(1),
        ],
    ] {
        let trouble = Link::new().walk(answers).unwrap_err();
        assert_eq!(trouble.class, Class::Settings);
        assert!(trouble.message.contains("circle"), "{}", trouble.message);
    }
}

/// Walks behind made-up pages without asking for them; gives how many were walked and why no further.
fn walked(places: impl Iterator<Item = String>, records: usize) -> (usize, String, usize) {
    let link = Link::new();
    let mut at: Option<Cursor> = None;
    let mut url = URL.to_owned();
    let mut largest = 0;
    for (walked, place) in places.enumerate() {
        let page = Page {
            body: json!({ "next": place, "list": [walked] })
                .to_string()
                .into_bytes(),
            url: url.clone(),
            ..Page::default()
        };
        match next(&link.place(), at.as_ref(), &page, records) {
            Ok(cursor) => at = cursor,
            Err(trouble) => return (walked, trouble.message, largest),
        }
        largest = largest.max(serde_json::to_string(&at).unwrap().len());
        url = [BASE, &place].concat();
    }
    panic!("the list was walked to its end");
}

#[test]
fn a_circle_is_found_however_long_it_is_and_the_cursor_stays_small() {
    let (pages, message, size) = walked((0..).map(|n| format!("/n?at={}", n % 700)), 1);
    assert!(message.contains("circle"), "{message}");
    assert!(pages < 2200, "{pages}");
    assert!(size < 5000, "{size}");
}

#[test]
fn a_list_without_end_is_left() {
    let (pages, message, _) = walked((0..).map(|n| format!("/n?at={n}")), 0);
    assert!(
        pages < 25 && message.contains("without a record"),
        "{pages} {message}"
    );
    let (pages, message, _) = walked((0..).map(|n| format!("/n?at={n}")), 1);
    assert!(
        pages < 10_000 && message.contains("does not end"),
        "{pages} {message}"
    );
}
