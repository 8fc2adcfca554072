// What keepalived has not: servers that lose their connections one by one, or get them so. The
// whole daemon in User Mode Linux with real connections through the virtual server,
// ipvsadm and kactl as witnesses.

import assert from "node:assert/strict";
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type Step, testInUml } from "../lab/steps.js";
import { waitFor } from "../lab/wait.js";
import {
  buildNetwork,
  Daemon,
  expectTable,
  get,
  quickTable,
  savedTable,
  serverAddresses,
  shell,
  startServer,
  stopServer,
} from "./checker-lab.js";

const { rs1, rs2 } = serverAddresses;
const kactlFile = fileURLToPath(new URL("../../../packages/parent/bin/kactl", import.meta.url));

/** One virtual server with the real servers whose addresses are given. */
function configText(addresses: readonly string[], lines: string): string {
  const servers = addresses.map(
    (address) => `real_server ${address} 8080 {
      ${lines}
      TCP_CHECK {
      }
    }`,
  );
  return `virtual_server 192.0.2.1 80 {
    delay_loop 0.5
    warmup 0.1
    retry 1
    delay_before_retry 0.1
    connect_timeout 1
    protocol TCP
    lb_algo rr
    lb_kind NAT
    ${servers.join("\n")}
  }`;
}

/** The table with these weights; undefined = the server is not there. */
function table(weight1: number | undefined, weight2: number | undefined): string[] {
  const lines = ["-A -t 192.0.2.1:80 -s rr"];
  for (const [address, weight] of [
    [rs1, weight1],
    [rs2, weight2],
  ] as const) {
    if (weight !== undefined) lines.push(`-a -t 192.0.2.1:80 -r ${address}:8080 -m -w ${weight}`);
  }
  return lines;
}

/** A connection through the virtual server that stays open until it is ended. */
async function connect(): Promise<ChildProcess> {
  const hold = "exec 3<>/dev/tcp/192.0.2.1/80; echo open; exec cat <&3";
  const argv = ["netns", "exec", "nat", "bash", "-c", hold];
  const child = spawn("ip", argv, { stdio: ["ignore", "pipe", "inherit"] });
  await once(child.stdout, "data");
  return child;
}

async function disconnect(clients: readonly ChildProcess[]): Promise<void> {
  for (const client of clients) {
    client.kill("SIGKILL");
    await once(client, "exit");
  }
}

function kactl(...words: string[]): string {
  const argv = ["--socket", "/tmp/daemon.sock", ...words];
  return execFileSync(kactlFile, argv, { encoding: "utf8" });
}

const namesFile = "/tmp/names";

function setAddresses(addresses: readonly string[]): void {
  const lines = addresses.map((address) => `${address} web.example.org\n`);
  writeFileSync(namesFile, lines.join(""));
}

/** A DNS server for this guest alone; it reads its addresses again at SIGHUP. */
function startDns(): ChildProcess {
  shell(`ip link set lo up; echo nameserver 127.0.0.1 > /tmp/resolv.conf
    mount --bind /tmp/resolv.conf "$(readlink -f /etc/resolv.conf)"`);
  const argv = ["-k", "-R", "-h", "-C", "/dev/null", "-u", "root", "-x", "/tmp/dns.pid"];
  return spawn("dnsmasq", [...argv, "-H", namesFile, "--local-ttl=1"], { stdio: "inherit" });
}

let daemon: Daemon | undefined;

function running(): Daemon {
  assert.ok(daemon !== undefined, "the daemon was not started");
  return daemon;
}

async function killChecker(): Promise<void> {
  const before = running().checkerPid();
  assert.ok(before !== null);
  process.kill(before, "SIGKILL");
  await waitFor("a new checker", () => ![null, before].includes(running().checkerPid()));
}

