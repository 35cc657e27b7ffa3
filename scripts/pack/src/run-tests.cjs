// Runs the tests named by its arguments, exports of the WASM program beside it. The names that begin with
// two underscores are those that `wasm-bindgen-test` looks for.

const { log } = console;
globalThis.__wbgtest_og_console_log = log;
globalThis.__wbgtest_og_console_error = console.error;
globalThis.__wbg_test_invoke = (call) => call();

const program = require("./tests.js");
const context = new program.WasmBindgenTestContext(false);

// What a test prints is shown where the test fails.
for (const level of ["debug", "log", "info", "warn", "error"]) {
  console[level] = (...words) => program[`__wbgtest_console_${level}`](words);
}

context.include_ignored(false);
context.filtered_count(0);
const tests = process.argv.slice(2).map((name) => program.__wasm[name]);
context.run(tests).then(
  (passed) => process.exit(passed ? 0 : 1),
  (error) => {
    log(error);
    process.exit(1);
  },
);
