//! Vectors are written, a segment at a time, together with what they leave of the backlog.

use crate::backlog::{Stopped, Used};
use crate::sql::{BACKLOG_DONE, MODEL_CHANGED, SEGMENT_ADD};
use crate::vectorize::{Lines, Place, Vectorize};
use common::Context;
use common::http::Error;
use knowledge::index::{OWNED, SPACE, Segment};
use knowledge::vector::Vector;

/// What is to be written: a segment, and the chunks that are done with it.
pub(crate) struct Writing<'m> {
    model: &'m str,
    vectorize: Option<&'m Vectorize>,
    segment: Segment,
    first: i64,
    done: Vec<i64>,
    /// The last chunk that was added.
    pub(crate) last: i64,
    /// Whether something was not written, since a chunk of it was gone. The rest of it waits on.
    pub(crate) is_left: bool,
}

impl<'m> Writing<'m> {
    pub(crate) fn of(model: &'m str, vectorize: Option<&'m Vectorize>) -> Self {
        Self {
            model,
            vectorize,
            segment: Segment::default(),
            first: 0,
            done: Vec::new(),
            last: -1,
            is_left: false,
        }
    }

    pub(crate) async fn add(
        &mut self,
        cx: &Context<'_>,
        chunk: i64,
        vectors: &[Vector],
        used: &mut Used,
    ) -> Result<(), Stopped> {
        let begins_owned = is_owned(chunk) && self.last >= 0 && !is_owned(self.last);
        if self.segment.is_full() || begins_owned {
            self.flush(cx, used).await?;
        }
        if self.segment.is_empty() {
            self.first = chunk;
        }
        let number = u32::try_from(chunk % OWNED).unwrap_or(u32::MAX);
        for vector in vectors {
            self.segment.push(number, vector);
        }
        self.done.push(chunk);
        self.last = chunk;
        Ok(())
    }

    /// Writes what there is. Nothing is written of a model that is searched no more; in Vectorize it is, and removed again.
    pub(crate) async fn flush(&mut self, cx: &Context<'_>, used: &mut Used) -> Result<(), Stopped> {
        if self.done.is_empty() {
            return Ok(());
        }
        let business = || cx.business_id().into();
        let done = serde_json::to_string(&std::mem::take(&mut self.done));
        let done = done.map_err(Error::internal)?;
        let mut segment = std::mem::take(&mut self.segment);
        if let Some(vectorize) = self.vectorize
            && !segment.is_empty()
        {
            let place = Place::of(cx, self.model);
            let namespace = place.namespace(is_owned(self.first));
            let base = self.first - self.first % OWNED;
            let mut lines = Lines::default();
            for (number, components) in segment.iter() {
                let id = place.id(base + i64::from(number));
                lines.push(&id, &namespace, components);
            }
            // What is repeated after a lost answer has the same ids.
            used.asks();
            vectorize.upsert(cx, lines).await?;
            segment = Segment::default();
        }
        let mut statements = Vec::with_capacity(3);
        if !segment.is_empty() {
            statements.push(SEGMENT_ADD.bind(vec![
                business(),
                self.first.into(),
                i64::from(is_owned(self.first)).into(),
                segment.numbers_text().into(),
                segment.vectors_text().into(),
                self.model.into(),
                done.as_str().into(),
            ]));
        }
        let at = statements.len();
        statements.push(BACKLOG_DONE.bind(vec![business(), self.model.into(), done.into()]));
        if !segment.is_empty() {
            statements.push(MODEL_CHANGED.bind(vec![business(), self.model.into()]));
        }
        used.writes();
        let results = cx
            .ports
            .search
            .batch(statements)
            .await
            .map_err(Error::from)?;
        self.is_left |= results.get(at).is_none_or(Vec::is_empty);
        Ok(())
    }
}

/// Whether a chunk is somebody's own, by its id.
const fn is_owned(chunk: i64) -> bool {
    chunk % SPACE >= OWNED
}
