// The platform's models (Workers AI) of a deployment: which Workers are bound to them.

/** What stands in the wrangler file of a Worker that may run them. scripts/generator writes it. */
const COMMENTED = /^# \[ai\].*\n# (binding = "AI")$/m;

/** A wrangler file's text with the binding, where its Worker may run models. */
export const withAi = (text, isBound) => (isBound ? text.replace(COMMENTED, "[ai]\n$1") : text);
