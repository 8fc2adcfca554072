// Debian's keepalived 2.2.7 beside ours in one User Mode Linux: the same file, the same servers
// that fail and return, a reload and a stop. After each of these the kernel's table must be the
// same.

import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { fileURLToPath } from "node:url";
import { type Step, testInUml } from "../lab/steps.js";
import { sleep, waitFor } from "../lab/wait.js";
import { quickTable, savedTable, shell } from "./checker-lab.js";
import { phases, type Row, rows } from "./oracle-rows.js";

const ours = fileURLToPath(new URL("../../../packages/parent/bin/keepalived-ts", import.meta.url));
const configFile = "/tmp/oracle.conf";

const startPhase = "start";
const reloadPhase = "reload";
const stopPhase = "stop";

/** Where the tables differ on purpose: row, phase, why. */
const intended: readonly (readonly [row: string, phase: string, reason: string])[] = [
  ["group of lines", reloadPhase, "keepalived leaves the service of a line that is gone"],
  ["group of lines", stopPhase, "keepalived leaves that, and the service of a new line"],
];

/** Three rounds of checks. */
const settledMs = 3_000;

const globals = "global_defs {\n  router_id oracle\n}\n";

function configText(isReloaded: boolean): string {
  return globals + rows.map((row) => (isReloaded ? (row.reloaded ?? row.text) : row.text)).join("");
}

/** Servers that come into the table with their first success. */
const alphaCount = rows
  .filter(({ name }) => name.startsWith("alpha"))
  .reduce((count, { text }) => count + text.split("real_server ").length - 1, 0);

/** What a reload adds, as ipvsadm shows it. */
const newService = `192.0.2.${rows.findIndex(({ text }) => text === "") + 1}:80`;

/** The servers 127.row.0.host that listen now. */
const listening: Map<string, Server> = new Map();

async function setServers(down: readonly number[]): Promise<void> {
  for (const [i] of rows.entries()) {
    for (const host of [1, 2, 3]) {
      const address = `127.${i + 1}.0.${host}`;
      const server = listening.get(address);
      if (down.includes(host) && server !== undefined) {
        listening.delete(address);
        server.close();
      } else if (!down.includes(host) && server === undefined) {
        const started = createServer((socket) => socket.destroy()).listen(80, address);
        listening.set(address, started);
        await once(started, "listening");
      }
    }
  }
}

class Program {
  readonly #child: ChildProcess;
  #output = "";

