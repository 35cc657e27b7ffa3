//! Waiting for several things at once, without a crate for it.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::Poll;

/// Runs futures side by side until all are done, and gives their outputs in their order. Each is
/// polled whenever any wakes: for a handful.
pub async fn join_all<F: Future>(futures: impl IntoIterator<Item = F>) -> Vec<F::Output> {
    let mut running: Vec<Pin<Box<F>>> = futures.into_iter().map(Box::pin).collect();
    let mut outputs: Vec<Option<F::Output>> = running.iter().map(|_| None).collect();
    poll_fn(|context| {
        let mut all = true;
        for (future, output) in running.iter_mut().zip(&mut outputs) {
            if output.is_none() {
                match future.as_mut().poll(context) {
                    Poll::Ready(value) => *output = Some(value),
                    Poll::Pending => all = false,
                }
            }
        }
        if all { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
    outputs.into_iter().flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;

    #[test]
    fn what_waits_does_not_hold_up_the_others_and_the_order_stays() {
        let waiting = Cell::new(0);
        let peak = Cell::new(0);
        let task = |n: usize| {
            let (waiting, peak) = (&waiting, &peak);
            async move {
                waiting.set(waiting.get() + 1);
                peak.set(peak.get().max(waiting.get()));
                let mut left = 3 - n;
                poll_fn(|context| {
                    if left == 0 {
                        return Poll::Ready(());
                    }
                    left -= 1;
                    context.waker().wake_by_ref();
                    Poll::Pending
                })
                .await;
                waiting.set(waiting.get() - 1);
                n
            }
        };
        assert_eq!(testkit::run(join_all((0..4).map(task))), [0, 1, 2, 3]);
        // The fourth is ready at once, while the others wait.
        assert_eq!(peak.get(), 4);
    }

    #[test]
    fn nothing_is_done_at_once() {
        assert!(testkit::run(join_all(Vec::<std::future::Ready<()>>::new())).is_empty());
    }
}
