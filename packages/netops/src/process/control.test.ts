// What a process sets about itself, with /proc as witness.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { runChild } from "../testing/child.js";
import { currentNamespace, enterPrivateNamespace, ip } from "../testing/private-namespace.js";
import * as control from "./control.js";

/** Fields of /proc/…/stat from the third on (proc(5)), past the name in parentheses. */
function statFields(thread: string): string[] {
  const text = readFileSync(`/proc/self/task/${thread}/stat`, "utf8");
  return text.slice(text.lastIndexOf(")") + 2).split(" ");
}

/** [policy, real-time priority]: fields 41 and 40. */
function scheduling(thread: string): string {
  const fields = statFields(thread);
  return `${fields[41 - 3]} ${fields[40 - 3]}`;
}

function threads(): string[] {
  return readdirSync("/proc/self/task");
}

function status(name: string): string {
  const line = readFileSync("/proc/self/status", "utf8").match(
    new RegExp(`^${name}:\\s*(.*)$`, "m"),
  );
  return line?.[1] ?? "";
}

test("setScheduler() makes this thread real-time, and not the others", () => {
  control.setScheduler({ policy: "RR", priority: 7 });
  const others = threads().filter((thread) => thread !== String(process.pid));
  assert.equal(scheduling(String(process.pid)), "2 7");
  assert.ok(others.length > 0);
  for (const thread of others) assert.equal(scheduling(thread), "0 0");
  control.setScheduler({ policy: "OTHER", priority: 0 });
  assert.equal(scheduling(String(process.pid)), "0 0");
});

test("setScheduler() reaches every thread when asked, and no process started later", () => {
  control.setScheduler({ policy: "FIFO", priority: 3, threads: "all" });
  const all = threads().map(scheduling);
  const child = runChild(`
    import { readFileSync } from "node:fs";
    const fields = readFileSync("/proc/self/stat", "utf8").split(") ")[1].split(" ");
    console.log(fields[38], fields[37]);
  `);
  control.setScheduler({ policy: "OTHER", priority: 0, threads: "all" });
  assert.deepEqual(new Set(all), new Set(["1 3"]));
  assert.equal(child.stdout, "0 0\n");
});

test("setScheduler() says which priorities are possible", () => {
  assert.throws(() => control.setScheduler({ policy: "RR", priority: 0 }), {
    code: "EINVAL",
    message: /^Cannot set scheduling policy RR with priority 0: EINVAL, RR and FIFO need a prio/,
  });
  assert.throws(() => control.setScheduler({ policy: "RR", priority: 100 }), {
    code: "ERR_INVALID_ARGUMENT",
  });
});

test("setAffinity() binds all threads and getAffinity() tells", () => {
  const former = control.getAffinity();
  const [first] = former;
  assert.ok(first !== undefined);
  control.setAffinity([first]);
  assert.deepEqual(control.getAffinity(), [first]);
  for (const thread of threads()) {
    const text = readFileSync(`/proc/self/task/${thread}/status`, "utf8");
    assert.match(text, new RegExp(`^Cpus_allowed_list:\\s*${first}$`, "m"));
  }
  control.setAffinity(former);
  assert.deepEqual(control.getAffinity(), former);
});

test("setAffinity() refuses processors that are not there", () => {
  assert.throws(() => control.setAffinity([8191]), { code: "EINVAL", message: /these are: 0/ });
  assert.throws(() => control.setAffinity([]), { code: "EINVAL" });
  for (const cpu of [-1, 8192, 0.5, Number.NaN]) {
    assert.throws(() => control.setAffinity([cpu]), { code: "ERR_INVALID_ARGUMENT" });
  }
});

test("enterNetworkNamespace() moves sockets and later processes, not the host", async () => {
  const former = currentNamespace();
  await enterPrivateNamespace();
  assert.notEqual(currentNamespace(), former);
  assert.equal(ip("-o link").trim().split("\n").length, 1);
  assert.throws(() => control.enterNetworkNamespace("/run/netns/netops-none"), {
    code: "ENOENT",
    message: /^Cannot enter network namespace "\/run\/netns\/netops-none": ENOENT, there is no/,
  });
  assert.throws(() => control.enterNetworkNamespace("/dev/null"), { code: "EINVAL" });
  assert.throws(() => control.enterNetworkNamespace("/a\0b"), { code: "ERR_INVALID_ARGUMENT" });
});

test("lockMemory() locks, unlockMemory() frees, the process ends in good order", () => {
  const result = runChild(`
    import { readFileSync } from "node:fs";
    import * as control from "@netops/process/control.js";
    const locked = () => Number(/VmLck:\\s*(\\d+)/.exec(readFileSync("/proc/self/status"))[1]) > 0;
    const before = locked();
    control.lockMemory(control.MCL_CURRENT | control.MCL_ONFAULT);
    const during = locked();
    control.unlockMemory();
    console.log(before, during, locked());
  `);
  assert.deepEqual(result, { status: 0, stdout: "false true false\n", stderr: "" });
  assert.throws(() => control.lockMemory(8), { code: "ERR_INVALID_ARGUMENT" });
  assert.throws(() => control.lockMemory(control.MCL_ONFAULT), { code: "EINVAL" });
  assert.equal(status("VmLck"), "0 kB");
});

