// The health checker as users have it: the whole daemon in User Mode Linux, with real HTTP traffic
// through the virtual servers and ipvsadm as the witness of what the kernel holds.

import assert from "node:assert/strict";
import { execFileSync, fork } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type {
  RealServerSnapshot,
  VirtualServerSnapshot,
} from "@keepalived-ts/shared-config/ipc/messages";
import type { CheckerConfig, TcpCheckConfig } from "@keepalived-ts/shared-config/schema/config";
import {
  emptyCheckerConfig,
  plainRealServer,
  plainVirtualServer,
} from "@keepalived-ts/shared-config/schema/config-empty";
import { type Step, testInUml } from "../lab/steps.js";
import { waitFor } from "../lab/wait.js";
import {
  buildNetwork,
  Daemon,
  expectTable,
  get,
  quickTable,
  type ServerName,
  serverAddresses,
  shell,
  startServer,
  stopServer,
} from "./checker-lab.js";

const { rs1, rs2 } = serverAddresses;

const timing = "delay_loop 1\n warmup 0.1\n connect_timeout 1\n retry 1\n delay_before_retry 0.1";

function realServer(address: string, port: number, weight: number, connectPort?: number): string {
  const check = connectPort === undefined ? "" : `connect_port ${connectPort}`;
  return `real_server ${address} ${port} {
    weight ${weight}
    TCP_CHECK {
      ${check}
    }
  }`;
}

function virtualServer(name: string, lines: readonly string[]): string {
  return `virtual_server ${name} {\n ${timing}\n ${lines.join("\n ")}\n}\n`;
}

const globals = "global_defs {\n router_id lab\n checker_priority -5\n}\n";

const natServer = virtualServer("192.0.2.1 80", [
  "protocol TCP\n lb_algo rr\n lb_kind NAT",
  realServer(rs1, 8080, 1),
  realServer(rs2, 8080, 1),
]);
const directServer = virtualServer("192.0.2.2 80", [
  "protocol TCP\n lb_algo wrr\n lb_kind DR",
  realServer(rs1, 80, 3),
  realServer(rs2, 80, 1),
]);
const markServer = virtualServer("fwmark 7", [
  "lb_algo wlc\n lb_kind DR\n persistence_timeout 60",
  realServer(rs1, 80, 5, 80),
]);
const ipv6Server = virtualServer("2001:db8::1 80", [
  "protocol TCP\n lb_algo rr\n lb_kind NAT",
  "real_server 2001:db8::11 8080 {\n weight 2\n}",
]);
const wholeConfig = globals + natServer + directServer + markServer + ipv6Server;

const foreign = [
  "-A -t 198.51.100.1:443 -s lc",
  "-a -t 198.51.100.1:443 -r 198.51.100.2:443 -m -w 7",
];
const nat = [
  "-A -t 192.0.2.1:80 -s rr",
  `-a -t 192.0.2.1:80 -r ${rs1}:8080 -m -w 1`,
  `-a -t 192.0.2.1:80 -r ${rs2}:8080 -m -w 1`,
];
const direct = [
  "-A -t 192.0.2.2:80 -s wrr",
  `-a -t 192.0.2.2:80 -r ${rs1}:80 -g -w 3`,
  `-a -t 192.0.2.2:80 -r ${rs2}:80 -g -w 1`,
];
const marked = ["-A -f 7 -s wlc -p 60", `-a -f 7 -r ${rs1}:0 -g -w 5`];
const ipv6 = [
  "-A -t [2001:db8::1]:80 -s rr",
  "-a -t [2001:db8::1]:80 -r [2001:db8::11]:8080 -m -w 2",
];
const whole = [...foreign, ...nat, ...direct, ...marked, ...ipv6];

function without(lines: readonly string[], address: string): string[] {
  return lines.filter((line) => !line.includes(`-r ${address}:`));
}

function ipvsadm(text: string): void {
  execFileSync("ipvsadm", text.split(" "));
}

