use super::*;

fn names(page: &Answer) -> Vec<&str> {
    assert_eq!(page.status, 200, "{}", page.text());
    let businesses = page.json["businesses"].as_array().unwrap();
    let names = businesses.iter().map(|one| one["name"].as_str().unwrap());
    names.collect()
}

fn list(stack: &Stack, query: &str) -> Answer {
    get(stack, &format!("{BUSINESSES}?{query}"))
}

#[test]
fn operator_business_list_answers_with_what_each_business_has() {
    let (stack, tenant) = Stack::with_tenant();
    let _account = stack.whatsapp(&tenant, "1");
    stack.receive_whatsapp("1", "wamid.1", "353870000001", "Hello");
    let _other = stack.tenant("Another");
    let page = list(&stack, "");
    assert_eq!(names(&page), ["Another", "Test business"]);
    let [other, one] = page.json["businesses"].as_array().unwrap().as_slice() else {
        panic!("two businesses")
    };
    assert_eq!(one["id"], json!(tenant.business_id));
    assert_eq!(
        (&one["status"], &one["suspended_at"]),
        (&json!("active"), &Value::Null)
    );
    assert_eq!(
        (&one["customers"], &other["customers"]),
        (&json!(1), &json!(0))
    );
    assert_eq!(one["has_more_customers"], false);
    assert_eq!(
        one["messages_this_month"],
        json!({ "received": 1, "sent": 0 })
    );
    assert_eq!(
        one["usage"]["channels"],
        json!({ "limit": 5000, "used": 1 })
    );
    assert_eq!(
        one["usage"]["api_keys"],
        json!({ "limit": 1000, "used": 2 })
    );
    assert_eq!(other["usage"]["channels"]["used"], 0);
    assert_eq!(page.json["has_more"], false);
}

#[test]
fn operator_business_list_answers_by_the_beginning_of_a_name_and_by_an_id() {
    let stack = Stack::new();
    for name in [
        "Acme",
        "acme Two",
        "Beta",
        "Zebra's \"Ärzte\"",
        "ACME",
        "Aéro",
    ] {
        let _made = stack.tenant(name);
    }
    let found = list(&stack, "search=aCm");
    let mut all = names(&found);
    assert_eq!(all.pop(), Some("acme Two"));
    all.sort_unstable();
    assert_eq!(all, ["ACME", "Acme"]);
    assert_eq!(
        names(&list(&stack, "search=%20zebra's%20%22%C3%84")).len(),
        1
    );
    assert_eq!(names(&list(&stack, "search=a%C3%A9")), ["Aéro"]);
    for nothing in [
        "search=cme",
        "search=%25",
        "search=_",
        "search=a%27%20OR%201",
    ] {
        assert!(names(&list(&stack, nothing)).is_empty(), "{nothing}");
    }
    let id = found.json["businesses"][0]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let by_id = list(&stack, &format!("search={}", id.to_ascii_uppercase()));
    assert_eq!(by_id.json["businesses"][0]["id"], json!(id));
    let nobody = "search=01900000-0000-7000-8000-000000000000";
    assert!(names(&list(&stack, nobody)).is_empty());
}

