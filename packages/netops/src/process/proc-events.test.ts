// The process connector: events as the kernel writes them and broken ones, and the real thing,
// which only the initial namespaces have; to listen there changes nothing.

import assert from "node:assert/strict";
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { endianness } from "node:os";
import { test } from "node:test";
import fc from "fast-check";
import { NLMSG_DONE } from "../constants/netlink.js";
import { MessageWriter } from "../netlink/message.js";
import { messageBytes, scriptedTransports } from "../testing/scripted-transport.js";
import { until } from "../testing/until.js";
import {
  decodeProcessEvent,
  encodeSubscription,
  type ProcessEvent,
  ProcessMonitor,
  processEventFilter,
} from "./proc-events.js";
import { commandLineBytesMost, eachProcess, readComm, readProcessNames } from "./proc-files.js";

assert.equal(endianness(), "LE", "the vectors below are of a little-endian machine");

/** struct cn_msg and struct proc_event with the words of an event. */
function payload(what: number, words: readonly number[], length: number = 40): Uint8Array {
  const writer = new MessageWriter();
  for (const word of [1, 1, 77, 0]) writer.u32(word);
  writer.u16(length);
  writer.u16(0);
  for (const word of [what, 1, 0x1234, 0x5678, ...words]) writer.u32(word);
  while (writer.bytes().length < 60) writer.u32(0);
  return writer.bytes();
}

const ignored = {
  happened: (): undefined => undefined,
  overran: (): undefined => undefined,
  failed: (): undefined => undefined,
};

test("decodeProcessEvent() reads every event of a process, and leaves out those of threads", () => {
  const comm = new Uint8Array(16);
  comm.set(Buffer.from("haproxy"));
  const words = [...new Uint32Array(comm.buffer)];
  const cases: readonly (readonly [number, readonly number[], unknown])[] = [
    [0, [0], { type: "acknowledgement", errno: 0 }],
    [1, [10, 10, 20, 20], { type: "fork", parentPid: 10, pid: 20 }],
    [1, [11, 10, 20, 20], { type: "fork", parentPid: 10, pid: 20 }],
    [1, [10, 10, 21, 20], null],
    [2, [20, 20], { type: "exec", pid: 20 }],
    [2, [21, 20], { type: "exec", pid: 20 }],
    [0x8000_0000, [20, 20, 256, 17, 10, 10], { type: "exit", pid: 20, status: 256 }],
    [0x8000_0000, [21, 20, 0, 17, 10, 10], null],
    [0x200, [20, 20, ...words], { type: "comm", pid: 20, comm: "haproxy" }],
    [4, [20, 20, 1000, 0], { type: "uid", pid: 20, real: 1000, effective: 0 }],
    [0x40, [20, 20, 1000, 8], { type: "gid", pid: 20, real: 1000, effective: 8 }],
    [0x80, [20, 20], null],
  ];
  for (const [what, data, expected] of cases) {
    assert.deepEqual(decodeProcessEvent(payload(what, data)), expected);
  }
});

test("decodeProcessEvent() reports what is cut short, and leaves out other connectors", () => {
  const whole = payload(0x200, [20, 20, 1, 2, 3, 4]);
  assert.equal(decodeProcessEvent(whole.subarray(0, 35)), undefined);
  assert.equal(decodeProcessEvent(whole.subarray(0, 59)), undefined);
  assert.equal(decodeProcessEvent(payload(0x200, [20, 20], 30)), undefined);
  assert.equal(decodeProcessEvent(payload(1, [20, 20], 24)), undefined);
  assert.equal(decodeProcessEvent(payload(2, [20, 20], 12)), undefined);
  const other = payload(2, [20, 20]);
  other[0] = 3;
  assert.equal(decodeProcessEvent(other), null);
});

test("decodeProcessEvent() takes any bytes without throwing", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 96 }), (bytes) => {
      bytes.set(Uint8Array.of(1, 0, 0, 0, 1, 0, 0, 0).subarray(0, bytes.length));
      const event = decodeProcessEvent(bytes);
      assert.ok(event === undefined || event === null || typeof event.type === "string");
    }),
  );
});

test("encodeSubscription() is what keepalived sends", () => {
  const words =
    "28000000 0300 0000 00000000 00000000 01000000 01000000 00000000 00000000 0400 0000";
  const hex = Buffer.from(encodeSubscription(true)).toString("hex");
  assert.equal(hex, `${words}01000000`.replaceAll(" ", ""));
});

test("open() settles by the acknowledgement; overruns and malformed events are told", async () => {
  const { open, opened } = scriptedTransports((_, to) => {
    to.receive(messageBytes(NLMSG_DONE, 0, 0, payload(0, [0])));
  });
  let overruns = 0;
  const events: ProcessEvent[] = [];
  const monitor = await ProcessMonitor.open(
    { ...ignored, happened: (event) => events.push(event), overran: () => overruns++ },
    { transport: open },
  );
  assert.deepEqual(opened[0]?.groups, [1]);
  opened[0]?.overrun();
  opened[0]?.receive(messageBytes(NLMSG_DONE, 0, 0, payload(2, [20, 20])));
  opened[0]?.receive(messageBytes(NLMSG_DONE, 0, 0, Uint8Array.of(1)));
  assert.equal(overruns, 1);
  assert.deepEqual(events, [{ type: "exec", pid: 20 }]);
  assert.deepEqual(monitor.counters, { events: 1, malformed: 1, overruns: 1 });
  monitor.close();
});

