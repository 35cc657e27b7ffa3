// The module that workerd starts: hands each event to the Worker's Rust, and gives the next event a new
// instance where one has trapped. Memory is then as the trap left it, and nothing in it can be trusted.

import { WorkerEntrypoint } from "cloudflare:workers";
import * as glue from "./glue.js";

// Rust's frames are many and small.
Error.stackTraceLimit = 100;

/** The `worker` crate's own; its panic hook sets `criticalError`. */
const state = glue.__worker_init_state();

/** Takes note of traps that no panic hook sees: memory that ran out, a stack that did. */
function note(error) {
  if (error instanceof WebAssembly.RuntimeError) state.criticalError = true;
}

// What traps behind an await, no caller sees: in a task of its own, or where a promise calls back.
addEventListener("error", (event) => note(event.error));
addEventListener("unhandledrejection", (event) => note(event.reason));

function run(entrypoint, handler, subject) {
  if (state.criticalError) {
    glue.__wbg_reset_state();
    state.criticalError = false;
  }
  try {
    return handler(subject, entrypoint.env, entrypoint.ctx);
  } catch (error) {
    note(error);
    throw error;
  }
}

export default class extends WorkerEntrypoint {
  /* events */
}