const steps: readonly Step[] = [
  {
    name: "drain_timeout: a removed server keeps its connection, over the death of the checker too",
    run: async () => {
      buildNetwork();
      await Promise.all([startServer("rs1"), startServer("rs2")]);
      daemon = Daemon.start(configText([rs1, rs2], "drain_timeout 600"));
      await expectTable(table(1, 1));
      await daemon.said("Startup complete");
      // One for each, since the scheduler takes turns.
      const clients = [await connect(), await connect()];
      daemon.reload(configText([rs1], "drain_timeout 600"));
      await expectTable(table(1, 0));
      assert.deepEqual(await get("nat", "192.0.2.1", 3), ["rs1", "rs1", "rs1"]);
      await killChecker();
      await expectTable(table(1, 0));
      assert.match(kactl("status"), /10\.1\.0\.12\]:tcp:8080 up, goes within/);
      await disconnect(clients);
      await expectTable(table(1, undefined));
      await daemon.said(`[${rs2}]:tcp:8080 from VS [192.0.2.1]:tcp:80: no connection is left`);
    },
  },
  {
    name: "drain_timeout: a server that comes back while it is drained serves again",
    run: async () => {
      running().reload(configText([rs1, rs2], "drain_timeout 2"));
      await expectTable(table(1, 1));
      const clients = [await connect(), await connect()];
      running().reload(configText([rs1], "drain_timeout 2"));
      await expectTable(table(1, 0));
      running().reload(configText([rs1, rs2], "drain_timeout 2"));
      await expectTable(table(1, 1));
      await disconnect(clients);
    },
  },
  {
    name: "drain_timeout: when the time is over the server goes with its connection",
    run: async () => {
      const clients = [await connect(), await connect()];
      running().reload(configText([rs1], "drain_timeout 2"));
      await expectTable(table(1, undefined));
      await running().said("its time is over, active connections: 1");
      await disconnect(clients);
      running().reload(configText([rs1, rs2], ""));
      await expectTable(table(1, 1));
    },
  },
  {
    name: "kactl drain: weight 0, probed on, kept over the checker's death, until undrain",
    run: async () => {
      assert.match(kactl("drain", rs2, "8080"), /gets no new connections/);
      await expectTable(table(1, 0));
      assert.match(kactl("status"), /10\.1\.0\.12\]:tcp:8080 up, drained/);
      await killChecker();
      await stopServer("rs2");
      await expectTable(table(1, undefined));
      await startServer("rs2");
      await expectTable(table(1, 0));
      assert.match(kactl("undrain", rs2, "8080", "of", "[192.0.2.1]:tcp:80"), /again/);
      await expectTable(table(1, 1));
    },
  },
  {
    name: "kactl upgrade: the table is the same at every look, connections and drains go on",
    run: async () => {
      kactl("drain", rs2, "8080");
      await expectTable(table(1, 0));
      const clients = [await connect()];
      const before = quickTable();
      const seen = new Set<string>();
      const timer = setInterval(() => seen.add(quickTable()), 10);
      const argv = ["--socket", "/tmp/daemon.sock", "upgrade"];
      const upgrade = spawn(kactlFile, argv, { stdio: "inherit" });
      const [status] = await once(upgrade, "exit");
      clearInterval(timer);
      assert.equal(status, 0, running().output.slice(-2000));
      assert.deepEqual([...seen], [before]);
      assert.match(kactl("status"), /10\.1\.0\.12\]:tcp:8080 up, drained/);
      await disconnect(clients);
      kactl("undrain", rs2, "8080");
      await expectTable(table(1, 1));
    },
  },
  {
    name: "slow_start: the weight of a server that returns climbs, over the checker's death too",
    run: async () => {
      running().reload(configText([rs1, rs2], "weight 100\n slow_start 6"));
      await expectTable(table(100, 100));
      await stopServer("rs2");
      await expectTable(table(100, undefined));
      await startServer("rs2");
      const weights: number[] = [];
      const look = (): boolean => {
        const line = savedTable().find((one) => one.includes(`-r ${rs2}:8080`));
        const weight = Number(line?.split(" ").at(-1) ?? Number.NaN);
        if (!Number.isNaN(weight) && weight !== weights.at(-1)) weights.push(weight);
        return weight >= 50;
      };
      await waitFor("half of the weight", look, 30_000);
      await killChecker();
      await waitFor("all of the weight", () => look() && weights.at(-1) === 100, 30_000);
      assert.ok(weights.length > 5 && (weights[0] ?? 100) < 20, weights.join(" "));
      assert.deepEqual(
        weights,
        weights.toSorted((a, b) => a - b),
      );
    },
  },
  {
    name: "real_server_name: the table follows DNS, and stays when there is none",
    run: async () => {
      setAddresses([rs1]);
      const dns = startDns();
      const byName = configText(["web.example.org"], "");
      running().reload(byName.replace("real_server ", "real_server_name "));
      await expectTable(table(1, undefined));
      setAddresses([rs1, rs2]);
      dns.kill("SIGHUP");
      await expectTable(table(1, 1));
      assert.match(kactl("status"), /10\.1\.0\.12\]:tcp:8080 \(web\.example\.org\) /);
      const answers = await get("nat", "192.0.2.1", 4);
      assert.deepEqual(answers.toSorted(), ["rs1", "rs1", "rs2", "rs2"]);
      setAddresses([rs2]);
      dns.kill("SIGHUP");
      await expectTable(table(undefined, 1));
      const { length } = running().output;
      dns.kill("SIGKILL");
      await once(dns, "exit");
      const failure =
        "Cannot find an IPv4 address of web.example.org: ECONNREFUSED; its servers stay";
      await running().said(failure, length);
      const before = running().output.length;
      await killChecker();
      await running().said("Cannot find an IPv4 address of web.example.org", before);
      await expectTable(table(undefined, 1), 100);
      assert.equal(await running().end("SIGTERM"), 0);
      await Promise.all([stopServer("rs1"), stopServer("rs2")]);
    },
  },
];

await testInUml(import.meta.url, steps, {
  timeoutS: 150,
  modules: ["bridge", "sch_ingress", "cls_u32", "act_skbedit"],
});
