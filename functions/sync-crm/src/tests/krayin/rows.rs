//! The activities of [`There`](super::there::There), and its lists.

use super::there::{Outcome, State, faulted, said};
use serde_json::{Map, Value, json};

impl State {
    /// Written first, and linked then.
    pub(super) fn activity_make(&mut self, body: &Value) -> Outcome {
        let kind = body["type"].as_str().unwrap();
        let has_schedule = body["schedule_from"].is_string() && body["schedule_to"].is_string();
        assert!(kind == "note" || has_schedule, "{body}");
        assert!(body["additional"].is_string(), "{body}");
        let mut columns: Map<String, Value> = body.as_object().unwrap().clone();
        let links = ["lead_id", "person_id"].map(|link| columns.remove(link));
        let mut made = self.made(&columns.into());
        made["additional"] = serde_json::from_str(body["additional"].as_str().unwrap()).unwrap();
        made["is_done"] = u8::from(kind == "note").into();
        made["user"] = json!({ "id": 1, "name": "Tieline" });
        self.activities.push(made.clone());
        let id = made["id"].to_string();
        let [lead, person] = links;
        let link = lead
            .map(|lead| ("lead_id", lead))
            .or(person.map(|person| ("person_id", person)));
        if let Some(link) = link
            && !self.link(&id, link)
        {
            return faulted();
        }
        said(200, &json!({ "data": made, "message": "ok" }), true)
    }

    /// Links to one thing at a time, beside what is there.
    fn link(&mut self, activity: &str, (name, id): (&str, Value)) -> bool {
        let table = if name == "lead_id" {
            &self.leads
        } else {
            &self.persons
        };
        let is_there = find(table, &id.to_string()).is_some();
        let mut activities = self.activities.iter_mut();
        let activity = activities.find(|one| is(one, "id", activity));
        if let (true, Some(activity)) = (is_there, activity) {
            activity[name] = id;
        }
        is_there
    }

    pub(super) fn activity_write(&mut self, id: &str, body: &Value) -> Outcome {
        let stamp = self.stamp();
        let mut activities = self.activities.iter_mut();
        let Some(activity) = activities.find(|one| is(one, "id", id)) else {
            return said(404, &json!({ "message": "gone" }), true);
        };
        for name in ["comment", "is_done", "title"] {
            if let Some(value) = body.get(name) {
                activity[name] = value.clone();
            }
        }
        activity["updated_at"] = stamp.into();
        let answer = said(200, &json!({ "data": activity, "message": "ok" }), true);
        for name in ["lead_id", "person_id"] {
            if let Some(link) = body.get(name) {
                return match self.link(id, (name, link.clone())) {
                    true => answer,
                    false => faulted(),
                };
            }
        }
        answer
    }

    pub(super) fn linked(&self, name: &str, id: &str) -> Value {
        let is_linked = |one: &&Value| is(one, name, id);
        self.activities
            .iter()
            .filter(is_linked)
            .rev()
            .cloned()
            .collect()
    }
}

/// Whether a field is the number that a text is.
pub(super) fn is(one: &Value, field: &str, number: &str) -> bool {
    one[field]
        .as_u64()
        .is_some_and(|known| number.parse() == Ok(known))
}

pub(super) fn find(records: &[Value], id: &str) -> Option<Value> {
    records.iter().find(|one| is(one, "id", id)).cloned()
}

/// An index: exact filters by these columns, the newest first unless it is sorted by changes.
pub(super) fn listed(records: &[Value], query: &[(String, String)], columns: &[&str]) -> Value {
    let own = ["limit", "sort", "order", "page", "pagination"];
    let filters: Vec<_> = query
        .iter()
        .filter(|(name, _)| !own.contains(&name.as_str()))
        .collect();
    let plain = |value: &Value| {
        value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned)
    };
    let fits = |one: &&Value| {
        filters.iter().all(|(name, value)| {
            assert!(columns.contains(&name.as_str()), "{name}");
            value
                .split(',')
                .any(|value| plain(&one[name]).eq_ignore_ascii_case(value))
        })
    };
    let mut found: Vec<_> = records.iter().filter(fits).cloned().collect();
    found.reverse();
    if query.contains(&("sort".to_owned(), "updated_at".to_owned())) {
        found.sort_by_key(|one| std::cmp::Reverse(one["updated_at"].as_str().unwrap().to_owned()));
    }
    let number = |name: &str, default: usize| {
        let set = query.iter().find(|(known, _)| known == name);
        set.map_or(default, |(_, value)| value.parse().unwrap())
    };
    let (page, limit) = (number("page", 1), number("limit", 10));
    found
        .into_iter()
        .skip((page - 1) * limit)
        .take(limit)
        .collect()
}

pub(super) fn pipelines() -> Value {
    let stage =
        |id: u64, code: &str| json!({ "id": id, "code": code, "name": code.to_uppercase() });
    json!([
        { "id": 1, "name": "Default Pipeline", "is_default": 1, "stages": [stage(1, "new"),
            stage(2, "follow-up"), stage(3, "prospect"), stage(4, "negotiation"), stage(5, "won"),
            stage(6, "lost")] },
        { "id": 2, "name": "Partners", "is_default": 0, "stages": [stage(7, "new"), stage(8, "met")] }
    ])
}