function tally(names: readonly string[]): Record<ServerName, number> {
  const count = (name: ServerName): number => names.filter((one) => one === name).length;
  return { rs1: count("rs1"), rs2: count("rs2") };
}

/** The configuration of `natServer` with checks that come later than the test ends. */
const natConfig: CheckerConfig = {
  ...emptyCheckerConfig,
  virtualServers: [
    {
      ...plainVirtualServer,
      name: "[192.0.2.1]:tcp:80",
      key: { kind: "address", address: "192.0.2.1", port: 80, protocol: "TCP" },
      scheduler: "rr",
      realServers: [rs1, rs2].map((address) => ({
        ...plainRealServer,
        address,
        port: 8080,
        checks: [lateCheck(address)],
      })),
    },
  ],
};

/** What a parent remembers of a checker that died: of a server that is down, and of a service that
 * a reload has removed in the meantime. */
const snapshots: readonly RealServerSnapshot[] = [
  ["[192.0.2.1]:tcp:80", `[${rs1}]:tcp:8080`, true] as const,
  ["[192.0.2.1]:tcp:80", `[${rs2}]:tcp:8080`, false] as const,
  ["[192.0.2.2]:tcp:80", `[${rs1}]:tcp:80`, true] as const,
].map(([virtual, real, isUp]) => {
  return { virtualServer: virtual, realServer: real, isUp, weight: 1, checks: [isUp] };
});

const virtualServerSnapshots: readonly VirtualServerSnapshot[] = [1, 2].map((host) => ({
  virtualServer: `[192.0.2.${host}]:tcp:80`,
  key: { kind: "address", address: `192.0.2.${host}`, port: 80, protocol: "TCP" },
  entries: [],
  ...{ hasQuorum: true, quorum: 1, hysteresis: 0, weight: 1 },
}));

function lateCheck(connectAddress: string): TcpCheckConfig {
  const far = 3_600_000_000;
  return {
    kind: "TCP_CHECK",
    connectAddress,
    connectPort: 8080,
    connectTimeoutUs: 1_000_000,
    retry: 0,
    delayBeforeRetryUs: far,
    delayLoopUs: far,
    warmupUs: far,
    alpha: false,
    logAllFailures: false,
  };
}

let daemon: Daemon | undefined;

function running(): Daemon {
  assert.ok(daemon !== undefined, "the daemon was not started");
  return daemon;
}

function checkerPid(): number {
  const pid = running().checkerPid();
  assert.ok(pid !== null, "there is no checker");
  return pid;
}

/** Until a checker other than `before` has finished its start. */
async function newChecker(before: number): Promise<void> {
  await waitFor("a new checker", () => ![null, before].includes(running().checkerPid()));
}

