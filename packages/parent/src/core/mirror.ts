// What the parent knows of its children's state: the last snapshot of every instance and real
// server. Decides what a new child is told to go on with after its predecessor died. Holds no
// clock.

import type {
  FromChecker,
  FromVrrp,
  InstanceSnapshot,
  NameAnswer,
  RealServerSnapshot,
  VirtualServerSnapshot,
  WatchReport,
} from "@keepalived-ts/shared-config/ipc/messages";
import type {
  CheckerConfig,
  Config,
  VrrpConfig,
  VrrpInstanceConfig,
} from "@keepalived-ts/shared-config/schema/config";
import type { DrainOrder } from "./event.js";
import { polledLinks } from "./polled-links.js";

export interface Mirror {
  readonly instances: Map<string, InstanceSnapshot>;
  /** By virtual server, then by real server. */
  readonly realServers: Map<string, Map<string, RealServerSnapshot>>;
  readonly virtualServers: Map<string, VirtualServerSnapshot>;
  /** What DNS has said of names last, by name and family. */
  readonly answers: Map<string, NameAnswer>;
  /** What watchers have found last, by kind and name. */
  readonly trackers: Map<string, WatchReport>;
}

export function createMirror(): Mirror {
  return {
    instances: new Map(),
    realServers: new Map(),
    virtualServers: new Map(),
    answers: new Map(),
    trackers: new Map(),
  };
}

export function recordVrrp(mirror: Mirror, message: FromVrrp): void {
  if (message.type === "instanceState") {
    mirror.instances.set(message.snapshot.instance, message.snapshot);
  } else if (message.type === "instanceRemoved") {
    mirror.instances.delete(message.instance);
  }
}

export function recordTracker(mirror: Mirror, report: WatchReport): void {
  mirror.trackers.set(`${report.kind} ${report.name}`, report);
}

/** Forgets what is watched no more. */
export function keepTrackers(mirror: Mirror, config: Config): void {
  const { scripts, files, processes } = config.tracking;
  const names = new Set([
    ...scripts.map(({ name }) => `script ${name}`),
    ...files.map(({ name }) => `file ${name}`),
    ...processes.map(({ name }) => `process ${name}`),
    ...polledLinks(config).map((link) => `link ${link.interface}`),
  ]);
  for (const key of mirror.trackers.keys()) if (!names.has(key)) mirror.trackers.delete(key);
}

export function recordChecker(mirror: Mirror, message: FromChecker): void {
  switch (message.type) {
    case "realServerState":
      recordRealServer(mirror, message.snapshot);
      return;
    case "nameResolved": {
      const { name, family, addresses } = message;
      mirror.answers.set(`${name} ${family}`, { name, family, addresses });
      return;
    }
    case "realServerRemoved":
      mirror.realServers.get(message.virtualServer)?.delete(message.realServer);
      return;
    case "virtualServerState":
      mirror.virtualServers.set(virtualServerText(message.snapshot), message.snapshot);
      return;
    case "virtualServerRemoved":
      mirror.virtualServers.delete(virtualServerText(message));
      return;
    default:
      // What else a child says is not remembered.
      return;
  }
}

function recordRealServer(mirror: Mirror, snapshot: RealServerSnapshot): void {
  const { virtualServer, realServer } = snapshot;
  let servers = mirror.realServers.get(virtualServer);
  if (servers === undefined) {
    servers = new Map();
    mirror.realServers.set(virtualServer, servers);
  }
  servers.set(realServer, snapshot);
}

/** Remembered before the child has said so: it may die before it has heard of it. */
export function recordDrain(mirror: Mirror, { virtualServer, realServer, isOn }: DrainOrder): void {
  const snapshot = mirror.realServers.get(virtualServer)?.get(realServer);
  if (snapshot !== undefined) recordRealServer(mirror, { ...snapshot, isDrained: isOn });
}

/** The name does not say of which family a mark is. */
function virtualServerText({
  virtualServer,
  key,
}: Pick<VirtualServerSnapshot, "virtualServer" | "key">): string {
  return key.kind === "address" ? virtualServer : `${virtualServer} ${key.family}`;
}

/** Forgets what a child that stopped in good order had: it withdrew everything. */
export function forgetVrrp(mirror: Mirror): void {
  mirror.instances.clear();
}

export function forgetChecker(mirror: Mirror): void {
  mirror.realServers.clear();
  mirror.virtualServers.clear();
  mirror.answers.clear();
}

/** What a VRRP child is to go on with whose predecessor died `outageUs` ago. */
export function resumeVrrp(
  mirror: Mirror,
  config: VrrpConfig,
  outageUs: number,
): InstanceSnapshot[] {
  return config.instances.flatMap((instance) => {
    const snapshot = mirror.instances.get(instance.name);
    return snapshot === undefined ? [] : [resumeInstance(snapshot, instance, outageUs)];
  });
}

/** What a checker child is to go on with. */
export function resumeChecker(mirror: Mirror, config: CheckerConfig): RealServerSnapshot[] {
  return config.virtualServers.flatMap((virtualServer) => [
    ...(mirror.realServers.get(virtualServer.name)?.values() ?? []),
  ]);
}

/** Whether the instance that `lvs_sync_daemon` follows is MASTER. */
export function isSyncMaster(mirror: Mirror, { ipvs }: CheckerConfig): boolean {
  const instance = ipvs.lvsSyncDaemon?.instance;
  return instance !== undefined && mirror.instances.get(instance)?.state === "MASTER";
}

/**
 * RFC 9568 section 6.1: backups wait three advert intervals and the skew time. After that another
 * router is MASTER, and going on as if nothing had happened would take the addresses from it, even
 * with nopreempt; so a MASTER that was away that long comes back as BACKUP.
 */
function resumeInstance(
  snapshot: InstanceSnapshot,
  instance: VrrpInstanceConfig,
  outageUs: number,
): InstanceSnapshot {
  if (snapshot.state !== "MASTER" || !isTooLate(instance, outageUs)) return snapshot;
  return { ...snapshot, state: "BACKUP", masterAddress: null, masterPriority: null };
}

/** Whether peers take over from a MASTER of `config` that is silent for `outageUs`. */
export function losesMaster(
  mirror: Mirror,
  config: VrrpConfig | undefined,
  outageUs: number,
): boolean {
  return (config?.instances ?? []).some(
    (instance) =>
      mirror.instances.get(instance.name)?.state === "MASTER" && isTooLate(instance, outageUs),
  );
}

function isTooLate(instance: VrrpInstanceConfig, outageUs: number): boolean {
  return outageUs >= instance.downTimerAdverts * instance.advertIntervalUs;
}
