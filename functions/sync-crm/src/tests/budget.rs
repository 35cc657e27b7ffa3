use super::there::Trouble;
use super::{ADA, Desk, SECOND, apart};
use testkit::answer;

/// How many requests were made in each span of so many seconds that begins with a request.
fn spans(desk: &Desk, seconds: i64) -> Vec<usize> {
    let times = &desk.there.0.borrow().times;
    let within = |from: &i64| {
        let of_span = |at: &&i64| (*from..from + seconds * SECOND).contains(*at);
        times.iter().filter(of_span).count()
    };
    times.iter().map(within).collect()
}

fn many(desk: &Desk, count: usize) {
    for n in 0..count {
        desk.receive(&format!("wamid.{n}"), &format!("35387000{n:04}"), "Hello");
    }
    for _ in 0..10 {
        desk.stack.fan_out(&desk.tenant);
    }
}

#[test]
fn no_minute_has_more_than_a_hundred_requests_and_no_second_more_than_ten() {
    let desk = Desk::new();
    many(&desk, 60);
    desk.settle();
    let (seconds, minutes) = (spans(&desk, 1), spans(&desk, 60));
    assert!(seconds.iter().all(|count| *count <= 10), "{seconds:?}");
    assert!(minutes.iter().all(|count| *count <= 100), "{minutes:?}");
    assert!(minutes[0] > 85, "and it is used: {minutes:?}");
    assert_eq!(desk.there.all("message").len(), 60);
}

#[test]
fn what_the_crm_says_of_its_limit_raises_and_lowers_it() {
    for (limit, expected) in [("1000", 750), ("40", 30), ("nonsense", 100)] {
        apart(|| {
            let desk = Desk::new();
            desk.receive("wamid.1", ADA, "Hello");
            let mut unknown = answer(404, &serde_json::json!({}));
            if let Ok(response) = &mut unknown {
                response
                    .headers
                    .push(("x-ratelimit-limit".into(), limit.into()));
            }
            desk.there
                .trouble("GET /v1/customers", Trouble::Before(unknown));
            desk.settle();
            let per_minute = desk.stack.db.value("SELECT per_minute FROM crm_budgets");
            assert_eq!(per_minute.as_integer(), Some(expected), "{limit}");
        });
    }
}

#[test]
fn after_a_429_nothing_is_asked_before_the_time_it_names_and_nothing_is_lost() {
    let desk = Desk::new();
    many(&desk, 3);
    let mut busy = answer(
        429,
        &serde_json::json!({"errors": [{"code": "rate_limited"}]}),
    );
    if let Ok(response) = &mut busy {
        response.headers.push(("retry-after".into(), "30".into()));
    }
    desk.there
        .trouble("POST /v1/customers", Trouble::Before(busy));
    desk.settle();
    assert_eq!(desk.there.all("message").len(), 3);
    assert_eq!(desk.count("crm_jobs WHERE state = 'failed'"), 0);
    let throttled = desk.stack.db.value("SELECT sum(throttled) FROM crm_days");
    assert_eq!(throttled.as_integer(), Some(1));
    let times = desk.there.0.borrow().times.clone();
    assert!(times[3] - times[2] >= 30 * SECOND, "{times:?}");
}

#[test]
fn what_is_live_comes_before_what_was_there_before() {
    let desk = Desk::new();
    many(&desk, 20);
    desk.stack.db.sql("UPDATE crm_jobs SET priority = 1");
    desk.stack.db.sql("UPDATE crm_streams SET priority = 1");
    desk.run();
    desk.receive("wamid.live", "353861111111", "live");
    desk.settle();
    let made = desk.there.all("message");
    let place = made
        .iter()
        .position(|one| one["attributes"]["preview"] == "live")
        .unwrap();
    assert!(place < 10, "it was written as number {place}");
    assert_eq!(made.len(), 21);
}

#[test]
fn a_days_budget_ends_and_the_next_day_goes_on() {
    let desk = Desk::new();
    many(&desk, 1);
    desk.stack.db.sql(&format!(
        "INSERT INTO crm_budgets (business_id, connector, per_minute, tokens, filled_at, day, used)
         SELECT business_id, connector, 100, 8, 0, {}, 10000 FROM integrations",
        desk.stack.now().micros() / 86_400_000_000
    ));
    desk.run();
    assert!(desk.there.requests_made().is_empty());
    desk.stack.advance(86_400 * SECOND);
    desk.settle();
    assert_eq!(desk.there.all("message").len(), 1);
}