const steps: readonly Step[] = [
  {
    name: "start: services by address and by mark are in the table as configured",
    run: async () => {
      buildNetwork();
      await Promise.all([startServer("rs1"), startServer("rs2")]);
      for (const line of foreign) ipvsadm(line);
      daemon = Daemon.start(wholeConfig);
      await expectTable(whole);
      await daemon.said(`TCP connection to [${rs2}]:tcp:8080 success.`);
    },
  },
  {
    name: "checker_priority: the checker runs with that nice value",
    run: () => {
      const stat = readFileSync(`/proc/${checkerPid()}/stat`, "utf8");
      assert.equal(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[16], "-5");
    },
  },
  {
    name: "traffic: NAT shares evenly, direct routing by weight, the mark goes to its one server",
    run: async () => {
      assert.deepEqual(tally(await get("nat", "192.0.2.1", 8)), { rs1: 4, rs2: 4 });
      assert.deepEqual(tally(await get("direct", "192.0.2.2", 8)), { rs1: 6, rs2: 2 });
      assert.deepEqual(tally(await get("direct", "192.0.2.3", 2)), { rs1: 2, rs2: 0 });
    },
  },
  {
    name: "a server that stops leaves the table, the other one serves, and it returns",
    run: async () => {
      const { length } = running().output;
      await stopServer("rs2");
      await expectTable(without(whole, rs2));
      await running().said(
        `TCP_CHECK on service [${rs2}]:tcp:8080 failed after 1 retries.`,
        length,
      );
      await running().said(`Removing service [${rs2}]:tcp:8080 from VS [192.0.2.1]:tcp:80`, length);
      assert.deepEqual(tally(await get("nat", "192.0.2.1", 6)), { rs1: 6, rs2: 0 });
      await startServer("rs2");
      await expectTable(whole);
      await running().said(`Adding service [${rs2}]:tcp:8080 to VS [192.0.2.1]:tcp:80`, length);
      assert.deepEqual(tally(await get("nat", "192.0.2.1", 4)), { rs1: 2, rs2: 2 });
    },
  },
  {
    name: "SIGKILL of the checker leaves IPVS as it is, and the new one adopts it",
    run: async () => {
      const from = running().output.length;
      await stopServer("rs2");
      await running().said(`Removing service [${rs2}]:tcp:8080 from VS [192.0.2.1]:tcp:80`, from);
      await running().said(`Removing service [${rs2}]:tcp:80 from VS [192.0.2.2]:tcp:80`, from);
      await expectTable(without(whole, rs2));
      const { length } = running().output;
      const before = checkerPid();
      const table = quickTable();
      process.kill(before, "SIGKILL");
      await waitFor("a new checker", () => {
        assert.equal(quickTable(), table);
        return ![null, before].includes(running().checkerPid());
      });
      // Three seconds: the new checker starts, compares the table and probes.
      const end = performance.now() + 3_000;
      await waitFor("three seconds with the same table", () => {
        assert.equal(quickTable(), table);
        return performance.now() > end;
      });
      assert.deepEqual(tally(await get("nat", "192.0.2.1", 3)), { rs1: 3, rs2: 0 });
      await startServer("rs2");
      await expectTable(whole);
      assert.doesNotMatch(running().output.slice(length), /repairing|Removing service/);
    },
  },
  {
    name: "signals that are meant for the parent do not end the checker",
    run: async () => {
      const before = checkerPid();
      for (const signal of [1, 2, 10, 12, 15, 36, 63, 64]) process.kill(before, signal);
      ipvsadm(`-d -t 192.0.2.1:80 -r ${rs1}:8080`);
      await expectTable(whole);
      assert.equal(checkerPid(), before);
    },
  },
  {
    name: "a server that stops while no checker is there is found out by the new one",
    run: async () => {
      const before = checkerPid();
      process.kill(before, "SIGKILL");
      await stopServer("rs1");
      await newChecker(before);
      await expectTable(without(whole, rs1));
      await startServer("rs1");
      await expectTable(whole);
    },
  },
  {
    name: "drift: what was deleted, changed or added by hand is put right, others' services stay",
    run: async () => {
      const { length } = running().output;
      ipvsadm(`-d -t 192.0.2.1:80 -r ${rs1}:8080`);
      ipvsadm(`-a -t 192.0.2.1:80 -r 10.1.0.99:8080 -m -w 1`);
      ipvsadm(`-e -t 192.0.2.2:80 -r ${rs2}:80 -m -w 9`);
      ipvsadm("-E -t 192.0.2.2:80 -s sh");
      ipvsadm("-E -f 7 -s wlc -p 300");
      ipvsadm("-D -t [2001:db8::1]:80");
      await expectTable(whole);
      await running().said("VS FWM 7 in IPVS was changed by somebody else: repairing", length);
      assert.deepEqual(tally(await get("nat", "192.0.2.1", 4)), { rs1: 2, rs2: 2 });
    },
  },
  {
    name: "drift: after `ipvsadm -C` all of ours returns",
    run: async () => {
      ipvsadm("-C");
      await expectTable([...nat, ...direct, ...marked, ...ipv6]);
      for (const line of foreign) ipvsadm(line);
    },
  },
  {
    name: "reload: only what differs is touched; a removed service goes, a new one comes",
    run: async () => {
      const changed = directServer.replace("weight 3", "weight 4");
      const added = natServer.replace("192.0.2.1 80", "192.0.2.1 8081");
      running().reload(globals + natServer + changed + ipv6Server + added);
      await expectTable([
        ...foreign,
        ...nat,
        ...direct.map((line) => line.replace("-w 3", "-w 4")),
        ...ipv6,
        ...nat.map((line) => line.replace("192.0.2.1:80 ", "192.0.2.1:8081 ")),
      ]);
      await running().said("Removing Virtual Server FWM 7");
      running().reload(wholeConfig);
      await expectTable(whole);
    },
  },
  {
    name: "a scheduler that the kernel has not is told with its remedy, the other services work",
    run: async () => {
      const { length } = running().output;
      running().reload(wholeConfig.replace("lb_algo wlc", "lb_algo lblcr"));
      await running().said(
        'the kernel has no scheduler "lblcr": load it with modprobe ip_vs_lblcr',
        length,
      );
      await stopServer("rs2");
      await expectTable(without(whole, rs2));
      await startServer("rs2");
      running().reload(wholeConfig);
      await expectTable(whole);
    },
  },
  {
    name: "stop: SIGTERM leaves others' services only, and ends with 0",
    run: async () => {
      assert.equal(await running().end("SIGTERM"), 0);
      await expectTable(foreign, 100);
    },
  },
  {
    name: "start: a table left by a killed daemon is adopted, and repaired where it differs",
    run: async () => {
      for (const line of [...nat, ...direct.slice(0, 2)]) ipvsadm(line);
      ipvsadm("-a -t 192.0.2.1:80 -r 10.1.0.99:8080 -m -w 1");
      daemon = Daemon.start(wholeConfig);
      await expectTable(whole);
      await daemon.said("Startup complete");
    },
  },
  {
    name: "SIGKILL of the parent: the checker withdraws its services and ends",
    run: async () => {
      const pid = checkerPid();
      await running().end("SIGKILL");
      await expectTable(foreign);
      await waitFor("the checker's end", () => {
        const cause = (): boolean => readFileSync(`/proc/${pid}/stat`, "utf8").includes(") Z ");
        try {
          return cause();
        } catch {
          return true;
        }
      });
      await Promise.all([stopServer("rs1"), stopServer("rs2")]);
    },
  },
  {
    name: "resume: the predecessor's other services are deleted, and what was down stays out",
    run: async () => {
      for (const line of [...without(nat, rs2), ...direct]) ipvsadm(line);
      const child = fork(fileURLToPath(import.meta.resolve("@keepalived-ts/checker/main")));
      child.send({
        ...{ type: "configure", generation: 1, config: natConfig, resume: snapshots },
        resumeVirtualServers: virtualServerSnapshots,
        trackers: [],
        isSyncMaster: false,
      });
      await expectTable([...foreign, ...without(nat, rs2)]);
      child.send({ type: "stop" });
      const [status] = await once(child, "exit");
      assert.equal(status, 0);
      await expectTable(foreign, 100);
    },
  },
  {
    name: "start without IPVS in the kernel ends with 1 and says what to do",
    run: async () => {
      ipvsadm("-C");
      shell("rmmod $(lsmod | grep -o '^ip_vs_[a-z]*') ip_vs");
      const alone = Daemon.start(wholeConfig);
      assert.equal(await alone.ended(), 1);
      assert.match(alone.output, /the kernel has no module ip_vs; load it with `modprobe ip_vs`/);
    },
  },
];

await testInUml(import.meta.url, steps, {
  timeoutS: 300,
  modules: ["bridge", "sch_ingress", "cls_u32", "act_skbedit", "ipv6"],
});
