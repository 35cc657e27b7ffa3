//! Krayin: a business's customers are persons and leads there, what is said to them activities.

pub mod api;