#[test]
fn one_customer_who_writes_too_much_holds_nobody_else_up() {
    let desk = Desk::new();
    let mut generous = answer(404, &serde_json::json!({}));
    if let Ok(response) = &mut generous {
        response
            .headers
            .push(("x-ratelimit-limit".into(), "4000".into()));
    }
    desk.there
        .trouble("GET /v1/customers", Trouble::Before(generous));
    for n in 0..150 {
        desk.receive(&format!("wamid.a{n}"), ADA, &format!("line {n}"));
    }
    desk.stack.fan_out(&desk.tenant);
    desk.stack.fan_out(&desk.tenant);
    let began = desk.stack.now().micros();
    desk.run();
    desk.receive("wamid.b", "353860000001", "of somebody else");
    desk.stack.fan_out(&desk.tenant);
    // A run leaves the rest to the next after so many jobs.
    for _ in 0..150 / 30 {
        desk.run();
    }
    let is_theirs = |one: &&serde_json::Value| one["attributes"]["preview"] == "of somebody else";
    assert!(desk.there.all("message").iter().any(|one| is_theirs(&one)));
    assert!(
        desk.stack.now().micros() - began < 60 * SECOND,
        "within the same minute"
    );
    desk.settle();
    assert_eq!(desk.there.all("message").len(), 151);
}

#[test]
fn backfill_without_a_budget_stops_nothing_that_is_live() {
    let desk = Desk::new();
    many(&desk, 30);
    desk.stack.db.sql("UPDATE crm_jobs SET priority = 1");
    desk.stack.db.sql("UPDATE crm_streams SET priority = 1");
    // Four fifths of the day are used.
    desk.stack.db.sql(&format!(
        "INSERT INTO crm_budgets (business_id, connector, per_minute, tokens, filled_at, day, used)
         SELECT business_id, connector, 100, 8, 0, {}, 8000 FROM integrations",
        desk.stack.now().micros() / 86_400_000_000
    ));
    desk.run();
    assert!(desk.there.requests_made().is_empty());
    desk.receive("wamid.live", ADA, "live");
    desk.stack.fan_out(&desk.tenant);
    desk.run();
    let made = desk.there.all("message");
    assert_eq!(made.len(), 1);
    assert_eq!(made[0]["attributes"]["preview"], "live");
}

#[test]
fn a_low_limit_is_kept_to_and_is_no_end() {
    let desk = Desk::new();
    desk.stack.db.sql(
        "INSERT INTO crm_budgets (business_id, connector, per_minute, tokens, filled_at, day)
         SELECT business_id, connector, 10, 0, 0, 0 FROM integrations",
    );
    many(&desk, 2);
    desk.settle();
    assert_eq!(desk.there.all("message").len(), 2);
}

/// Five hundred messages of a hundred customers, against one that enforces its limit.
fn five_hundred(limit: usize) -> Desk {
    let desk = Desk::new();
    desk.there.0.borrow_mut().limit = Some(limit);
    for n in 0..500 {
        let from = format!("35387000{:04}", n % 100);
        desk.receive(&format!("wamid.{n}"), &from, &format!("line {n}"));
    }
    for _ in 0..10 {
        desk.stack.fan_out(&desk.tenant);
    }
    desk.settle();
    assert_eq!(desk.there.all("customer").len(), 100);
    assert_eq!(desk.there.all("message").len(), 500);
    assert_eq!(desk.count("crm_jobs WHERE state <> 'done'"), 0);
    desk
}

#[test]
fn five_hundred_jobs_cause_no_429_where_the_limit_is_as_the_guide_says() {
    let desk = five_hundred(100);
    assert_eq!(desk.there.0.borrow().throttled, 0);
}

#[test]
fn five_hundred_jobs_cause_no_429_after_the_first_where_the_limit_is_lower() {
    let desk = five_hundred(40);
    assert_eq!(desk.there.0.borrow().throttled, 1);
}