test("open() says why there are no events", async (context) => {
  const EPERM = 1;
  const refusing = scriptedTransports((_, to) => {
    to.receive(messageBytes(NLMSG_DONE, 0, 0, payload(0, [EPERM])));
  });
  await assert.rejects(ProcessMonitor.open(ignored, { transport: refusing.open }), {
    code: "PROC_EVENTS_UNAVAILABLE",
    data: { errno: "EPERM" },
  });
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const silent = scriptedTransports(() => undefined);
  const opening = ProcessMonitor.open(ignored, { transport: silent.open });
  context.mock.timers.tick(2_000);
  await assert.rejects(opening, { data: { errno: "ETIMEDOUT" } });
  assert.equal(silent.opened[0]?.isClosed, true);
});

test("open() outside of the initial network namespace is refused, not silent", () => {
  const script = `
    import { ProcessMonitor } from ${JSON.stringify(import.meta.resolve("./proc-events.js"))};
    const none = () => undefined;
    try {
      await ProcessMonitor.open({ happened: none, overran: none, failed: none });
    } catch (error) {
      console.log(error.message);
    }`;
  const argv = ["--net", process.execPath, "--input-type=module", "-e", script];
  const output = execFileSync("unshare", argv, { encoding: "utf8" });
  assert.match(output, /^Cannot watch processes: (ECONNREFUSED|EPROTONOSUPPORT), only the initial/);
});

test("a process is heard from its fork to its end, by a filtered monitor too", async () => {
  const heard: ProcessEvent[] = [];
  const filtered: ProcessEvent[] = [];
  const all = await ProcessMonitor.open({ ...ignored, happened: (event) => heard.push(event) });
  const some = await ProcessMonitor.open(
    { ...ignored, happened: (event) => filtered.push(event) },
    { events: ["exec", "exit"] },
  );
  const script =
    'echo -n tracked > /proc/self/comm; read line; exec setpriv --reuid 65534 sh -c "exit 3"';
  const child = spawn("bash", ["-c", script], { stdio: ["pipe", "ignore", "inherit"] });
  const { pid } = child;
  assert.ok(pid);
  await until("the name", () => readComm(pid) === "tracked");
  child.stdin.end("go\n");
  const [status] = await once(child, "exit");
  assert.equal(status, 3);
  const ofChild = (events: readonly ProcessEvent[]): ProcessEvent[] =>
    events.filter((event) => event.pid === pid);
  const hasEnded = (events: readonly ProcessEvent[]): boolean =>
    events.some((event) => event.type === "exit" && event.pid === pid);
  await until("its end", () => hasEnded(heard) && hasEnded(filtered));
  assert.deepEqual(ofChild(heard), [
    { type: "fork", parentPid: process.pid, pid },
    { type: "exec", pid },
    { type: "comm", pid, comm: "tracked" },
    { type: "exec", pid },
    { type: "uid", pid, real: 65_534, effective: 65_534 },
    { type: "exec", pid },
    { type: "exit", pid, status: 3 << 8 },
  ]);
  assert.deepEqual(
    ofChild(filtered).map(({ type }) => type),
    ["exec", "exec", "exec", "exit"],
  );
  assert.ok(filtered.every(({ type }) => type === "exec" || type === "exit"));
  assert.deepEqual([all.counters.malformed, some.counters.malformed], [0, 0]);
  all.close();
  some.close();
});

test("an overrun of the real socket is told of, and the monitor goes on", async (context) => {
  let overruns = 0;
  const exits = new Set<number>();
  const monitor = await ProcessMonitor.open(
    {
      ...ignored,
      happened: (event) => {
        if (event.type === "exit") exits.add(event.pid);
      },
      overran: () => overruns++,
    },
    { receiveBufferBytes: 2_304 },
  );
  context.after(() => monitor.close());
  // While this blocks the loop nobody reads.
  execFileSync("sh", ["-c", "for i in $(seq 100); do /bin/true; done"]);
  await until("the overrun", () => overruns > 0);
  // Others on this machine may fill the small buffer while one of ours ends.
  const later: number[] = [];
  await until("later events", () => {
    later.push(spawnSync("true").pid);
    return later.some((pid) => exits.has(pid));
  });
});

test("processEventFilter() is a program with an answer for every event", () => {
  assert.equal(processEventFilter([]).length, 8 * 4);
  assert.equal(processEventFilter(["exec", "exit", "exec"]).length, 8 * 6);
});

test("readProcessNames() reads words, none of kernel threads, and is bounded", async () => {
  const long = "x".repeat(2 * commandLineBytesMost);
  const child = spawn("sh", ["-c", "read line; exit 0", "two words", "", long]);
  const { pid } = child;
  assert.ok(pid);
  await until("the program", () => readProcessNames(pid)?.comm === "sh");
  const names = readProcessNames(pid);
  const words = ["sh", "-c", "read line; exit 0", "two words", ""];
  assert.deepEqual(names?.commandLine.slice(0, 5), words);
  assert.equal(names?.commandLine.join(" ").length, commandLineBytesMost);
  const pids: number[] = [];
  eachProcess((one) => pids.push(one));
  assert.ok(pids.includes(pid) && pids.includes(process.pid));
  child.stdin.end();
  await once(child, "exit");
  assert.equal(readProcessNames(pid), undefined);
  assert.equal(readComm(pid), undefined);
  assert.deepEqual(readProcessNames(2)?.commandLine, []);
});