  constructor(command: string, text: string) {
    writeFileSync(configFile, text);
    const pids = ["-p", "/tmp/oracle.pid", "-c", "/tmp/oracle-checker.pid"];
    this.#child = spawn(command, ["-nlDC", "-f", configFile, ...pids], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.on("data", (data: Buffer) => {
        this.#output += data.toString();
      });
    }
  }

  get output(): string {
    return this.#output;
  }

  count(text: string): number {
    return this.#output.split(text).length - 1;
  }

  async started(): Promise<void> {
    await waitFor("the start", () => this.#output.includes("Startup complete"), 180_000);
  }

  reload(text: string): void {
    writeFileSync(configFile, text);
    this.#child.kill("SIGHUP");
  }

  async stop(): Promise<void> {
    this.#child.kill("SIGTERM");
    if (this.#child.exitCode === null) await once(this.#child, "exit");
  }
}

/** Tables by the name of the phase. */
type Life = Map<string, string[]>;

/** The table once it has changed, and then not for longer than two rounds of checks. */
async function settledTable(before: string): Promise<string[]> {
  let last = before;
  let since = Number.POSITIVE_INFINITY;
  await waitFor(
    "a table that does not change any more",
    async () => {
      await sleep(100);
      const now = quickTable();
      if (now !== last) since = performance.now();
      last = now;
      return performance.now() - since > settledMs;
    },
    120_000,
  );
  return savedTable();
}

async function live(command: string): Promise<{ life: Life; output: string }> {
  const life: Life = new Map();
  await setServers([]);
  const program = new Program(command, configText(false));
  await program.started();
  await waitFor(
    "the servers with alpha",
    () => program.count("Adding service") >= alphaCount,
    180_000,
  );
  life.set(startPhase, await settledTable(""));
  for (const { name, down } of phases) {
    const before = quickTable();
    await setServers(down);
    life.set(name, await settledTable(before));
  }
  const before = quickTable();
  program.reload(configText(true));
  await waitFor("the new service", () => savedTable().join("\n").includes(newService), 180_000);
  life.set(reloadPhase, await settledTable(before));
  await program.stop();
  life.set(stopPhase, savedTable());
  // What the one leaves behind must not help the other.
  shell("ipvsadm -C");
  return { life, output: program.output };
}

const settingsText = `global_defs {
  lvs_flush
  lvs_flush_on_stop
  lvs_timeouts tcp 1000 tcpfin 77 udp 88
  lvs_sync_daemon d0 id 7
}
virtual_server 192.0.2.1 80 {
  protocol TCP
  lb_algo rr
  lb_kind NAT
  real_server 127.1.0.1 80 {
  }
}
`;

interface SettingsLife {
  readonly started: string[];
  readonly timeouts: string;
  readonly daemons: string;
  readonly stopped: string[];
}

/** Somebody else's service stands in the table before the start, and another before the stop. */
async function liveWithSettings(command: string): Promise<SettingsLife> {
  shell("ipvsadm -C; ipvsadm --set 900 120 300; ipvsadm -A -t 198.18.0.1:80 -s lc");
  const program = new Program(command, settingsText);
  const isOwn = (line: string): boolean => line.startsWith("-a -t 192.0.2.1:80");
  await waitFor("the own service", () => savedTable().some(isOwn), 180_000);
  const started = savedTable();
  const [timeouts, daemons] = [shell("ipvsadm -Ln --timeout"), shell("ipvsadm -Ln --daemon")];
  shell("ipvsadm -A -t 198.18.0.2:80 -s lc");
  await program.stop();
  return { started, timeouts, daemons, stopped: savedTable() };
}

async function compareSettings(): Promise<void> {
  const debian = await liveWithSettings("keepalived");
  const own = await liveWithSettings(ours);
  // keepalived's VRRP process starts the daemons, and does not run here.
  assert.deepEqual({ ...own, daemons: "" }, { ...debian, daemons: "" });
  assert.equal(own.started.length, 2);
  assert.deepEqual(own.stopped, []);
  assert.match(own.timeouts, /1000 77 88/);
  assert.match(own.daemons, /master sync daemon \(mcast=d0, syncid=7/);
  assert.match(own.daemons, /backup sync daemon \(mcast=d0, syncid=7/);
  assert.doesNotMatch(shell("ipvsadm -Ln --daemon"), /sync daemon/);
}

/** The lines that belong to a row, by the addresses and marks that are its own. */
function linesOf(row: Row, lines: readonly string[]): string[] {
  const number = rows.indexOf(row) + 1;
  const own = new RegExp(
    `192\\.0\\.2\\.${number}:|198\\.51\\.${number}\\.|127\\.${number}\\.0\\.|` +
      `\\[2001:db8::${number}\\]|2001:db8:${number}::|-f (${number}|${number + 1000}) `,
  );
  return lines.filter((line) => own.test(line)).sort();
}

let theirs: Life = new Map();
let mine: Life = new Map();
let theirLog = "";
let myLog = "";

const deeds = "Adding|Removing|Enabling|Disabling|Shutting down|Gained|Lost|Starting with";
const told = new RegExp(`((?:${deeds}) .* VS (\\S+(?: \\d+)?))$`);

/**
 * What a log says of servers and quorum, by virtual server and sorted: which of a row's servers is
 * found dead first is a matter of chance, and with it how much weight is left when quorum is lost.
 */
function toldLines(output: string): Map<string, string[]> {
  const byService = new Map<string, string[]>();
  for (const line of output.split("\n")) {
    const [, text, service] = told.exec(line) ?? [];
    if (text === undefined || service === undefined) continue;
    const lines = byService.get(service) ?? [];
    byService.set(service, lines);
    lines.push(text.replace(/([<>]=?) \d+ for/, "$1 n for"));
    lines.sort();
  }
  return byService;
}

function compareLogs(): void {
  const [wanted, seen] = [toldLines(theirLog), toldLines(myLog)];
  assert.ok(wanted.size >= rows.length, `${wanted.size} virtual servers in Debian's log`);
  const differences = [...new Set([...wanted.keys(), ...seen.keys()])].flatMap((service) => {
    const [theirLines, myLines] = [wanted.get(service) ?? [], seen.get(service) ?? []];
    if (theirLines.join("\n") === myLines.join("\n")) return [];
    return [`${service}\nDebian's:\n${theirLines.join("\n")}\nours:\n${myLines.join("\n")}`];
  });
  assert.deepEqual(differences, [], differences.join("\n\n"));
}

function compare(phase: string): void {
  const differences: string[] = [];
  for (const row of rows) {
    const wanted = linesOf(row, theirs.get(phase) ?? []);
    const seen = linesOf(row, mine.get(phase) ?? []);
    const isIntended = intended.some(([name, when]) => name === row.name && when === phase);
    const isSame = wanted.join("\n") === seen.join("\n");
    if (isSame === isIntended) {
      const what = isIntended ? "an intended difference is gone" : "differs";
      differences.push(
        `${row.name}: ${what}\nDebian's:\n${wanted.join("\n")}\nours:\n${seen.join("\n")}`,
      );
    }
  }
  assert.deepEqual(differences, [], differences.join("\n\n"));
}

const steps: readonly Step[] = [
  {
    name: "both programs live through all phases",
    run: async () => {
      shell("ip link add d0 type dummy && ip link set d0 up && ip addr add fd00::1/16 dev d0");
      const debian = await live("keepalived");
      theirs = debian.life;
      const own = await live(ours);
      for (const server of listening.values()) server.close();
      mine = own.life;
      theirLog = debian.output;
      myLog = own.output;
      const count = theirs.get(startPhase)?.length ?? 0;
      assert.ok(count > 3 * rows.length, `${count} lines, Debian said\n${debian.output}`);
    },
  },
  ...[startPhase, ...phases.map(({ name }) => name), reloadPhase, stopPhase].map((phase) => ({
    name: `the tables are the same: ${phase}`,
    run: () => compare(phase),
  })),
  { name: "the logs say the same of servers and quorums", run: compareLogs },
  { name: "lvs_flush, lvs_flush_on_stop, lvs_timeouts and sync daemons", run: compareSettings },
];

await testInUml(import.meta.url, steps, {
  timeoutS: 560,
  modules: [..."ipv6 ip_vs_lblc ip_vs_lblcr ip_vs_ftp nf_conntrack ip_vs_pe_sip".split(" ")],
});
