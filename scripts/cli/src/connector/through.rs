//! Something that is sent through a connection, and how it arrives: the jobs that it makes are watched until they are
//! done.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{MAX_CHARS, Problem, Words, sentence};
use crate::args::ThroughArgs;
use crate::failure::{Exit, Failure};
use crate::session::{Session, refusal};
use crate::text::clean;
use crate::world::{World, random};

/// Between two looks at the jobs.
const LOOK: Duration = Duration::from_secs(2);
/// Jobs that are looked at: what goes through just now is among the newest.
const JOBS: &str = "50";
/// What agents read of the test.
const REASON: &str = "Test of the connection by `tieline setup`: nobody has to do anything.";

/// What makes something go through.
pub(super) enum Trigger<'t> {
    /// The newest conversation of this customer is escalated; without one, somebody writes.
    Escalation(Option<String>),
    /// This customer is written anew; without one, somebody writes.
    Customer(Option<String>),
    /// Somebody writes, as a customer.
    Message,
    /// This has a message written there.
    Written(&'t dyn Fn() -> Result<(), Failure>),
}

/// A test that goes through a connection.
pub(super) struct Through<'a> {
    words: &'a Words,
    session: &'a Session,
    wait: u64,
    is_off: bool,
}

#[derive(Deserialize)]
struct Jobs {
    jobs: Vec<Job>,
}

#[derive(Deserialize)]
struct Job {
    id: String,
    kind: String,
    state: String,
    error: Option<Problem>,
}

#[derive(Deserialize)]
struct Conversations {
    customer: Customer,
    conversations: Vec<Conversation>,
}

#[derive(Deserialize)]
struct Customer {
    id: String,
    crm_ids: Option<String>,
    email: Option<String>,
    phone: Option<String>,
    external_id: Option<String>,
    external_system: Option<String>,
}

#[derive(Deserialize)]
struct Conversation {
    id: String,
}

/// How the jobs stand.
#[derive(Default)]
struct Seen {
    states: BTreeMap<String, String>,
    done: usize,
    failed: usize,
}

impl<'a> Through<'a> {
    pub(super) fn new(words: &'a Words, session: &'a Session, options: &ThroughArgs) -> Self {
        Self {
            words,
            session,
            wait: options.wait,
            is_off: options.no_test,
        }
    }

    /// One that waits for what somebody writes; `None` for one that asks whether to.
    pub(super) fn waiting(words: &'a Words, session: &'a Session, wait: Option<u64>) -> Self {
        Self {
            words,
            session,
            wait: wait.unwrap_or(120),
            is_off: false,
        }
    }

    /// Sends it, and watches until it has arrived. Exit code 1 where it has not.
    pub(super) fn run(&self, trigger: Trigger<'_>, world: &mut World<'_>) -> Result<Exit, Failure> {
        if self.is_off {
            return Ok(Exit::Done);
        }
        if let Trigger::Written(write) = trigger {
            let known = self.jobs()?.into_iter().map(|job| job.id).collect();
            write()?;
            world.say("A test contact has written there.");
            return self.watch(&known, None, world);
        }
        let customer = match trigger {
            Trigger::Escalation(customer) | Trigger::Customer(customer)
                if customer.is_none() && !world.is_asked() =>
            {
                world.note(
                    "Nothing was sent through: --test-customer names a customer of yours who has written before.",
                );
                return Ok(Exit::Done);
            }
            Trigger::Escalation(Some(customer)) => Some((customer, true)),
            Trigger::Customer(Some(customer)) => Some((customer, false)),
            _ => None,
        };
        let known = self.jobs()?.into_iter().map(|job| job.id).collect();
        let id = match customer {
            Some((customer, escalates)) => Some(self.send(&customer, escalates, world)?),
            None => {
                let ask = "Write to one of your channels now, as a customer would. Wait for it?";
                if world.is_asked() && !world.confirm(ask, true)? {
                    return Ok(Exit::Done);
                }
                None
            }
        };
        self.watch(&known, id.as_deref(), world)
    }

    /// Has something go through of a customer, and tells their id.
    fn send(
        &self,
        customer: &str,
        escalates: bool,
        world: &mut World<'_>,
    ) -> Result<String, Failure> {
        let found = self.customer(customer)?;
        if escalates {
            let newest = found.conversations.first().ok_or_else(|| {
                let customer = clean(customer, 100);
                Failure::refused(format!(
                    "{customer} has no conversation: write to one of your channels first, then run this again"
                ))
            })?;
            let body = json!({"conversation_id": newest.id, "reason": REASON, "priority": "low", "notify": false});
            let sent = self
                .session
                .post_by_key("api-escalate", body.to_string().as_bytes());
            sent.map_err(|error| refusal(&error))?;
            world.say("Their conversation is escalated, without a word to them.");
        } else {
            let body = json!({"customers": [found.customer.marked()]});
            let sent = self
                .session
                .post_by_key("api-customers-sync", body.to_string().as_bytes());
            sent.map_err(|error| refusal(&error))?;
            world.say("The customer's custom field tieline_test is changed.");
        }
        Ok(found.customer.id)
    }

