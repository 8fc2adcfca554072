// RFC 9568 section 6.4 (and RFC 3768 section 6.4 for version 2), clause by clause: events in,
// orders, state and timer out. Where keepalived differs from the RFC the case says so.

import {
  Bench,
  backup,
  garpConfig,
  higherAddress,
  instanceOf,
  lowerAddress,
  master,
  second,
} from "@keepalived-ts/vrrp/core/fixtures";
import { type Case, runCases } from "./cases.js";

/** No later bursts, so that the only timer is the RFC's. */
const garp = garpConfig({ masterDelayUs: 0, lowerPriorityRepeat: 0 });
const version3 = { version: 3, advertIntervalUs: second / 2, garp } as const;
const version2 = { version: 2, garp } as const;
const skew2 = Math.floor((156 / 256) * second);
const skew3 = Math.floor(((156 / 256) * second) / 2);
const down2 = 3 * second + skew2;
const down3 = (3 * second) / 2 + skew3;
const owner = { basePriority: 255, wantedState: "MASTER" } as const;

const initialize: readonly Case[] = [
  {
    clause: "RFC 9568 6.4.1, Startup",
    rule: "the owner sends an advert, announces its addresses and is Active",
    given: () => new Bench(instanceOf({ ...version3, ...owner })),
    when: (bench) => bench.configure(),
    orders: ["advert 255", "add 192.0.2.100", "announce 192.0.2.100 x5", "report INIT to MASTER"],
    state: "MASTER",
    waitsUs: second / 2,
  },
  {
    clause: "RFC 9568 6.4.1, Startup",
    rule: "any other router waits Active_Down_Interval as Backup",
    given: () => new Bench(instanceOf(version3)),
    when: (bench) => bench.configure(),
    // Removing what a killed predecessor may have left is ours, not the RFC's.
    orders: ["remove 192.0.2.100", "report INIT to BACKUP"],
    state: "BACKUP",
    waitsUs: down3,
  },
  {
    clause: "RFC 3768 6.4.1, Startup",
    rule: "version 2 counts the skew in seconds, whatever the interval",
    given: () => new Bench(instanceOf({ ...version2, advertIntervalUs: 4 * second })),
    when: (bench) => bench.configure(),
    orders: ["remove 192.0.2.100", "report INIT to BACKUP"],
    state: "BACKUP",
    waitsUs: 12 * second + skew2,
  },
];

const inBackup: readonly Case[] = [
  {
    clause: "RFC 9568 6.4.2, Active_Down_Timer fires",
    rule: "send an advert, announce the addresses, be Active",
    given: () => backup(version3),
    when: (bench) => bench.fire(),
    orders: ["advert 100", "add 192.0.2.100", "announce 192.0.2.100 x5", "report BACKUP to MASTER"],
    state: "MASTER",
    waitsUs: second / 2,
  },
  {
    clause: "RFC 9568 6.4.2, advert with priority 0",
    rule: "set Active_Down_Timer to Skew_Time",
    given: () => backup(version3),
    when: (bench) => bench.receive({ priority: 0 }),
    orders: [],
    state: "BACKUP",
    waitsUs: skew3,
  },
  {
    clause: "RFC 3768 6.4.2, advert with priority 0",
    rule: "set Master_Down_Timer to Skew_Time",
    given: () => backup(version2),
    when: (bench) => bench.receive({ priority: 0 }),
    orders: [],
    state: "BACKUP",
    waitsUs: skew2,
  },
  {
    clause: "RFC 9568 6.4.2, advert of higher priority",
    rule: "adopt the sender's interval for Active_Down_Interval",
    given: () => backup(version3),
    when: (bench) => bench.receive({ priority: 101, advert: { advertIntervalUs: 2 * second } }),
    orders: ["report BACKUP to BACKUP"],
    state: "BACKUP",
    waitsUs: 6 * second + 2 * skew2,
  },
  {
    clause: "RFC 9568 6.4.2, advert of equal priority",
    rule: "it is obeyed, also from a lower address",
    given: () => backup(version3),
    when: (bench) => {
      bench.now += second;
      return bench.receive({ priority: 100, source: lowerAddress });
    },
    orders: ["report BACKUP to BACKUP"],
    state: "BACKUP",
    waitsUs: down3,
  },
  {
    clause: "RFC 9568 6.4.2, advert of lower priority",
    rule: "it is discarded with Preempt_Mode",
    given: () => backup(version3),
    when: (bench) => {
      bench.now += second;
      return bench.receive({ priority: 99 });
    },
    orders: [],
    state: "BACKUP",
    waitsUs: down3 - second,
  },
  {
    clause: "RFC 9568 6.4.2, advert of lower priority",
    rule: "it is obeyed without Preempt_Mode",
    given: () => backup({ ...version3, preempt: false }),
    when: (bench) => {
      bench.now += second;
      return bench.receive({ priority: 1 });
    },
    orders: ["report BACKUP to BACKUP"],
    state: "BACKUP",
    waitsUs: down3,
  },
  {
    clause: "RFC 9568 6.4.2, Shutdown",
    rule: "cancel the timer and be Initialize, silently",
    given: () => backup(version3),
    when: (bench) => bench.handle({ type: "stopRequested" }),
    orders: ["report BACKUP to INIT"],
    state: "INIT",
  },
];

