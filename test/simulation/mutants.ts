// Deliberate bugs for the simulator to find: a change to one line of the compiled core, in a copy.
// Proves that the checkers can see what they are for; never touches the real build.

import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export interface Mutant {
  readonly name: string;
  /** Below packages/vrrp/dist/core. */
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

export const mutants: readonly Mutant[] = [
  {
    name: "a tie goes to the lower address",
    file: "priority.js",
    from: "compareIp(left, right) > 0",
    to: "compareIp(left, right) < 0",
  },
  {
    name: "the skew time is dropped",
    file: "timers.js",
    from: "Math.floor(((256 - priority) * unit) / 256)",
    to: "(((256 - priority) * unit) / 256, 1)",
  },
  {
    name: "priority 0 is ignored in BACKUP",
    file: "state-backup.js",
    from: 'arm(turn, instance, "masterDown", receivedAt + instanceSkewUs(instance))',
    to: "instanceSkewUs(instance)",
  },
  {
    name: "addresses stay when MASTER is left",
    file: "transition.js",
    from: "removeHoldings(turn, instance);",
    to: "",
  },
  {
    name: "stale addresses stay at the start",
    file: "state-init.js",
    from: "removeHoldings(turn, instance);",
    to: "",
  },
  {
    name: "a killed MASTER resumes as BACKUP",
    file: "state-init.js",
    from: 'snapshot?.state === "MASTER"',
    to: 'snapshot?.state === "INIT"',
  },
  {
    name: "a lower advert restarts the timer",
    file: "state-backup.js",
    from: "!config.preempt || hasGivenAway || priority >= effectivePriority(instance)",
    to: "true",
  },
  {
    name: "the interval of a version 3 master is not learnt",
    file: "state-backup.js",
    from: "instance.masterAdvertIntervalUs = advert.advertIntervalUs",
    to: "advert.advertIntervalUs",
  },
  {
    name: "a BACKUP that was stalled takes over at once",
    file: "state-backup.js",
    from: "if (isStalled(turn, instance))",
    to: "if (false)",
  },
  {
    name: "a new MASTER announces nothing",
    file: "transition.js",
    from: "announceMaster(turn, instance)",
    to: "instance",
  },
  {
    name: "a MASTER never gives way",
    file: "state-master.js",
    from: "outranksUs(instance, advert.priority, source)",
    to: "false",
  },
  {
    name: "the addresses go with the farewell",
    file: "hand-over.js",
    from: "config.handOver",
    to: "false",
  },
  {
    name: "a MASTER that is leaving does not hear its successor",
    file: "hand-over.js",
    from: "advert.priority === 0",
    to: "true",
  },
  {
    name: "a hand-over ends before the successor's skew",
    file: "hand-over.js",
    from: "skewUs(version, lowestPriority, advertIntervalUs) + margin",
    to: "skewUs(version, 250, advertIntervalUs)",
  },
  {
    name: "an instance that is wanted again begins anew",
    file: "hand-over.js",
    from: "isAgain(instance.config, config)",
    to: "false",
  },
  {
    name: "a second stop is not heard",
    file: "router.js",
    from: "letAllGo(turn);",
    to: "",
  },
  {
    name: "the startup delay is not waited for",
    file: "timers.js",
    from: "Math.max(0, (router.masterFrom ?? 0) - now)",
    to: "0",
  },
  {
    name: "a MASTER that stood still takes its addresses back",
    file: "state-master.js",
    from: "timerExpiredBackup === undefined",
    to: "true",
  },
  {
    name: "preempt_delay is over at once",
    file: "state-backup.js",
    from: "turn.now + instance.config.preemptDelayUs",
    to: "turn.now",
  },
  {
    name: "after a failover the master of before comes straight back",
    file: "state-backup.js",
    from: "!config.preempt || hasGivenAway || priority",
    to: "!config.preempt || priority",
  },
  {
    name: "a failover drops the addresses with its farewell",
    file: "hand-over.js",
    from: "instance.ending = ending;",
    to: 'instance.ending = ending; if (ending === "failover") letGo(turn, instance, "now");',
  },
  {
    name: "maintenance is forgotten by a reload",
    file: "reload.js",
    from: "event.isInMaintenance ?? false",
    to: "false",
  },
  {
    name: "maintenance takes what it holds back",
    file: "hand-over.js",
    from: 'else if (ending === "maintenance")\n        rest(turn, instance);',
    to: 'else if (ending === "maintenance")\n        takeUpAgain(turn, instance);',
  },
  {
    name: "a script that fails changes no priority",
    file: "tracking.js",
    from: "weight > 0 === isWell",
    to: "weight > 0",
  },
  {
    name: "a script of weight 0 that fails is no fault",
    file: "tracking.js",
    from: "sum.fault ??= reason();",
    to: ";",
  },
  {
    name: "a member of a sync group becomes MASTER alone",
    file: "sync-group.js",
    from: 'state === "MASTER" || wantsMaster',
    to: "true",
  },
  {
    name: "the others of a sync group stay MASTER",
    file: "sync-group.js",
    from: 'companion.state !== "MASTER" || companion.ending !== null',
    to: "true",
  },
  {
    name: "a companion in FAULT holds nobody up",
    file: "sync-group.js",
    from: "ownFault !== null",
    to: "false",
  },
  {
    name: "a peer's unicast adverts are refused",
    file: "advert-check.js",
    from: "isUnicast(config) ? !isGroup(destination)",
    to: "isUnicast(config) ? isGroup(destination)",
  },
  {
    name: "preempt_delay is never over",
    file: "state-backup.js",
    from: "instance.preemptAt > turn.now",
    to: "instance.preemptAt > 0",
  },
];

/** Makes a copy of the build below `root` with `mutant` in it; returns the copy's simulator. */
export function plantMutant(root: string, copy: string, mutant: Mutant): string {
  const vrrp = join(copy, "packages/vrrp");
  const simulation = join(copy, "test/dist/simulation");
  mkdirSync(join(copy, "node_modules/@keepalived-ts"), { recursive: true });
  cpSync(join(root, "packages/vrrp/dist"), join(vrrp, "dist"), { recursive: true });
  cpSync(join(root, "packages/vrrp/package.json"), join(vrrp, "package.json"));
  cpSync(join(root, "test/dist/simulation"), simulation, { recursive: true });
  cpSync(join(root, "package.json"), join(copy, "package.json"));
  symlinkSync(vrrp, join(copy, "node_modules/@keepalived-ts/vrrp"));
  symlinkSync(
    join(root, "packages/shared-config"),
    join(copy, "node_modules/@keepalived-ts/shared-config"),
  );
  const file = join(vrrp, "dist/core", mutant.file);
  const text = readFileSync(file, "utf8");
  const parts = text.split(mutant.from);
  if (parts.length !== 2) {
    throw new Error(`Cannot plant "${mutant.name}": ${parts.length - 1} places in ${mutant.file}`);
  }
  writeFileSync(file, parts.join(mutant.to));
  return join(simulation, "main.js");
}