    /// A customer by their email, their number, our id or one of another system.
    fn customer(&self, customer: &str) -> Result<Conversations, Failure> {
        let customer = customer.trim();
        let by = match customer {
            email if email.contains('@') => "email",
            phone if phone.starts_with('+') => "phone",
            _ => "customer_id",
        };
        let query = [(by, customer), ("limit", "1")];
        let answer = self
            .session
            .find_by_key("api-conversations-by-customer", &query);
        answer
            .and_then(|answer| answer.json())
            .map_err(|error| refusal(&error).with_context("--test-customer is not found."))
    }

    fn jobs(&self) -> Result<Vec<Job>, Failure> {
        let answer = self
            .session
            .find(&self.words.path("jobs"), &[("limit", JOBS)]);
        let listed: Result<Jobs, _> = answer.and_then(|answer| answer.json());
        Ok(listed.map_err(|error| refusal(&error))?.jobs)
    }

    /// Tells each job that is new whenever it comes further.
    fn watch(
        &self,
        known: &BTreeSet<String>,
        customer: Option<&str>,
        world: &mut World<'_>,
    ) -> Result<Exit, Failure> {
        let title = self.words.title;
        world.note(&format!("Waiting up to {} s for it …", self.wait));
        let mut seen = Seen::default();
        for _ in 0..=self.wait / LOOK.as_secs() {
            let mut jobs = self.jobs()?;
            jobs.retain(|job| !known.contains(&job.id));
            let is_settled = jobs.iter().all(|job| job.state != "waiting");
            // The oldest first, as they are done.
            for job in jobs.iter().rev() {
                seen.tell(job, world);
            }
            if is_settled && seen.failed > 0 {
                world.say(&format!(
                    "It did not arrive: `tieline jobs list {}` has what failed.",
                    self.words.name
                ));
                return Ok(Exit::Refused);
            }
            if is_settled && seen.done > 0 {
                world.say(&match self.words.has_accounts {
                    true => format!("It came through from {title}."),
                    false => format!("It arrived in {title}."),
                });
                if let Some(id) = customer {
                    self.say_records(id, world)?;
                }
                return Ok(Exit::Done);
            }
            world.pause.sleep(LOOK);
        }
        world.say(&format!(
            "Nothing arrived within {} s: `tieline {} status` tells how the connection fares.",
            self.wait, self.words.name
        ));
        Ok(Exit::Refused)
    }

    /// What the customer is there.
    fn say_records(&self, id: &str, world: &mut World<'_>) -> Result<(), Failure> {
        let ids = self.customer(id)?.customer.crm_ids.unwrap_or_default();
        let prefix = format!("{}:", self.words.name);
        for id in ids.split('|').filter(|id| id.starts_with(&prefix)) {
            world.say(&format!("  {}", clean(id, 200)));
        }
        Ok(())
    }
}

impl Customer {
    /// The customer, by what they are found by, with a custom field that changes.
    fn marked(&self) -> Value {
        let mut record = Map::new();
        let by = [
            ("external_id", &self.external_id),
            ("external_system", &self.external_system),
            ("email", &self.email),
            ("phone", &self.phone),
        ];
        for (name, value) in by {
            if let Some(value) = value {
                record.insert(name.into(), json!(value));
            }
        }
        let mark = json!({"tieline_test": random().to_string()});
        record.insert("custom_fields".into(), mark);
        Value::Object(record)
    }
}

impl Seen {
    fn tell(&mut self, job: &Job, world: &mut World<'_>) {
        let before = self.states.insert(job.id.clone(), job.state.clone());
        if before.as_ref() == Some(&job.state) {
            return;
        }
        match job.state.as_str() {
            "done" => self.done += 1,
            "failed" => self.failed += 1,
            _ => {}
        }
        let (kind, state) = (clean(&job.kind, 40), clean(&job.state, 20));
        let why = job.error.as_ref().map(sentence);
        let why = why.map_or_else(String::new, |why| clean(&format!(": {why}"), MAX_CHARS));
        world.say(&format!("  {kind}  {state}{why}"));
    }
}
