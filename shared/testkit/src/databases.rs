use crate::Sqlite;
use common::db::{Database, Databases, Pending, Places, Rows, Statement};
use common::ports::Async;
use std::cell::{Cell, RefCell};
use std::collections::{HashMap, VecDeque};
use std::future::ready;
use std::rc::Rc;

/// Something that happens once.
type Happening = Box<dyn FnOnce()>;

/// The databases of a deployment that has several, with a directory in memory. Clones are the same.
#[derive(Clone)]
pub struct Several {
    /// By their numbers.
    pub all: Vec<Rc<Sqlite>>,
    /// What the isolate remembers.
    pub places: Rc<RefCell<HashMap<String, usize>>>,
    /// What the directory says.
    pub directory: Rc<RefCell<HashMap<String, usize>>>,
    /// Which comes first where all are asked for what is due.
    pub turn: Rc<Cell<usize>>,
    /// `NEW_BUSINESSES`.
    pub for_new: Rc<Cell<Option<usize>>>,
    /// What happens while somebody waits for a business that is being copied.
    pub meanwhile: Rc<RefCell<VecDeque<Happening>>>,
}

impl Several {
    /// These, of which the directory knows nothing yet.
    #[must_use]
    pub fn of(all: Vec<Rc<Sqlite>>) -> Self {
        Self {
            all,
            places: Rc::default(),
            directory: Rc::default(),
            turn: Rc::default(),
            for_new: Rc::default(),
            meanwhile: Rc::default(),
        }
    }

    /// As another isolate comes to it, which remembers nothing.
    pub fn forget(&self) {
        self.places.borrow_mut().clear();
    }
}

impl Databases for Several {
    fn count(&self) -> usize {
        self.all.len()
    }

    fn batch_in<'a>(
        &'a self,
        number: usize,
        statements: &'a [Statement],
    ) -> Pending<'a, Vec<Rows>> {
        self.all[number].batch(statements.to_vec())
    }

    fn known(&self, business_id: &str) -> Option<usize> {
        self.places.borrow().get(business_id).copied()
    }

    fn note(&self, business_id: &str, number: usize) {
        let business = business_id.to_owned();
        self.places.borrow_mut().insert(business, number);
    }

    fn directory_get<'a>(&'a self, business_id: &'a str) -> Async<'a, Option<usize>> {
        let said = self.directory.borrow().get(business_id).copied();
        Box::pin(ready(said))
    }

    fn pause(&self) -> Async<'_, ()> {
        let meanwhile = self.meanwhile.borrow_mut().pop_front();
        if let Some(happen) = meanwhile {
            happen();
        }
        Box::pin(ready(()))
    }

    fn turn(&self) -> usize {
        self.turn.get()
    }

    fn size(&self, number: usize) -> Option<i64> {
        self.all[number].size()
    }

    fn for_new(&self) -> usize {
        self.for_new.get().unwrap_or(self.all.len() - 1)
    }
}

impl Places for Several {
    fn directory_put<'a>(&'a self, business_id: &'a str, number: usize) -> Async<'a, ()> {
        let business = business_id.to_owned();
        self.directory.borrow_mut().insert(business, number);
        Box::pin(ready(()))
    }
}
