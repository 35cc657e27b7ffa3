// CPU time of the workerd that this process started. Linux alone tells it in this way.

import { readFileSync, readdirSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

const SETTLE_MS = 15;
/** What timers and the like use in that time, in milliseconds. */
const IDLE_MS = 0.3;

/** Gives what reads workerd's CPU time, in milliseconds, of all its threads. */
export function workerdCpu() {
  if (process.platform !== "linux") throw new Error("CPU times are read from /proc, which is Linux's");
  const pid = readdirSync("/proc").find((entry) => /^\d+$/.test(entry) && isOurs(entry));
  if (!pid) throw new Error("no workerd of this process runs");
  const tasks = `/proc/${pid}/task`;
  const read = () => readdirSync(tasks).reduce((sum, task) => sum + millisOf(`${tasks}/${task}`), 0);
  return {
    read,
    /** The same once nothing goes on any more: what runs on after an answer counts too. */
    async settled() {
      for (let before = read(); ; ) {
        await sleep(SETTLE_MS);
        const now = read();
        if (now - before < IDLE_MS) return now;
        before = now;
      }
    },
  };
}

/** Whether a process is a workerd whose parent is this one. */
function isOurs(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The name stands in brackets and may hold anything.
    const end = stat.lastIndexOf(")");
    const [, parent] = stat.slice(end + 2).split(" ");
    return stat.slice(stat.indexOf("(") + 1, end) === "workerd" && Number(parent) === process.pid;
  } catch {
    return false; // it ended meanwhile
  }
}

/** What a thread ran, which the kernel counts in nanoseconds; /proc/<pid>/stat has hundredths of a second. */
function millisOf(task) {
  try {
    return Number(readFileSync(`${task}/schedstat`, "utf8").split(" ")[0]) / 1e6;
  } catch {
    return 0; // it ended meanwhile
  }
}
