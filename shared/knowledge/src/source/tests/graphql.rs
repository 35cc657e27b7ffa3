use super::*;

const DOCUMENT: &str = "query People($after: String, $first: Int) {
  people(first: $first, after: $after) { nodes { id } pageInfo { hasNextPage endCursor } } }";

fn link() -> Link {
    Link::to("https://api.crm.example/graphql").with(|settings| {
        settings.query = Some(DOCUMENT.into());
        settings.body = Some(json!({ "first": 2 }));
    })
}

fn answer(more: bool, cursor: &Value) -> Answer {
    ok(&json!({ "data": { "people": {
        "nodes": [{ "id": 1 }],
        "pageInfo": { "hasNextPage": more, "endCursor": cursor },
    } } }))
}

#[test]
fn a_document_is_posted_with_its_variables() {
    let link = link();
    link.will(answer(false, &json!(null))).page();
    let request = link.request();
    assert_eq!(request.method, "POST");
    assert_eq!(
        sent(&request),
        json!({ "query": DOCUMENT, "variables": { "first": 2 } })
    );
    assert_eq!(header(&request, "content-type"), Some("application/json"));
}

#[test]
fn a_connection_goes_on_with_its_cursor() {
    for paging in [None, Some("cursor:data.people.pageInfo.endCursor")] {
        let link = match paging {
            None => link(),
            Some(path) => link().paged(path),
        };
        let at = link.walk(vec![(answer(true, &json!("c1")), 1)]).unwrap();
        link.requests();
        let page = link.will(answer(false, &json!("c2"))).page_at(at.as_ref());
        let expected = json!({ "query": DOCUMENT, "variables": { "first": 2, "after": "c1" } });
        assert_eq!(sent(&link.request()), expected);
        assert_eq!(next(&link.place(), at.as_ref(), &page, 1), Ok(None));
    }
    let circle = vec![
        (answer(true, &json!("c1")), 1),
        (answer(true, &json!("c1")), 1),
    ];
    assert_eq!(link().walk(circle).unwrap_err().class, Class::Settings);
}

#[test]
fn the_variable_is_the_one_that_the_document_declares() {
    for (document, expected) in [
        (
            "query($cursor: String) { people(after: $cursor) { id } }",
            Some("cursor"),
        ),
        ("query($first:Int,$after :String!){ a }", Some("after")),
        ("query($afterwards: String) { a }", None),
        ("{ people { id } }", None),
    ] {
        let link = link().with(|settings| settings.query = Some(document.into()));
        match (link.walk(vec![(answer(true, &json!("c1")), 1)]), expected) {
            (Ok(Some(cursor)), Some(expected)) => {
                let Target::Field { name, value } = cursor.target() else {
                    panic!("{cursor:?}");
                };
                assert_eq!((name.as_str(), value.as_str()), (expected, "\"c1\""));
            }
            (Err(trouble), None) => {
                assert!(trouble.message.contains("$after"), "{}", trouble.message);
            }
            other => panic!("{document}: {other:?}"),
        }
    }
}

#[test]
fn more_than_one_list_or_none_to_follow_is_for_people() {
    let connection = |more: bool| json!({ "pageInfo": { "hasNextPage": more, "endCursor": "c" } });
    let two = |a: bool, b: bool| {
        ok(&json!({ "data": { "x": { "a": connection(a) }, "b": connection(b) } }))
    };
    let trouble = link().walk(vec![(two(true, true), 1)]).unwrap_err();
    assert!(
        trouble.message.contains("cursor:data."),
        "{}",
        trouble.message
    );
    assert!(link().walk(vec![(two(true, false), 1)]).unwrap().is_some());
    assert!(link().walk(vec![(two(false, false), 1)]).unwrap().is_none());
    let without = ok(&json!({ "data": { "a": { "pageInfo": { "hasNextPage": true } } } }));
    let trouble = link().walk(vec![(without, 1)]).unwrap_err();
    assert!(trouble.message.contains("endCursor"), "{}", trouble.message);
}

#[test]
fn errors_without_data_are_troubles_though_the_status_is_200() {
    let errors = |code: &str| json!([{ "message": format!("Field 'x' with {KEY}."), "extensions": { "code": code } }]);
    for body in [
        json!({ "errors": errors("undefinedField") }),
        json!({ "data": null, "errors": errors("undefinedField") }),
        json!({ "data": { "people": null }, "errors": errors("undefinedField") }),
    ] {
        let trouble = link().trouble(ok(&body));
        assert_eq!(
            (trouble.class, trouble.status),
            (Class::Settings, Some(200))
        );
        assert_eq!(
            trouble.message,
            "The query is refused: Field 'x' with ***. Check the query and its variables."
        );
    }
    for code in ["THROTTLED", "RATE_LIMITED", "INTERNAL_SERVER_ERROR"] {
        assert_eq!(
            link().trouble(ok(&json!({ "errors": errors(code) }))).class,
            Class::Retry
        );
    }
    let cost = json!({ "requestedQueryCost": 252, "actualQueryCost": null,
        "throttleStatus": { "maximumAvailable": 1000.0, "currentlyAvailable": 2, "restoreRate": 50.0 } });
    let body = json!({ "errors": errors("THROTTLED"), "extensions": { "cost": cost } });
    assert_eq!(link().trouble(ok(&body)).retry_after, Some(5));
    let trouble = link().trouble(ok(&json!({ "errors": errors("ACCESS_DENIED") })));
    assert!(trouble.message.contains("API key"), "{}", trouble.message);
    assert_eq!(
        link().trouble(raw(200, "text/html", b"<html>")).class,
        Class::Settings
    );
}

#[test]
fn data_counts_beside_errors() {
    let body =
        json!({ "data": { "people": { "nodes": [] }, "x": null }, "errors": [{ "message": "x" }] });
    link().will(ok(&body)).page();
    link().will(ok(&json!({ "data": {}, "errors": [] }))).page();
}
