//! Runs futures without a queue of tasks.
//!
//! wasm-bindgen's own executor polls from `queueMicrotask`, for which workerd makes an object each time and
//! enters the isolate anew. Here a future is polled where it is started and then where what it waits for
//! comes, in the platform's own callback.

use common::sorted::Sorted;
use js_sys::{Function, Promise};
use std::cell::RefCell;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Wake, Waker};
use wasm_bindgen::JsValue;

/// A future under way. `future` is away while it is polled.
struct Task {
    future: Option<Pin<Box<dyn Future<Output = ()>>>>,
    waker: Waker,
    is_woken: bool,
}

#[derive(Default)]
struct Tasks {
    all: Sorted<u64, Task>,
    last: u64,
}

thread_local! {
    /// A waker may go to any thread, futures here may not: so a waker only has the number of its task.
    static TASKS: RefCell<Tasks> = RefCell::default();
}

struct Number(u64);

impl Wake for Number {
    fn wake(self: Arc<Self>) {
        poll(self.0);
    }

    fn wake_by_ref(self: &Arc<Self>) {
        poll(self.0);
    }
}

fn start(future: impl Future<Output = ()> + 'static) {
    let number = TASKS.with_borrow_mut(|tasks| {
        tasks.last += 1;
        let task = Task {
            future: Some(Box::pin(future)),
            waker: Waker::from(Arc::new(Number(tasks.last))),
            is_woken: false,
        };
        tasks.all.insert(tasks.last, task);
        tasks.last
    });
    poll(number);
}

/// Polls a task until it waits. One that is woken while it is polled is polled once more.
fn poll(number: u64) {
    loop {
        let taken = TASKS.with_borrow_mut(|tasks| {
            let task = tasks.all.get_mut(&number)?;
            task.is_woken = task.future.is_none();
            let future = task.future.take()?;
            Some((future, task.waker.clone()))
        });
        let Some((mut future, waker)) = taken else {
            return;
        };
        let is_done = future
            .as_mut()
            .poll(&mut Context::from_waker(&waker))
            .is_ready();
        let is_woken = TASKS.with_borrow_mut(|tasks| {
            if is_done {
                tasks.all.remove(&number);
                return false;
            }
            let Some(task) = tasks.all.get_mut(&number) else {
                return false;
            };
            task.future = Some(future);
            task.is_woken
        });
        if !is_woken {
            return;
        }
    }
}

enum Outcome {
    Open,
    /// There before anybody asked.
    Value(JsValue),
    /// Who is told.
    Promised(Function),
}

/// Runs a future as far as it goes, and gives its value, or a promise of it where it waits.
pub(crate) fn value_of(future: impl Future<Output = JsValue> + 'static) -> JsValue {
    let outcome = Rc::new(RefCell::new(Outcome::Open));
    let told = Rc::clone(&outcome);
    start(async move {
        let value = future.await;
        let before = told.replace(Outcome::Open);
        if let Outcome::Promised(resolve) = before {
            // A resolver never throws.
            let _none = resolve.call1(&JsValue::UNDEFINED, &value);
        } else {
            told.replace(Outcome::Value(value));
        }
    });
    if let Outcome::Value(value) = outcome.replace(Outcome::Open) {
        return value;
    }
    Promise::new(&mut |resolve, _| {
        outcome.replace(Outcome::Promised(resolve));
    })
    .into()
}

/// Goes on with a future beyond the answer.
pub(crate) fn wait_until(ctx: &crate::Context, future: impl Future<Output = ()> + 'static) {
    let value = value_of(async move {
        future.await;
        JsValue::UNDEFINED
    });
    if value.is_undefined() {
        return;
    }
    let raw: &worker::worker_sys::Context = ctx.as_ref();
    if raw.wait_until(&Promise::from(value)).is_err() {
        worker::console_warn!("the platform does not wait for what is left to do");
    }
}

#[cfg(test)]
mod tests {
    use super::start;
    use std::cell::{Cell, RefCell};
    use std::future::poll_fn;
    use std::rc::Rc;
    use std::task::{Poll, Waker};

    /// What a future of a test waits for.
    #[derive(Default)]
    struct Gate {
        is_open: Cell<bool>,
        waker: RefCell<Option<Waker>>,
        polls: Cell<u32>,
    }

    impl Gate {
        async fn pass(self: Rc<Self>) {
            poll_fn(|cx| {
                self.polls.set(self.polls.get() + 1);
                if self.is_open.get() {
                    return Poll::Ready(());
                }
                self.waker.replace(Some(cx.waker().clone()));
                Poll::Pending
            })
            .await;
        }

        fn open(&self) {
            self.is_open.set(true);
            if let Some(waker) = self.waker.take() {
                waker.wake();
            }
        }
    }

    #[test]
    fn a_future_runs_at_once_and_goes_on_where_it_is_woken() {
        let (gate, done) = (Rc::new(Gate::default()), Rc::new(Cell::new(false)));
        let (passed, told) = (Rc::clone(&gate), Rc::clone(&done));
        start(async move {
            passed.pass().await;
            told.set(true);
        });
        assert_eq!((gate.polls.get(), done.get()), (1, false));
        gate.open();
        assert_eq!((gate.polls.get(), done.get()), (2, true));
    }

    #[test]
    fn one_that_is_woken_while_it_runs_is_polled_once_more() {
        let polls = Rc::new(Cell::new(0));
        let counted = Rc::clone(&polls);
        start(poll_fn(move |cx| {
            counted.set(counted.get() + 1);
            if counted.get() == 3 {
                return Poll::Ready(());
            }
            cx.waker().wake_by_ref();
            Poll::Pending
        }));
        assert_eq!(polls.get(), 3);
    }

    #[test]
    fn a_waker_that_comes_late_does_nothing() {
        let gate = Rc::new(Gate::default());
        let late = Rc::new(RefCell::new(None));
        let (passed, kept) = (Rc::clone(&gate), Rc::clone(&late));
        start(async move {
            poll_fn(|cx| {
                kept.replace(Some(cx.waker().clone()));
                Poll::Ready(())
            })
            .await;
            passed.pass().await;
        });
        gate.open();
        let late = late.take();
        late.unwrap().wake();
        assert_eq!(gate.polls.get(), 2);
    }
}