#[test]
fn a_page_begins_where_the_one_before_ended_also_among_the_same_names() {
    let stack = Stack::new();
    for name in ["Same", "Same", "Same", "Aaa", "Zzz"] {
        let _made = stack.tenant(name);
    }
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = list(&stack, &format!("limit=2{cursor}"));
        names(&page);
        for one in page.json["businesses"].as_array().unwrap() {
            seen.push((one["name"].clone(), one["id"].clone()));
        }
        match page.json["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    let names: Vec<_> = seen
        .iter()
        .map(|(name, _)| name.as_str().unwrap())
        .collect();
    assert_eq!(names, ["Aaa", "Same", "Same", "Same", "Zzz"]);
    seen.dedup();
    assert_eq!(seen.len(), 5);
}

#[test]
fn customers_are_counted_up_to_a_bound() {
    let (stack, tenant) = Stack::with_tenant();
    stack.db.sql(&format!(
        "WITH n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 1001)
         INSERT INTO customers (business_id, id, revision, created_at, updated_at, erased_at)
         SELECT '{}', printf('%04d', n), 1, 0, 0, iif(n = 1, 1, NULL) FROM n",
        tenant.business_id
    ));
    let shown = |page: &Answer| {
        let one = match &page.json["businesses"] {
            Value::Null => page.json.clone(),
            list => list[0].clone(),
        };
        (one["customers"].clone(), one["has_more_customers"].clone())
    };
    assert_eq!(shown(&list(&stack, "")), (json!(1000), json!(false)));
    stack.db.sql("UPDATE customers SET erased_at = NULL");
    assert_eq!(shown(&list(&stack, "")), (json!(1000), json!(true)));
    let one = get(&stack, &format!("{BUSINESSES}/{}", tenant.business_id));
    assert_eq!(shown(&one), (json!(1001), json!(false)));
}

#[test]
fn the_messages_of_the_month_before_are_not_among_those_of_this_one() {
    let (stack, tenant) = Stack::with_tenant();
    let today = stack.now().micros() / 86_400_000_000;
    // It is the second of January.
    for (kind, day, n) in [
        ("sent", today, 5),
        ("sent", today - 1, 7),
        ("sent", today - 2, 100),
        ("received", today - 2, 100),
    ] {
        stack.db.sql(&format!(
            "INSERT INTO usage_counts (business_id, kind, day, n) VALUES ('{}', '{kind}', {day}, {n})",
            tenant.business_id
        ));
    }
    let one = get(&stack, &format!("{BUSINESSES}/{}", tenant.business_id));
    assert_eq!(
        one.json["messages_this_month"],
        json!({ "received": 0, "sent": 12 })
    );
    assert_eq!(one.json["usage"]["messages_per_day"]["used"], 5);
}

#[test]
fn operator_business_list_refuses_callers_without_the_platform_token() {
    asks_for_the_platform_token("GET", BUSINESSES);
}

#[test]
fn operator_business_list_refuses_invalid_input() {
    let stack = Stack::new();
    let long = format!("search={}", "x".repeat(201));
    for (query, path) in [
        ("limit=51", "query.limit"),
        ("limit=x", "query.limit"),
        ("cursor=x", "query.cursor"),
        ("name=x", "query.name"),
        (long.as_str(), "query.search"),
    ] {
        let refused = list(&stack, query);
        assert_eq!((refused.status, refused.detail().0), (422, path), "{query}");
    }
}

#[test]
fn operator_business_get_answers_with_a_business() {
    let (stack, tenant) = Stack::with_tenant();
    let one = get(&stack, &format!("{BUSINESSES}/{}", tenant.business_id));
    assert_eq!(
        (one.status, &one.json["name"]),
        (200, &json!("Test business"))
    );
    assert_eq!(one.json["default_region"], "IE");
    assert_eq!(one.json["members"], 0);
}

#[test]
fn operator_business_get_refuses_callers_without_the_platform_token() {
    asks_for_the_platform_token("GET", &format!("{BUSINESSES}/x"));
}

#[test]
fn operator_business_get_refuses_invalid_input() {
    let stack = Stack::new();
    for id in ["x", "01900000-0000-7000-8000-000000000000", "%27"] {
        let refused = get(&stack, &format!("{BUSINESSES}/{id}"));
        assert_eq!(refused.refusal(), (404, "not_found"), "{id}");
    }
}

#[test]
fn operator_business_update_answers_with_another_name_and_the_log_has_it() {
    let (stack, tenant) = Stack::with_tenant();
    let changed = patch(&stack, &tenant.business_id, &json!({ "name": " Acme " }));
    assert_eq!(
        (changed.status, &changed.json["name"]),
        (200, &json!("Acme"))
    );
    let log = audit(&stack, &tenant);
    let entry = log
        .iter()
        .find(|entry| entry["operation"] == "operator_business_update");
    let entry = entry.unwrap();
    assert_eq!(
        (&entry["key_id"], &entry["reason"]),
        (&json!("platform"), &Value::Null)
    );
    assert_eq!(entry["fields"], json!(["name"]));
}

#[test]
fn operator_business_update_refuses_callers_without_the_platform_token() {
    asks_for_the_platform_token("PATCH", &format!("{BUSINESSES}/x"));
}

#[test]
fn operator_business_update_refuses_invalid_input() {
    let (stack, tenant) = Stack::with_tenant();
    let long = "x".repeat(501);
    for (body, path) in [
        (json!({}), "body"),
        (json!({ "reason": REASON }), "body"),
        (json!({ "suspended": true }), "reason"),
        (json!({ "suspended": false }), "reason"),
        (
            json!({ "suspended": true, "reason": " too few " }),
            "reason",
        ),
        (json!({ "suspended": true, "reason": long }), "reason"),
        (json!({ "suspended": 1, "reason": REASON }), "suspended"),
        (json!({ "name": "" }), "name"),
        (json!({ "status": "suspended" }), "status"),
    ] {
        let refused = patch(&stack, &tenant.business_id, &body);
        assert_eq!((refused.status, refused.detail().0), (422, path), "{body}");
    }
    let nobody = "01900000-0000-7000-8000-000000000000";
    let refused = patch(
        &stack,
        nobody,
        &json!({ "suspended": true, "reason": REASON }),
    );
    assert_eq!(refused.refusal(), (404, "not_found"));
    let entries = "SELECT count(*) FROM audit_log WHERE operation = 'operator_business_update'";
    assert_eq!(stack.db.value(entries).as_integer(), Some(0));
}
