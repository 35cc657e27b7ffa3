//! What people of the business did.

use common::json::raw::{integer, list, text};

/// What one person did in a span.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Agent {
    /// Where it is known: a conversation may be assigned to any name.
    pub(crate) id: Option<String>,
    pub(crate) name: String,
    pub(crate) messages: i64,
    pub(crate) tickets_closed: i64,
}

/// How many of something are whose: who, how many, and the name that goes with an id.
type Share = (String, i64, Option<String>);

/// Reads [[who, how many, name], …], as SQLite wrote it; `None` for anything else.
fn shares(json: &str) -> Option<Vec<Share>> {
    let rows = list(json)?.into_iter().map(|row| {
        let row = list(row)?;
        let [who, count, name] = row.as_slice() else {
            return None;
        };
        Some((text(who)?, integer(count)?.parse().ok()?, text(name)))
    });
    rows.collect()
}

/// Everybody who wrote or closed something, the busiest first. A conversation is assigned to an
/// agent by id or by name; a name that two of the writers have is neither's.
pub(crate) fn agents(messages: &str, closed: &str) -> Option<Vec<Agent>> {
    let writers = shares(messages)?
        .into_iter()
        .map(|(id, messages, name)| Agent {
            name: name.unwrap_or_else(|| id.clone()),
            id: Some(id),
            messages,
            tickets_closed: 0,
        });
    let mut all: Vec<_> = writers.collect();
    let writers = all.len();
    for (assignee, tickets_closed, name) in shares(closed)? {
        let known = all.get_mut(..writers).and_then(|of| find(of, &assignee));
        match known {
            Some(agent) => agent.tickets_closed += tickets_closed,
            None => all.push(Agent {
                id: name.is_some().then(|| assignee.clone()),
                name: name.unwrap_or(assignee),
                messages: 0,
                tickets_closed,
            }),
        }
    }
    all.sort_by(|a, b| {
        let busy = |agent: &Agent| (agent.messages, agent.tickets_closed);
        busy(b).cmp(&busy(a)).then_with(|| a.name.cmp(&b.name))
    });
    Some(all)
}

fn find<'a>(writers: &'a mut [Agent], assignee: &str) -> Option<&'a mut Agent> {
    let by_id = writers
        .iter()
        .position(|agent| agent.id.as_deref() == Some(assignee));
    let mut named = (0..)
        .zip(&*writers)
        .filter(|(_, agent)| agent.name == assignee);
    let by_name = match (named.next(), named.next()) {
        (Some((n, _)), None) => Some(n),
        _ => None,
    };
    writers.get_mut(by_id.or(by_name)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(messages: &str, closed: &str) -> Vec<String> {
        let all = agents(messages, closed).unwrap();
        let line = |a: &Agent| {
            let id = a.id.as_deref().unwrap_or("-");
            format!("{id} {} {} {}", a.name, a.messages, a.tickets_closed)
        };
        all.iter().map(line).collect()
    }

    #[test]
    fn tickets_are_an_agents_by_id_or_by_name() {
        let messages = r#"[["a1",3,"Ann"],["b1",5,"Bob"]]"#;
        let closed =
            r#"[["a1",2,"Ann"],["Bob",1,null],["Ann",4,null],["c1",1,"Cy"],["Dee",7,null]]"#;
        assert_eq!(
            rows(messages, closed),
            ["b1 Bob 5 1", "a1 Ann 3 6", "- Dee 0 7", "c1 Cy 0 1"]
        );
    }

    #[test]
    fn a_name_of_two_is_neithers_and_an_id_comes_before_a_name() {
        let messages = r#"[["a1",2,"Ann"],["a2",1,"Ann"],["Bob",1,"Zoe"],["b1",1,"Bob"]]"#;
        let closed = r#"[["Ann",1,null],["Bob",2,null]]"#;
        assert_eq!(
            rows(messages, closed),
            [
                "a1 Ann 2 0",
                "Bob Zoe 1 2",
                "a2 Ann 1 0",
                "b1 Bob 1 0",
                "- Ann 0 1"
            ]
        );
    }

    #[test]
    fn an_author_without_a_name_has_their_id_for_one() {
        assert_eq!(rows(r#"[["a\"1",1,null]]"#, "[]"), ["a\"1 a\"1 1 0"]);
        assert_eq!(agents("null", "[]"), None);
    }
}