const inMaster: readonly Case[] = [
  {
    clause: "RFC 9568 6.4.3, Adver_Timer fires",
    rule: "send an advert and wait Advertisement_Interval again",
    given: () => master(version3),
    when: (bench) => bench.fire(),
    orders: ["advert 100"],
    state: "MASTER",
    waitsUs: second / 2,
  },
  {
    clause: "RFC 9568 6.4.3, advert with priority 0",
    rule: "send an advert and reset Adver_Timer",
    given: () => master(version3),
    when: (bench) => {
      bench.now += second / 4;
      return bench.receive({ priority: 0 });
    },
    orders: ["advert 100"],
    state: "MASTER",
    waitsUs: second / 2,
  },
  {
    clause: "RFC 9568 6.4.3, advert of higher priority",
    rule: "adopt the sender's interval and be Backup",
    given: () => master(version3),
    when: (bench) => bench.receive({ priority: 101, advert: { advertIntervalUs: second } }),
    orders: ["remove 192.0.2.100", "report MASTER to BACKUP"],
    state: "BACKUP",
    waitsUs: down2,
  },
  {
    clause: "RFC 9568 6.4.3, advert of equal priority",
    rule: "a higher primary address of the sender makes us Backup",
    given: () => master(version3),
    when: (bench) => bench.receive({ priority: 100, source: higherAddress }),
    orders: ["remove 192.0.2.100", "report MASTER to BACKUP"],
    state: "BACKUP",
    waitsUs: down3,
  },
  {
    clause: "RFC 9568 6.4.3, advert of equal priority",
    rule: "a lower primary address of the sender is answered at once",
    given: () => master(version3),
    when: (bench) => bench.receive({ priority: 100, source: lowerAddress }),
    orders: ["advert 100", "lower priority heard by VI_1"],
    state: "MASTER",
    waitsUs: second / 2,
  },
  {
    clause: "RFC 9568 6.4.3, advert of lower priority",
    rule: "it is discarded and answered at once",
    given: () => master(version3),
    when: (bench) => {
      bench.now += second / 4;
      return bench.receive({ priority: 99 });
    },
    orders: ["advert 100", "lower priority heard by VI_1"],
    state: "MASTER",
    waitsUs: second / 2,
  },
  {
    clause: "RFC 9568 6.4.3, advert of higher priority",
    rule: "Preempt_Mode does not matter in Active state",
    given: () => master({ ...version3, preempt: false }),
    when: (bench) => bench.receive({ priority: 101 }),
    orders: ["remove 192.0.2.100", "report MASTER to BACKUP"],
    state: "BACKUP",
    waitsUs: down3,
  },
  {
    clause: "RFC 9568 6.4.3, Shutdown",
    rule: "send an advert with priority 0 and be Initialize",
    given: () => master({ ...version3, handOver: false }),
    when: (bench) => bench.handle({ type: "stopRequested" }),
    orders: ["advert 0", "remove 192.0.2.100", "report MASTER to INIT"],
    state: "INIT",
  },
  {
    clause: "RFC 9568 6.4.3, Shutdown",
    rule: "handing over, it is Initialize only when another is Active; no advert is sent meanwhile",
    given: () => master(version3),
    when: (bench) => bench.handle({ type: "stopRequested" }),
    orders: ["advert 0"],
    state: "MASTER",
    // The skew of priority 1, a quarter of an interval, 50 ms.
    waitsUs: Math.floor((255 / 256) * (second / 2)) + second / 8 + 50_000,
  },
  {
    clause: "RFC 3768 6.4.3, advert of higher priority",
    rule: "be Backup for Master_Down_Interval",
    given: () => master(version2),
    when: (bench) => bench.receive({ priority: 101 }),
    orders: ["remove 192.0.2.100", "report MASTER to BACKUP"],
    state: "BACKUP",
    waitsUs: down2,
  },
];

runCases([...initialize, ...inBackup, ...inMaster]);
