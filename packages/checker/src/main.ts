// The checker child, forked by the parent: binds the loop to the kernel, to the clock and to the
// parent's pipe. It is commanded by messages alone: the signals that a terminal or a service
// manager sends to the whole process group are ignored here, since the parent turns them into
// `stop`. When the parent is gone the pipe closes, and the child withdraws its services and ends.

import { randomInt } from "node:crypto";
import { constants } from "node:os";
import { NftablesClient } from "@keepalived-ts/netops/firewall/nftables-client";
import { IpvsClient } from "@keepalived-ts/netops/ipvs-netlink/ipvs-client";
import { openTransport, type TransportFactory } from "@keepalived-ts/netops/netlink/transport";
import { inNetworkNamespace, setParentDeathSignal } from "@keepalived-ts/netops/process/control";
import { OwnProcess } from "@keepalived-ts/netops/process/own-settings";
import { dropPreload } from "@keepalived-ts/netops/process/preload";
import { ignoreSignals, realTimeSignals } from "@keepalived-ts/netops/process/signals";
import { MonotonicTimer, monotonicUs } from "@keepalived-ts/netops/timer";
import { unreachable } from "@keepalived-ts/shared-config/base/assert";
import { errorText, KeepalivedError } from "@keepalived-ts/shared-config/base/error";
import { sayAlive } from "@keepalived-ts/shared-config/ipc/alive";
import { type Channel, openChannel } from "@keepalived-ts/shared-config/ipc/channel";
import type { FromChecker, ToChecker } from "@keepalived-ts/shared-config/ipc/messages";
import { toCheckerSchema } from "@keepalived-ts/shared-config/ipc/to-checker-schema";
import type { CheckerConfig, CheckerIpvsConfig } from "@keepalived-ts/shared-config/schema/config";
import { AddressWatch } from "./edge/address-watch.js";
import { createIpvsPort } from "./edge/ipvs-port.js";
import { CheckerLoop } from "./edge/loop.js";
import { createMarksPort, noMarksPort } from "./edge/marks-port.js";
import { NameWatch } from "./edge/name-watch.js";
import { createNoKernelPort } from "./edge/no-kernel.js";
import { ParentQueue } from "./edge/parent-queue.js";
import { planFor } from "./edge/plan.js";
import { maximumConcurrentProbes, ProbeRunner } from "./probe/limits.js";
import { type ProbeContext, probeStarter } from "./probe/probe.js";
import { loadTlsContext } from "./probe/tls.js";

/** keepalived's exit codes (lib/scheduler.h): 1 and 4 end the parent too, 70 gets a new child. */
const exitCodes = { fatal: 1, missingPermission: 4, programError: 70 } as const;

/** Longest time for the last message to reach the parent. */
const farewellMs = 500;

/** Longest time for the clean-up when no parent is there to end a hung one. */
const orphanLimitMs = 5_000;

const ignoredSignals = ["SIGTERM", "SIGINT", "SIGHUP", "SIGUSR1", "SIGUSR2", "SIGPIPE"] as const;

let loop: CheckerLoop | undefined;
let own: OwnProcess | undefined;

/** What the parent has not been told yet. */
let queue: ParentQueue | undefined;

const probeContext: ProbeContext = { tls: loadTlsContext({}, () => undefined) };

/** Messages that came before IPVS was open; the first one of them opens it. */
const early: ToChecker[] = [];

let backend: CheckerIpvsConfig["lvsBackend"] | undefined;

function main(): void {
  if (process.send === undefined) {
    process.stderr.write("Cannot run the health checker alone: start keepalived-ts\n");
    process.exit(exitCodes.fatal);
  }
  dropPreload();
  process.on("uncaughtException", (thrown) => fail(thrown, exitCodes.programError));
  for (const signal of ignoredSignals) process.on(signal, ignoreSignal);
  ignoreSignals(realTimeSignals);
  const channel = openChannel<FromChecker, ToChecker>(process, toCheckerSchema, {
    message: (message) => handleMessage(channel, message),
    invalid: ({ message }) => warn(channel, message),
    disconnected: handleOrphaned,
  });
  sayAlive(process);
  setParentDeathSignal(constants.signals.SIGTERM);
  own = new OwnProcess("checker", (record) => channel.send({ type: "log", record }));
}

/** SIGTERM is also what the kernel sends when the parent dies (setParentDeathSignal). */
function ignoreSignal(signal: NodeJS.Signals): void {
  if (signal === "SIGTERM" && !process.connected) handleOrphaned();
}

function warn(channel: Channel<FromChecker>, text: string): void {
  channel.send({ type: "log", record: { level: "warn", text } });
}

/** Keeps messages until IPVS, or what the configuration has in place of it, is open. */
function handleEarly(channel: Channel<FromChecker>, message: ToChecker): void {
  if (message.type === "stop" && backend === undefined) end(0, { type: "stopped" });
  early.push(message);
  if (message.type !== "configure" || backend !== undefined) return;
  backend = message.config.ipvs.lvsBackend;
  openLoop(channel, message.config).then(
    (opened) => startLoop(channel, opened),
    (thrown: unknown) => fail(thrown, exitCodeOf(thrown)),
  );
}

