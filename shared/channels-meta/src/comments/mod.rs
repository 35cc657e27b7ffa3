//! Comments on the posts of a Facebook page (channels.md §3.6, §3.7): a person's comments on one post are a
//! conversation, and the post is its subject.

pub mod actions;
mod change;
mod send;

pub use send::COMMENTS;

use channels::{InboundMessage, NameKind, Revision, Sender, SenderName, Visibility};
use common::json::raw;
pub use common::json::tolerant::{Object, objects, text};
use common::time::Timestamp;
use std::collections::HashMap;

/// Between the parts of a thread's id. Ids of Meta's have no such character.
const SEPARATOR: char = '/';
/// Longest id that is taken for one of Meta's, in bytes.
const MAX_ID_BYTES: usize = 128;

/// What one POST holds of comments for one page, not yet read.
pub struct Part<'j> {
    /// The page.
    pub address: String,
    /// Each change, with when Meta says that it sent it.
    changes: Vec<(Object<'j>, Option<Timestamp>)>,
}

/// The comments of one page, in the order of arrival.
#[derive(Debug, Default, PartialEq)]
pub struct Comments {
    /// What was commented, by people and by the page.
    pub added: Vec<Comment>,
    /// Edits and removals.
    pub revisions: Vec<Revision>,
    /// What was hidden, and what is shown again.
    pub visibility: Vec<Visibility>,
    /// How many changes were of other things.
    pub ignored: usize,
}

/// A comment.
#[derive(Debug, Clone, PartialEq)]
pub struct Comment {
    /// The message; of the page's own, `sender` and `thread` are empty until [`Comments::threaded`].
    pub message: InboundMessage,
    /// The comment that this one answers; `None` where it stands below the post itself.
    pub parent: Option<String>,
    /// The post.
    post: String,
}

impl Comments {
    /// How many items there are to ingest.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.added.len() + self.revisions.len() + self.visibility.len()
    }

    /// Whether there is nothing.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The comments that others answer, each once: whose threads tell where an answer of the page belongs.
    #[must_use]
    pub fn parents(&self) -> Vec<&str> {
        let mut parents: Vec<_> = self
            .added
            .iter()
            .filter_map(|one| one.parent.as_deref())
            .collect();
        parents.sort_unstable();
        parents.dedup();
        parents
    }

    /// The page's own comments: the id, what the thread of any answer on that post begins with, and the text.
    pub fn own(&self) -> impl Iterator<Item = (&str, String, &str)> {
        let own = self.added.iter().filter(|one| one.message.is_echo);
        own.map(|one| {
            let message = &one.message;
            let thread = thread_of(&one.post, "");
            (message.provider_id.as_str(), thread, message.content.trim())
        })
    }

    /// The messages, each in its thread, where `known` has the threads of comments. An answer of the page goes into
    /// the thread that is known of it, else into that of the comment that it answers. One that answers nobody who is known here is left out, and
    /// counted. A person's comment counts as an answer only to what stands in the same thread: nobody is
    /// shown what was said to another.
    #[must_use]
    pub fn threaded(&self, known: HashMap<String, String>) -> (Vec<InboundMessage>, usize) {
        let mut threads = known;
        for one in &self.added {
            if let Some(thread) = &one.message.thread {
                threads.insert(one.message.provider_id.clone(), thread.clone());
            }
        }
        let (mut messages, mut left_out) = (Vec::with_capacity(self.added.len()), 0);
        for one in &self.added {
            let mut message = one.message.clone();
            let parent = one.parent.as_ref().and_then(|parent| threads.get(parent));
            let parent = parent.cloned();
            if message.is_echo {
                let own = threads.get(&message.provider_id).cloned().or(parent);
                let of_person = own.as_deref().and_then(person_of);
                let Some((person, thread)) = of_person.zip(own.clone()) else {
                    left_out += 1;
                    continue;
                };
                message.sender = sender(person, None);
                threads.insert(message.provider_id.clone(), thread.clone());
                message.thread = Some(thread);
                message.reply_to.clone_from(&one.parent);
            } else if parent.is_some() && parent == message.thread {
                message.reply_to.clone_from(&one.parent);
            }
            messages.push(message);
        }
        (messages, left_out)
    }
}

/// The parts of a delivery, one for each page, and how many of its changes are of no page's feed.
#[must_use]
pub fn parts(json: &str) -> (Vec<Part<'_>>, usize) {
    let delivery = raw::part(json);
    let is_page = text(&delivery, "object").as_deref() == Some("page");
    let (mut parts, mut ignored): (Vec<Part<'_>>, usize) = (Vec::new(), 0);
    for entry in objects(&delivery, "entry") {
        let (address, at) = (text(&entry, "id"), change::entry_time(&entry));
        for change in objects(&entry, "changes") {
            let is_feed = is_page && text(&change, "field").as_deref() == Some("feed");
            let Some(address) = address.as_deref().filter(|_| is_feed) else {
                ignored += 1;
                continue;
            };
            match parts.iter_mut().find(|part| part.address == address) {
                Some(part) => part.changes.push((change, at)),
                None => parts.push(Part {
                    address: address.to_owned(),
                    changes: vec![(change, at)],
                }),
            }
        }
    }
    (parts, ignored)
}

impl Part<'_> {
    /// Reads the changes. `stores_media` is the account's setting: without it, only links of people's files
    /// are stored.
    #[must_use]
    pub fn read(&self, stores_media: bool) -> Comments {
        let mut comments = Comments::default();
        for (change, at) in &self.changes {
            if change::read(&mut comments, &self.address, stores_media, change, *at).is_none() {
                comments.ignored += 1;
            }
        }
        comments
    }

    /// How many changes it holds.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.changes.len()
    }

    /// Whether it holds none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }
}

/// The thread of a person's comments on a post.
fn thread_of(post: &str, person: &str) -> String {
    format!("{post}{SEPARATOR}{person}")
}

/// Whose comments a thread has.
fn person_of(thread: &str) -> Option<&str> {
    thread
        .split_once(SEPARATOR)
        .map(|(_, person)| person)
        .filter(|person| !person.is_empty())
}

/// What marks a person whom Meta did not name, by the first comment that they are known by.
const UNNAMED: &str = "comment:";
/// The system of the external id of such a person.
const UNNAMED_SYSTEM: &str = "facebook_comment";

/// A person is the same as in Messenger, where Meta gives both the same id (channels.md §3.6).
fn sender(person: &str, name: Option<String>) -> Sender {
    let named = match person.strip_prefix(UNNAMED) {
        Some(comment) => SenderName::external(comment.to_owned(), UNNAMED_SYSTEM.to_owned()),
        None => SenderName::new(NameKind::Facebook, person.to_owned()),
    };
    Sender {
        names: vec![named],
        name,
        ..Sender::default()
    }
}

#[cfg(test)]
mod tests;
