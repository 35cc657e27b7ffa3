//! National phone numbers, which another function reads: the metadata of every country weighs more than all else that
//! fetches a link.

use common::Context;
use common::http::Result;
use customer::{MAX_PHONES, Phone, phones_normalised};
use std::cell::RefCell;
use std::collections::BTreeMap;

/// Most numbers that one invocation keeps.
const MAX_KEPT: usize = 50_000;

/// Numbers that were read.
#[derive(Default)]
pub(crate) struct Phones {
    known: BTreeMap<String, Option<String>>,
    unknown: RefCell<Vec<String>>,
}

impl Phones {
    /// A number in E.164. One that is not known yet is `None`, and is read by [`Phones::learn`].
    pub(crate) fn read(&self, text: &str) -> Option<String> {
        if let Some(number) = Phone::international(text) {
            return Some(number);
        }
        match self.known.get(text) {
            Some(known) => known.clone(),
            None => {
                self.unknown.borrow_mut().push(text.to_owned());
                None
            }
        }
    }

    /// Reads the numbers that were asked for and are not known. Gives how many calls that took.
    pub(crate) async fn learn(&mut self, cx: &Context<'_>, region: &str) -> Result<usize> {
        let mut asked = std::mem::take(&mut *self.unknown.borrow_mut());
        asked.sort_unstable();
        asked.dedup();
        if asked.is_empty() {
            return Ok(0);
        }
        if self.known.len() + asked.len() > MAX_KEPT {
            self.known.clear();
        }
        let calls = asked.len().div_ceil(MAX_PHONES);
        let read = phones_normalised(cx, region, &asked).await?;
        self.known.extend(asked.into_iter().zip(read));
        Ok(calls)
    }
}