test("setParentDeathSignal() ends this process when its parent is killed", async () => {
  const base = new URL("./", import.meta.url).href;
  const child = `
    import { setParentDeathSignal } from "${base}control.js";
    setParentDeathSignal(9);
    console.log("ready");
    setInterval(() => undefined, 1000);
  `;
  const parent = `
    import { spawn } from "node:child_process";
    spawn(process.execPath, ["--input-type=module", "-e", ${JSON.stringify(child)}],
      { stdio: "inherit" });
  `;
  const started = spawn(process.execPath, ["--input-type=module", "-e", parent], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await once(started.stdout, "data");
  started.kill("SIGKILL");
  // The grandchild holds the other end of this pipe: it closes when that has ended, too.
  await once(started.stdout, "close");
  assert.throws(() => control.setParentDeathSignal(65), { code: "ERR_INVALID_ARGUMENT" });
});

test("setResourceLimit() sets both limits and explains a refusal", () => {
  control.setResourceLimit("CORE", 0, 4096);
  assert.match(readFileSync("/proc/self/limits", "utf8"), /^Max core file size\s+0\s+4096/m);
  assert.throws(() => control.setResourceLimit("CORE", 2, 1), {
    code: "EINVAL",
    message: /^Cannot set resource limit CORE to 2 \(hard: 1\): EINVAL, the soft limit must not/,
  });
  for (const wrong of [-1, 1.5, Number.NaN, 2 ** 60]) {
    assert.throws(() => control.setResourceLimit("CORE", wrong, 9), {
      code: "ERR_INVALID_ARGUMENT",
    });
  }
});

test("without privileges every refusal says what is missing", () => {
  const {
    status: exit,
    stdout,
    stderr,
  } = runChild(`
    import * as control from "@netops/process/control.js";
    import { DatagramSocket } from "@netops/raw-socket/datagram-socket.js";
    process.setgroups([]); process.setgid(65534); process.setuid(65534);
    const tries = [
      () => control.setScheduler({ policy: "RR", priority: 50 }),
      () => control.enterNetworkNamespace("/proc/self/ns/net"),
      () => DatagramSocket.open({ family: 2, type: 3, protocol: 112 }),
    ];
    for (const attempt of tries) {
      try { attempt(); console.log("allowed"); } catch (error) { console.log(error.message); }
    }
  `);
  assert.equal(stderr, "");
  assert.equal(exit, 0);
  assert.deepEqual(stdout.trim().split("\n"), [
    "Cannot set scheduling policy RR with priority 50: EPERM, " +
      "needs CAP_SYS_NICE or RLIMIT_RTPRIO of at least 50: run as root or grant it",
    'Cannot enter network namespace "/proc/self/ns/net": EPERM, ' +
      "needs CAP_SYS_ADMIN: run as root or grant the capability",
    "Cannot open a socket of family 2, type 3, protocol 112: EPERM, " +
      "needs CAP_NET_RAW or CAP_NET_ADMIN: run as root or grant the capability",
  ]);
});

test("exitAtOnce() ends a process whose thread pool hangs in a system call", () => {
  const result = runChild(`
    import { read } from "node:fs";
    import { exitAtOnce } from "@netops/process/control.js";
    import { DatagramSocket } from "@netops/raw-socket/datagram-socket.js";
    const { fd } = DatagramSocket.open({ family: 1, type: 2, protocol: 0 });
    process.on("exit", () => console.log("exit handlers are not called"));
    read(fd, new Uint8Array(1), () => undefined);
    setTimeout(() => exitAtOnce(7), 50);
  `);
  assert.deepEqual([result.status, result.stdout], [7, ""]);
});

/** What a process prints that runs `source` with control.js as `control`. */
async function printedBy(source: string): Promise<string> {
  const module = new URL("./control.js", import.meta.url).href;
  const signals = new URL("./signals.js", import.meta.url).href;
  const text = `import * as control from ${JSON.stringify(module)};
    import { watchSignals } from ${JSON.stringify(signals)};
    import { openSync } from "node:fs";
    ${source}`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", text]);
  let printed = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk) => {
      printed += String(chunk);
    });
  }
  await once(child, "close");
  return printed;
}

test("replaceProcess() becomes another program, which has the kept descriptors only", async () => {
  const printed = await printedBy(`
    watchSignals([1, 36], () => undefined);
    const [kept, other] = ["/dev/null", "/dev/zero"].map((path) => openSync(path, "r"));
    console.log(process.pid);
    const script = 'PATH=/bin:/usr/bin; echo "$$ $A <$1>"; readlink /proc/$$/fd/' + kept +
      '; readlink /proc/$$/fd/' + other + '; grep SigIgn /proc/$$/status';
    control.replaceProcess(["/bin/sh", "-c", script, "x", "a b"], { A: "1", B: undefined }, [kept]);
  `);
  const [pid, said, kept, ignored, rest] = printed.split("\n");
  assert.equal(said, `${pid} 1 <a b>`, printed);
  assert.deepEqual([kept, rest], ["/dev/null", ""]);
  const mask = BigInt(`0x${ignored?.split("\t")[1]}`);
  assert.equal(mask & 0x800000001n, 0x800000001n, "SIGHUP and 36 end nothing that starts");
});

test("replaceProcess() leaves everything as it was when the kernel refuses", async () => {
  const printed = await printedBy(`
    let caught = 0;
    const watch = watchSignals([1], () => { caught += 1; });
    try { control.replaceProcess(["/nowhere/at/all"], {}, []); }
    catch (error) { console.log(error.code, error.message); }
    try { control.replaceProcess(["/bin/true", "a\\0b"], {}, []); }
    catch (error) { console.log(error.code); }
    process.kill(process.pid, "SIGHUP");
    setTimeout(() => { console.log("caught", caught); watch.close(); }, 100);
  `);
  assert.match(printed, /^ENOENT Cannot become "\/nowhere\/at\/all": .*is not there/);
  assert.match(printed, /\nERR_INVALID_ARGUMENT\ncaught 1\n$/);
});
