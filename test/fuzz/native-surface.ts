// Fuzzes the addon's JavaScript surface: every native function with wrong, half-right and hostile
// arguments must return or throw a coded error, and never crash, hang or leak descriptors. `node
// native-surface.js --seconds N [--seed S]` runs it, in a child with a network namespace of its own
// and an empty folder; a failure prints the seed.

import { spawnSync } from "node:child_process";
import { closeSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { native } from "@keepalived-ts/netops/native";
import { KeepalivedError } from "@keepalived-ts/shared-config/base/error";
import { HostileError, type Thunk, Values } from "./native-values.js";

type Surface = Readonly<Record<string, (...values: unknown[]) => unknown>>;
type Argument = (values: Values) => unknown;

/** Until the next calls, errors are whatever useErrorClass() was given makes of them. */
let hasForeignErrorClass = false;

const surface = native as unknown as Surface;
const descriptorsMost = 200;
const turn = 200;

const descriptor: Argument = (values) => values.descriptor();
const number: Argument = (values) => values.number();
const bytes: Argument = (values) => values.bytes();
const integers: Argument = () => new Int32Array(6 * 64);
const slab: Argument = (values) => values.pick<unknown>([new Uint8Array(1 << 16)], values.bytes());
/** Classic BPF that ends as it must (BPF_RET), after nothing or one instruction of any kind. */
const program: Argument = (values) => {
  const end = [0x06, 0, 0, 0, 0, 0, 0, 0];
  return Uint8Array.of(...values.address().subarray(0, values.pick([0, 8], 0)), ...end);
};
/** This value three times of four, any number otherwise. */
function usually(value: number): Argument {
  return (values) => (values.chance(75) ? value : values.number());
}

/** Never a value that would change the scheduling, the memory or the limits of this machine. */
const harmless: Argument = (values) => values.pick<unknown>([-1, 0.5, Number.NaN, "1", null], -1);

/** Nearly right arguments for each function, so that fuzzing gets beyond the first check. */
const shapes: Readonly<Record<string, readonly Argument[]>> = {
  useErrorClass: [() => KeepalivedError],
  watch: [descriptor, (values) => values.handler()],
  unwatch: [descriptor],
  setReferenced: [descriptor, (values) => values.chance(50)],
  close: [descriptor],
  release: [descriptor],
  descriptorNumber: [descriptor],
  openSocket: [(values) => values.pick([1, 2, 10, 17, 47, 255], 0), usually(2), usually(0)],
  bind: [descriptor, (values) => values.address()],
  connect: [descriptor, (values) => values.address()],
  localAddress: [descriptor, bytes],
  setOption: [descriptor, number, number, (values) => values.pick([number, bytes], bytes)(values)],
  getOption: [descriptor, number, number, bytes],
  attachFilter: [descriptor, (values) => values.pick([program, bytes], bytes)(values)],
  takeError: [descriptor],
  send: [descriptor, bytes, (values) => values.address()],
  sendBatch: [descriptor, (values) => values.datagrams(), usually(0)],
  receiveBatch: [descriptor, slab, integers, usually(1024)],
  monotonicUs: [],
  openTimer: [],
  armTimer: [descriptor, number],
  openSignals: [(values) => Uint8Array.of(values.pick([0, 1, 11, 36, 37, 64, 65], 0), 40)],
  takeSignal: [descriptor],
  ignoreSignal: [(values) => values.pick([0, 1, 9, 32, 36, 64, 65], 0)],
  setScheduler: [harmless, number, number],
  setAffinity: [harmless, bytes],
  getAffinity: [number, bytes],
  lockMemory: [harmless],
  unlockMemory: [],
  enterNetworkNamespace: [(values) => values.pick(["/dev/null", "", "a\0"], "")],
  linkBeat: [(values) => values.pick(["lo", "", "a\0", "longer-than-a-name"], ""), number],
  setParentDeathSignal: [number],
  setResourceLimit: [harmless, number, number],
  exitAtOnce: [harmless],
  // A program that is not there: whoever is there would take the place of this process.
  replaceProcess: [() => Buffer.from("/nowhere/at/all\0"), () => Buffer.from("A=1\0"), integers],
};

/** These take nothing but what their shape says: any other valid value would do harm. */
const guarded: ReadonlySet<string> = new Set([
  "setScheduler",
  "setAffinity",
  "lockMemory",
  "setResourceLimit",
  "exitAtOnce",
  "replaceProcess",
  "openSocket",
  "ignoreSignal",
  "openSignals",
]);

/** The addon did what it must not do. */
class SurfaceError extends Error {}

export interface SurfaceReport {
  readonly calls: number;
  /** How often each code was thrown; "returned" and "hostile" count the rest. */
  readonly outcomes: Readonly<Record<string, number>>;
}

function argumentsFor(name: string, values: Values): unknown[] {
  const shape = shapes[name] ?? [];
  const list = shape.map((argument) =>
    guarded.has(name) || values.chance(85) ? argument(values) : values.any(),
  );
  if (guarded.has(name)) return list;
  if (values.chance(5)) list.pop();
  if (values.chance(5)) list.push(values.any());
  return list;
}

function useOwnErrorClass(): void {
  native.useErrorClass(KeepalivedError);
  hasForeignErrorClass = false;
}

/** One call; tells how it ended, and throws when it ended as it must not. */
function callOnce(name: string, values: Values): string {
  const list = argumentsFor(name, values);
  if (hasForeignErrorClass && values.chance(50)) useOwnErrorClass();
  if (name === "useErrorClass") hasForeignErrorClass = list[0] !== KeepalivedError;
  let result: unknown;
  try {
    result = surface[name]?.(...list);
  } catch (thrown) {
    if (thrown instanceof HostileError) return "hostile";
    if (thrown instanceof KeepalivedError && thrown.code.startsWith("ERR_")) return thrown.code;
    if (hasForeignErrorClass) return "foreign";
    throw new SurfaceError(`${name} threw ${String(thrown)}`, { cause: thrown });
  }
  // It is the caller's from then on.
  if (name === "release" && typeof result === "number" && result >= 0) closeSync(result);
  if (typeof result === "object" && result !== null) values.descriptors.push(result);
  else if (result !== undefined && typeof result !== "number") {
    throw new SurfaceError(`${name} returned ${String(result)}`);
  }
  return "returned";
}

/** What handlers and accessors do in the middle of a call. */
function tricks(values: Values): Thunk[] {
  const closeAny: Thunk = () => callOnce("close", values);
  const callAny: Thunk = () => callOnce(values.pick(Object.keys(shapes), "close"), values);
  return [closeAny, closeAny, callAny, () => undefined];
}

function loopTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Closes all descriptors but a few, so that most calls find an open one. */
function thinOut(values: Values): void {
  useOwnErrorClass();
  for (const each of values.descriptors.splice(0)) {
    try {
      surface["close"]?.(each);
    } catch (thrown) {
      if (thrown instanceof KeepalivedError && thrown.code === "ERR_CLOSED") continue;
      throw new SurfaceError(`close threw ${String(thrown)}`, { cause: thrown });
    }
  }
}

/** Runs in this process, which should be one to lose. */
export async function fuzzSurface(seconds: number, seed: number): Promise<SurfaceReport> {
  const unknown = Object.keys(surface).filter((name) => !(name in shapes));
  if (unknown.length > 0) throw new SurfaceError(`Cannot fuzz ${unknown.join(", ")}: has no shape`);
  const values = new Values({ seed });
  values.tricks.push(...tricks(values));
  process.on("uncaughtException", (thrown) => {
    // A handler may throw what it likes, or be a class, which cannot be called.
    if (!(thrown instanceof SurfaceError)) return;
    process.stderr.write(`${thrown.stack}\n`);
    process.exit(1);
  });
  const names = Object.keys(surface);
  const outcomes: Record<string, number> = {};
  const before = readdirSync("/proc/self/fd").length;
  const end = performance.now() + seconds * 1000;
  let calls = 0;
  while (performance.now() < end) {
    const name = values.chance(20) ? "sendBatch" : values.pick(names, "close");
    const outcome = callOnce(name, values);
    outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
    calls += 1;
    if (calls % turn === 0) await loopTurn();
    if (values.descriptors.length > descriptorsMost) thinOut(values);
  }
  thinOut(values);
  await loopTurn();
  // Signal watches keep up to 16 eventfds for the life of the process.
  const after = readdirSync("/proc/self/fd").length;
  if (after > before + 17) throw new SurfaceError(`leaked ${after - before} descriptors`);
  return { calls, outcomes };
}

/** Runs the fuzzer in a child without network and in an empty folder; throws when that failed. */
export function fuzzInChild(seconds: number, seed: number): SurfaceReport {
  const folder = mkdtempSync(join(tmpdir(), "netops-fuzz-"));
  const self = fileURLToPath(import.meta.url);
  const words = [self, "--inside", "--seconds", String(seconds), "--seed", String(seed)];
  const { status, signal, stdout, stderr } = spawnSync(
    "unshare",
    ["--net", process.execPath, ...words],
    { cwd: folder, encoding: "utf8", timeout: seconds * 1000 + 60_000 },
  );
  rmSync(folder, { recursive: true });
  if (status === 0) return JSON.parse(stdout) as SurfaceReport;
  throw new Error(`The addon failed with --seed ${seed}: ${signal ?? status}\n${stderr}`);
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      seconds: { type: "string", default: "60" },
      seed: { type: "string", default: String(Date.now() % 1_000_000) },
      inside: { type: "boolean", default: false },
    },
  });
  const seconds = Number(values.seconds);
  const seed = Number(values.seed);
  const report = values.inside ? await fuzzSurface(seconds, seed) : fuzzInChild(seconds, seed);
  process.stdout.write(`${JSON.stringify(report)}\n`);
  process.exit(0);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
