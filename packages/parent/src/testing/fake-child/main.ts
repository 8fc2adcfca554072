// A child process that speaks the protocol and does nothing else, or misbehaves as FAKE_CHILD
// tells. For the tests of this package; started by the fake daemon in place of the real children.

import { newHistogram } from "@keepalived-ts/shared-config/base/histogram";
import type {
  FromChecker,
  FromVrrp,
  ToChecker,
  ToVrrp,
} from "@keepalived-ts/shared-config/ipc/messages";
import { buildSnapshot, buildStatus } from "../builders.js";

/** FAKE_CHILD is one of these words, for both children. */
const mode = process.env["FAKE_CHILD"] ?? "good";

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, stayDeaf);
process.on("message", (message) => handleMessage(message as ToVrrp | ToChecker));
process.on("disconnect", () => {
  if (mode !== "hangs") process.exit(0);
});
if (mode === "hangs") setInterval(stayDeaf, 60_000);

function handleMessage(message: ToVrrp | ToChecker): void {
  if (message.type === "drain") {
    const { virtualServer, realServer, isOn } = message;
    const text = `fake child drains ${realServer} of ${virtualServer}: ${isOn}`;
    say({ type: "log", record: { level: "info", text } });
  }
  if (message.type === "plan") answerPlan(message);
  if (message.type === "configure") configure(message);
  if (message.type === "reportStatistics") {
    const instances = [buildStatus({ counters: { checksumErrors: 3, ttlErrors: 0 } })];
    const counted = {
      unknownVirtualRouter: 2,
      eventLoopDelayMaxUs: 1500,
      advertLateness: newHistogram(),
    };
    say({ type: "statistics", instances, isLast: true, ...counted });
  }
  if (message.type === "stop" && mode !== "hangs") {
    say({ type: "stopped" }, () => process.exit(0));
  }
}

/** What it would do is to have all that is asked about. */
function answerPlan({ next }: Extract<ToVrrp | ToChecker, { type: "plan" }>): void {
  if (mode === "cannot plan") process.exit(3);
  const end = (): never => process.exit(0);
  if ("virtualServers" in next) {
    const ipvs = next.virtualServers.map(({ name }) => `ipvsadm -A ${name}`);
    say({ type: "planned", ipvs, realServers: [], virtualServers: [] }, end);
    return;
  }
  const instances = next.instances.map(({ name, basePriority: effectivePriority }) => ({
    ...{ instance: name, change: "changed" as const, before: null, adds: ["address"], removes: [] },
    after: { state: "BACKUP" as const, effectivePriority, fault: null },
    ...{ isHandedOver: false, risks: ["a risk"] },
  }));
  say({ type: "planned", instances }, end);
}

function configure(message: Extract<ToVrrp | ToChecker, { type: "configure" }>): void {
  switch (mode) {
    case "crashes":
      throw new Error("the fake child crashes");
    case "fails": {
      const error = { code: "EPERM", message: "Cannot open anything", data: {} };
      say({ type: "failed", exitCode: 2, error }, () => process.exit(2));
      return;
    }
    case "babbles":
      for (let i = 0; i < 150; i++) process.send?.({ type: "nonsense", number: i });
  }
  const held = message.resume
    .map((snapshot) => ("state" in snapshot ? snapshot.state : `drained ${snapshot.isDrained}`))
    .join(",");
  const text = `fake child ${process.pid} generation ${message.generation} resume [${held}]`;
  say({ type: "log", record: { level: "info", text } });
  if ("instances" in message.config) {
    say({ type: "instanceState", previous: "BACKUP", snapshot: buildSnapshot() });
  }
  if ("virtualServers" in message.config) {
    for (const { name } of message.config.virtualServers) {
      const server = { virtualServer: name, realServer: "[192.0.2.20]:tcp:80" };
      const snapshot = { ...server, isUp: true, weight: 1, checks: [null] };
      say({ type: "realServerState", snapshot, notice: null });
    }
  }
  say({ type: "ready", generation: message.generation });
}

function say(message: FromVrrp | FromChecker, sent?: () => void): void {
  process.send?.(message, () => sent?.());
}

function stayDeaf(): boolean {
  return true;
}
