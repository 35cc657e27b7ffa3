//! What may be known when one customer is answered: what is for all, and what is theirs. A record that carries
//! somebody's identity is only ever given for that customer.

mod build;
mod links;
mod passage;
pub mod sql;
mod view;

pub use build::{
    ContextRequest, CustomerContext, DEFAULT_CHARACTERS, MAX_CHARACTERS, MIN_CHARACTERS, Subject,
    context,
};
pub use links::{Asking, LinkName, Links};
pub use passage::{fenced, prompt_text};
pub use view::CustomerView;
