// OwnProcess, in processes of their own, with /proc as witness.

import assert from "node:assert/strict";
import { test } from "node:test";
import { runChild } from "../testing/child.js";

/** Prints, after each step, "name nice policy priority processors limit" of the main thread. */
const prelude = `
  import { readFileSync } from "node:fs";
  import { OwnProcess } from "@netops/process/own-settings.js";
  const said = [];
  const own = new OwnProcess("vrrp", (record) => said.push(record.text));
  const { getPriority } = await import("node:os");
  const inherited = getPriority();
  const plain = { name: "keepalived", realTimeLimitUs: 10000, noSwap: false };
  function look() {
    const stat = readFileSync("/proc/self/stat", "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const cpus = /^Cpus_allowed_list:\\s*(.*)$/m.exec(readFileSync("/proc/self/status"))[1];
    const limit = /^Max realtime timeout\\s+(\\S+)/m.exec(readFileSync("/proc/self/limits"))[1];
    const name = readFileSync("/proc/self/comm", "utf8").trim();
    const nice = Number(fields[16]);
    console.log(name, nice === inherited ? "-" : nice, fields[38], fields[37], cpus, limit);
  }
`;

test("OwnProcess.apply() sets what is asked for, and a reload takes it back", () => {
  const { stdout, stderr } = runChild(`${prelude}
    const cpus = /^Cpus_allowed_list:\\s*(.*)$/m.exec(readFileSync("/proc/self/status"))[1];
    own.apply({ ...plain, name: "mine", nicePriority: -7, cpuAffinity: [0] });
    look();
    own.apply({ ...plain, realTimePriority: 12, realTimeLimitUs: 500000 });
    look();
    own.apply(plain);
    look();
    console.log(said.length, cpus);
  `);
  assert.equal(stderr, "");
  const lines = stdout.trim().split("\n");
  const cpus = lines.at(-1)?.split(" ")[1];
  assert.deepEqual(lines.slice(0, 2), [
    "mine -7 0 0 0 unlimited",
    `keepalived - 2 12 ${cpus} 500000`,
  ]);
  assert.deepEqual(lines.slice(2), [`keepalived - 0 0 ${cpus} 500000`, `0 ${cpus}`]);
});

test("a process that uses up RLIMIT_RTTIME gives way until its event loop turns, and lives", () => {
  const { status, stdout, stderr } = runChild(`${prelude}
    own.apply({ ...plain, realTimePriority: 12, realTimeLimitUs: 10000 });
    look();
    const policy = () => readFileSync("/proc/self/stat", "utf8").split(") ")[1].split(" ")[38];
    const until = Date.now() + 5000;
    while (Date.now() < until && policy() === "2");
    console.log(policy());
    // The signal is told of in a turn of the event loop that must come yet.
    while (policy() !== "2") await new Promise((turn) => setTimeout(turn, 5));
    console.log(policy());
    // The end takes longer than the limit is.
    process.on("exit", () => { for (const from = Date.now(); Date.now() < from + 100; ); });
  `);
  assert.equal(stderr, "");
  assert.equal(status, 0);
  const shape = stdout.trim().replace(/ 0-\d+/g, " all");
  assert.equal(shape, ["keepalived - 2 12 all 10000", "0", "2"].join("\n"));
});

test("OwnProcess.noteLateness() raises the priority step by step, a reload leaves it", () => {
  const { stdout, stderr } = runChild(`${prelude}
    const autoPriority = { maximum: 2, delayUs: 1000000 };
    const settings = { ...plain, realTimeLimitUs: 5e6, autoPriority };
    own.noteLateness(9e6);
    own.apply(settings);
    for (const late of [999999, 1500000, 1e6, 3e6]) own.noteLateness(late);
    own.apply({ ...settings, nicePriority: 1 });
    look();
    own.apply({ ...plain, realTimeLimitUs: 5e6 });
    look();
    console.log(said.join("; "));
  `);
  assert.equal(stderr, "");
  const lines = stdout
    .trim()
    .replace(/ 0-\d+/g, " all")
    .split("\n");
  assert.deepEqual(lines, [
    "keepalived 1 2 2 all 5000000",
    "keepalived - 0 0 all 5000000",
    "Real-time priority raised to 1: a timer was 1.500 s late; " +
      "Real-time priority raised to 2: a timer was 1.000 s late",
  ]);
});

test("OwnProcess.apply() without the privilege says what is missing and goes on", () => {
  const { stdout, stderr } = runChild(`${prelude}
    process.setgroups([]); process.setgid(65534); process.setuid(65534);
    own.apply({ ...plain, nicePriority: -20, realTimePriority: 40, cpuAffinity: [8000] });
    console.log(said.join("\\n"));
  `);
  assert.equal(stderr, "");
  const [name, nice, cpu, realTime] = stdout.trim().split("\n");
  // Who has changed its user may not touch its files in /proc either.
  assert.match(name ?? "", /^Cannot set vrrp_process_name keepalived: EACCES/);
  assert.match(nice ?? "", /^Cannot set vrrp_priority -20: .*EACCES/);
  assert.match(cpu ?? "", /^Cannot set vrrp_cpu_affinity 8000: .*none of them is usable here/);
  assert.match(realTime ?? "", /^Cannot set vrrp_rt_priority 40: .*CAP_SYS_NICE/);
});
