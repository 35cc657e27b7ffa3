//! What only the real stack shows. One program, so that the tests share stacks, and wait at the same time:
//! most of what they take is waiting.

// The longest comes first, since tests start in the order of their names.
mod acknowledged;
mod commands;
mod conversations;
mod crm;
mod files;
mod fuzz;
mod trouble;
mod wiring;
