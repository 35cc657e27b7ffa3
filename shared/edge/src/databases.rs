use crate::d1::D1;
use crate::ports::{call, timer};
use common::db::{Database, Databases, DbError, Pending, Places, Rows, Statement};
use common::ports::Async;
use common::time::SECOND;
use databases::Routed;
use js_sys::Reflect;
use std::cell::{Cell, RefCell};
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;
use worker::Env;

/// The KV namespace that says where each business is.
const DIRECTORY: &str = "DIRECTORY";
/// The variable that says in which database new businesses are made; by default it is the last one.
const NEW_BUSINESSES: &str = "NEW_BUSINESSES";
/// So many places an isolate remembers.
const MOST_PLACES: usize = 256;
/// How long a business that is being copied is waited for at a time.
const PAUSE_MILLIS: u32 = 250;
/// How long a database is the first to be asked.
const MINUTE: i64 = 60 * SECOND;

thread_local! {
    static COUNT: Cell<Option<usize>> = const { Cell::new(None) };
    static PLACES: RefCell<Vec<(String, usize)>> = RefCell::default();
}

/// The databases of a deployment that has several.
pub(crate) struct Several(Routed<Bound>);

impl Several {
    /// None where there is only one.
    pub(crate) fn of(env: &Env) -> Option<Self> {
        let count = count(env);
        let all = (0..count).map(|number| D1::of(env, &binding(number)));
        let bound = || Bound {
            all: all.collect(),
            env: env.clone(),
        };
        (count > 1).then(|| Self(Routed(bound())))
    }

    /// All of them as one.
    pub(crate) fn database(&self) -> &dyn Database {
        &self.0
    }

    /// Each of them.
    pub(crate) fn places(&self) -> &dyn Places {
        &self.0.0
    }
}

/// `DATABASE_0`, which is `DATABASE`, `DATABASE_1`, and so on.
struct Bound {
    all: Vec<D1>,
    env: Env,
}

impl Bound {
    async fn directory(&self, method: &str, arguments: &[JsValue]) -> Option<JsValue> {
        let directory = Reflect::get(&self.env, &DIRECTORY.into()).ok()?;
        // What it does not tell, or keep, the databases are asked for.
        call(&directory, method, arguments).await.ok()
    }
}

/// How many there are; none where there is only `DATABASE`. It stays the same as long as an isolate lives.
pub(crate) fn count(env: &Env) -> usize {
    let is_bound = |number: &usize| {
        let binding = Reflect::get(env, &binding(*number).into());
        binding.is_ok_and(|binding| binding.is_object())
    };
    let known = COUNT.get();
    let count = known.unwrap_or_else(|| (0..).take_while(is_bound).count());
    COUNT.set(Some(count));
    count
}

fn binding(number: usize) -> String {
    format!("{}_{number}", crate::DATABASE)
}

impl Databases for Bound {
    fn count(&self) -> usize {
        self.all.len()
    }

    fn batch_in<'a>(
        &'a self,
        number: usize,
        statements: &'a [Statement],
    ) -> Pending<'a, Vec<Rows>> {
        Box::pin(async move {
            let database = self.all.get(number);
            let none = || DbError::Broken(format!("there is no database {number}"));
            database.ok_or_else(none)?.run(statements).await
        })
    }

    fn known(&self, business_id: &str) -> Option<usize> {
        PLACES.with_borrow(|places| {
            // The newest is the last.
            let mut places = places.iter().rev();
            let (_, number) = places.find(|(known, _)| known == business_id)?;
            Some(*number)
        })
    }

    fn note(&self, business_id: &str, number: usize) {
        if self.known(business_id) == Some(number) {
            return;
        }
        PLACES.with_borrow_mut(|places| {
            if places.len() == MOST_PLACES {
                places.clear();
            }
            places.push((business_id.to_owned(), number));
        });
    }

    fn directory_get<'a>(&'a self, business_id: &'a str) -> Async<'a, Option<usize>> {
        Box::pin(async move {
            let said = self.directory("get", &[business_id.into()]).await?;
            number_in(said.as_string(), self.all.len())
        })
    }

    fn pause(&self) -> Async<'_, ()> {
        Box::pin(async {
            // Where there is no timer, nothing is waited for.
            let _waited = JsFuture::from(timer(PAUSE_MILLIS)).await;
        })
    }

    fn turn(&self) -> usize {
        usize::try_from(crate::now().micros() / MINUTE).unwrap_or_default()
    }

    fn size(&self, number: usize) -> Option<i64> {
        self.all.get(number)?.size()
    }

    fn for_new(&self) -> usize {
        let said = Reflect::get(&self.env, &NEW_BUSINESSES.into());
        let said = said.ok().and_then(|said| said.as_string());
        number_in(said, self.all.len()).unwrap_or(self.all.len() - 1)
    }
}

/// The number of one of so many databases.
fn number_in(said: Option<String>, count: usize) -> Option<usize> {
    let number = said?.trim().parse().ok()?;
    (number < count).then_some(number)
}

impl Places for Bound {
    fn directory_put<'a>(&'a self, business_id: &'a str, number: usize) -> Async<'a, ()> {
        Box::pin(async move {
            let number = number.to_string().into();
            self.directory("put", &[business_id.into(), number]).await;
        })
    }
}