/** The parent names the network namespace when it is not ours (`net_namespace_ipvs`). */
async function openIpvs(): Promise<IpvsClient> {
  const [, , namespace] = process.argv;
  if (namespace === undefined) return await IpvsClient.open();
  const transport: TransportFactory = (options, handlers) =>
    inNetworkNamespace(namespace, () => openTransport(options, handlers));
  return await IpvsClient.open({ transport });
}

/** Beside IPVS. */
function openMarks(): NftablesClient {
  const [, , namespace] = process.argv;
  if (namespace === undefined) return NftablesClient.open();
  return inNetworkNamespace(namespace, () => NftablesClient.open());
}

async function openLoop(
  channel: Channel<FromChecker>,
  { process: buffers, ipvs: { lvsBackend } }: CheckerConfig,
): Promise<CheckerLoop> {
  const ipvs = lvsBackend === "none" ? createNoKernelPort() : createIpvsPort(await openIpvs());
  const timer = new MonotonicTimer(() => opened.timerExpired());
  const probes = new ProbeRunner({
    maximumConcurrent: maximumConcurrentProbes,
    startProbe: probeStarter(probeContext),
    finished: (probe, result) => opened.dispatch({ type: "probeFinished", probe, result }),
  });
  const parent = new ParentQueue((messages, written) => channel.sendAll(messages, written));
  queue = parent;
  const opened = new CheckerLoop(
    { seed: randomInt(2 ** 32) },
    {
      clock: {
        now: monotonicUs,
        armAt: (atUs) => timer.armAt(atUs),
        disarm: () => timer.disarm(),
        late: (lateUs) => own?.noteLateness(lateUs),
      },
      ipvs,
      marks: lvsBackend === "none" ? noMarksPort : createMarksPort(openMarks),
      addresses: new AddressWatch(
        {
          changed: (addresses) => opened.dispatch({ type: "addressesChanged", addresses }),
          failed: (reason) => warn(channel, `Cannot watch the addresses of this host: ${reason}`),
        },
        buffers,
      ),
      names: new NameWatch({
        resolved: (answer) => opened.dispatch({ type: "nameResolved", answer }),
        failed: (text) => warn(channel, text),
      }),
      probes,
      parent: { send: (message) => sendToParent(parent, message) },
    },
  );
  return opened;
}

function startLoop(channel: Channel<FromChecker>, opened: CheckerLoop): void {
  loop = opened;
  for (const message of early.splice(0)) handleMessage(channel, message);
  if (!process.connected) handleOrphaned();
}

function handleMessage(channel: Channel<FromChecker>, message: ToChecker): void {
  if (message.type === "plan") {
    // All that this process is for, then: whoever waits for the answer has a limit.
    process.send?.(planFor(message, monotonicUs()), undefined, undefined, () => process.exit(0));
    return;
  }
  if (loop === undefined) {
    handleEarly(channel, message);
    return;
  }
  switch (message.type) {
    case "configure": {
      own?.apply(message.config.process);
      probeContext.tls = loadTlsContext(message.config.ssl, (text) => warn(channel, text));
      loop.dispatch({ ...message, type: "configured" });
      return;
    }
    case "trackerChanged":
      loop.dispatch(message);
      return;
    case "drain":
      loop.dispatch({ ...message, type: "drainOrdered" });
      return;
    case "syncMaster":
      loop.dispatch({ type: "syncMasterChanged", isMaster: message.isMaster });
      return;
    case "stop":
      if (message.keeps) end(0, { type: "stopped" });
      else loop.dispatch({ type: "stopRequested" });
      return;
    case "reportStatistics":
      void loop.reportStatistics();
      return;
    default:
      unreachable(message);
  }
}

function sendToParent(parent: ParentQueue, message: FromChecker): void {
  if (message.type === "stopped") end(0, message);
  else parent.send(message);
}

/** The parent is gone: nobody can use what is in the kernel for us any more. */
function handleOrphaned(): void {
  if (backend === undefined) process.exit(0);
  if (loop === undefined) return;
  setTimeout(() => process.exit(exitCodes.fatal), orphanLimitMs).unref();
  loop.dispatch({ type: "stopRequested" });
}

function fail(thrown: unknown, exitCode: number): void {
  const error =
    thrown instanceof KeepalivedError
      ? thrown
      : new KeepalivedError("UNCAUGHT", `Cannot go on: ${errorText(thrown)}`, {
          stack: (thrown instanceof Error && thrown.stack) || "",
        });
  const wire = error.toWire();
  const hint = error.code === "IPVS_UNAVAILABLE" ? "; or write lvs_backend none" : "";
  const message = wire.message + hint;
  end(exitCode, { type: "failed", exitCode, error: { ...wire, message } });
}

function exitCodeOf(thrown: unknown): number {
  if (!(thrown instanceof KeepalivedError)) return exitCodes.programError;
  return thrown.code === "IPVS_FORBIDDEN" ? exitCodes.missingPermission : exitCodes.fatal;
}

/** Exits once `last` has left, behind all that was said before, or cannot leave. */
function end(exitCode: number, last: FromChecker): void {
  queue?.flush();
  const exit = (): never => process.exit(exitCode);
  if (!process.connected || process.send === undefined) exit();
  setTimeout(exit, farewellMs);
  process.send?.(last, undefined, undefined, exit);
}

main();
