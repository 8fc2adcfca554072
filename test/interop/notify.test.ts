// What the outside is told: the same configuration run by Debian's keepalived and by ours over a
// start, a takeover, a fault, a reload and a stop. The words that scripts get and the lines of the
// FIFO must be the same, step by step.

import assert from "node:assert/strict";
import { chmodSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { vrrpConfigText } from "../lab/config-text.js";
import {
  type Daemon,
  type DaemonRunner,
  runDebianKeepalived,
  runKeepalivedTs,
} from "../lab/daemon.js";
import { createLab } from "../lab/lab.js";
import { sleep, waitFor } from "../lab/wait.js";

const LIMIT_MS = 15_000;
/** Nothing more has come for so long: the step is over. */
const QUIET_MS = 400;

/** A folder with a script that writes down its words, and what it has written. */
class Notebook {
  readonly script: string;
  readonly reader: string;
  readonly fifo: string;
  readonly part: string;
  readonly #words: string;
  readonly #lines: string;
  #wordsSeen = 0;
  #linesSeen = 0;

  constructor(folder: string, name: string) {
    const path = (file: string): string => join(folder, `${name}-${file}`);
    this.script = path("note.sh");
    this.reader = path("read.sh");
    this.fifo = path("fifo");
    this.part = path("part.conf");
    this.#words = path("words");
    this.#lines = path("lines");
    writeFileSync(this.script, `#!/bin/sh\necho "$*" >> ${this.#words}\n`);
    writeFileSync(this.reader, `#!/bin/sh\nexec cat "$2" >> ${this.#lines}\n`);
    for (const file of [this.script, this.reader]) chmodSync(file, 0o755);
  }

  get words(): readonly string[] {
    return linesOf(this.#words);
  }

  get lines(): readonly string[] {
    return linesOf(this.#lines);
  }

  /**
   * What has come since the last call, once nothing more comes. keepalived's scripts run side by
   * side, and instances that change together do so in any order: only the lines of each are in
   * order.
   */
  async step(): Promise<Step> {
    for (let seen = -1; seen !== this.#count(); ) {
      seen = this.#count();
      await sleep(QUIET_MS);
    }
    const step = {
      words: this.words.slice(this.#wordsSeen).toSorted(),
      lines: bySubject(this.lines.slice(this.#linesSeen)),
    };
    this.#wordsSeen = this.words.length;
    this.#linesSeen = this.lines.length;
    return step;
  }

  /** Waits until the FIFO's last lines about `name` is `line`. */
  async until(line: string): Promise<void> {
    await waitFor(
      `"${line}" after ${JSON.stringify(this.lines.slice(this.#linesSeen))}`,
      () => this.lines.slice(this.#linesSeen).includes(line),
      LIMIT_MS,
    );
  }

  #count(): number {
    return this.words.length + this.lines.length;
  }
}

interface Step {
  readonly words: readonly string[];
  readonly lines: readonly string[];
}

/** Sorted by kind and name, in the order in which they came otherwise. */
function bySubject(lines: readonly string[]): string[] {
  const subject = (line: string): string => line.slice(0, line.lastIndexOf('"'));
  return lines.toSorted((a, b) => subject(a).localeCompare(subject(b)));
}

function linesOf(path: string): string[] {
  if (!existsSync(path)) return [];
  return readFileSync(path, "utf8").split("\n").slice(0, -1);
}

const STATES = ["master", "backup", "fault", "stop"] as const;

function scriptLines({ script }: Notebook, owner: string): string[] {
  return [
    ...STATES.map((state) => `notify_${state} "${script} ${owner} ${state}"`),
    `notify "${script} ${owner} all"`,
  ];
}

function globals(notebook: Notebook): string[] {
  return [
    "script_user root",
    `notify_fifo ${notebook.fifo}`,
    `notify_fifo_script "${notebook.reader} reads"`,
  ];
}

/** Two instances in a group, and two more that a reload takes away unless `isReloaded`. */
function story(notebook: Notebook, isReloaded: boolean): string {
  const common = { version: 3, advertInterval: 0.2 } as const;
  const instance = (name: string, id: number, lines: readonly string[] = []) => ({
    ...common,
    name,
    virtualRouterId: id,
    addresses: [`192.0.2.${100 + id}/24`],
    lines: [
      ...scriptLines(notebook, name),
      `notify_master_rx_lower_pri "${notebook.script} ${name} lower"`,
      ...lines,
    ],
  });
  const group = ["vrrp_sync_group G {", "group {", "VI_1", "VI_2", "}"];
  const extra = isReloaded
    ? []
    : [
        instance("VI_3", 3),
        instance("VI_4", 4, [`notify_deleted "${notebook.script} VI_4 deleted"`]),
      ];
  return [
    vrrpConfigText([], globals(notebook)),
    vrrpConfigText([instance("VI_1", 1), instance("VI_2", 2), ...extra]),
    ...group,
    ...scriptLines(notebook, "G"),
    "}",
    "",
  ].join("\n");
}

async function settled(daemon: Daemon): Promise<void> {
  await daemon.waitForLog(/Startup complete/, LIMIT_MS);
}

/** The steps of the story, each with what was told. */
async function tellStory(t: TestContext, runner: DaemonRunner): Promise<Record<string, Step>> {
  const lab = await createLab("notify");
  t.after(() => lab.close());
  const host = await lab.addHost("router", { address: "192.0.2.1/24" });
  const peerHost = await lab.addHost("peer", { address: "192.0.2.2/24" });
  const notebook = new Notebook(lab.scratch, "router");
  const steps: Record<string, Step> = {};
  writeFileSync(notebook.part, story(notebook, false));
  const daemon = runner(host, `include ${notebook.part}\n`);
  await settled(daemon);
  for (const name of ["VI_1", "VI_3"]) await notebook.until(`INSTANCE "${name}" MASTER 100`);
  await notebook.until('GROUP "G" MASTER 0');
  steps["start"] = await notebook.step();
  const peer = runDebianKeepalived(peerHost, peerText());
  await notebook.until('INSTANCE "VI_1" BACKUP 100');
  steps["taken over"] = await notebook.step();
  await peer.stop();
  await notebook.until('INSTANCE "VI_1" MASTER 100');
  steps["back"] = await notebook.step();
  await host.setPlugged("eth0", false);
  await notebook.until('INSTANCE "VI_3" FAULT 100');
  steps["fault"] = await notebook.step();
  await host.setPlugged("eth0", true);
  await notebook.until('GROUP "G" MASTER 0');
  await notebook.until('INSTANCE "VI_3" MASTER 100');
  steps["repaired"] = await notebook.step();
  writeFileSync(notebook.part, story(notebook, true));
  daemon.signal("SIGHUP");
  await notebook.until('INSTANCE "VI_4" DELETED 100');
  steps["reloaded"] = await notebook.step();
  await daemon.stop();
  steps["stopped"] = await notebook.step();
  return steps;
}

/** For VI_1 only: the group follows. */
function peerText(): string {
  const addresses = ["192.0.2.101/24"];
  const common = { version: 3, advertInterval: 0.2, virtualRouterId: 1 } as const;
  return vrrpConfigText([{ ...common, priority: 200, addresses }]);
}

test("scripts and FIFO are told the same as by Debian's keepalived", async (t) => {
  const [theirs, ours] = await Promise.all([
    tellStory(t, runDebianKeepalived),
    tellStory(t, runKeepalivedTs),
  ]);
  // keepalived ends its reader before that has read the last lines.
  assert.deepEqual(ours["stopped"]?.lines, [
    'GROUP "G" STOP 0',
    'INSTANCE "VI_1" STOP 100',
    'INSTANCE "VI_2" STOP 100',
  ]);
  for (const [name, { words, lines }] of Object.entries(theirs)) {
    assert.deepEqual(ours[name]?.words, words, name);
    if (name !== "stopped") assert.deepEqual(ours[name]?.lines, lines, name);
  }
});

/** Changes of priority, and a router of lower priority that does not hear us. */
async function tellPriorities(t: TestContext, runner: DaemonRunner): Promise<Step> {
  const lab = await createLab("priorities");
  t.after(() => lab.close());
  const host = await lab.addHost("router", { address: "192.0.2.1/24" });
  const peerHost = await lab.addHost("peer", { address: "192.0.2.2/24" });
  const notebook = new Notebook(lab.scratch, "router");
  const number = join(lab.scratch, "number");
  writeFileSync(number, "0\n");
  const common = { version: 3, advertInterval: 0.2, virtualRouterId: 1 } as const;
  const instance = {
    ...common,
    addresses: ["192.0.2.101/24"],
    lines: [
      ...scriptLines(notebook, "VI_1"),
      `notify_master_rx_lower_pri "${notebook.script} lower"`,
      "notify_priority_changes on",
      "track_file {",
      "number weight 1",
      "}",
    ],
  };
  const file = `track_file number {\nfile ${number}\n}\n`;
  const globalText = vrrpConfigText([], globals(notebook));
  const daemon = runner(host, `${globalText}${file}${vrrpConfigText([instance])}`);
  await settled(daemon);
  await notebook.until('INSTANCE "VI_1" MASTER 100');
  writeFileSync(number, "-20\n");
  await notebook.until('INSTANCE "VI_1" MASTER_PRIORITY 80');
  const rules = "table ip deaf { chain in { type filter hook input priority 0; drop; }; }";
  await peerHost.must(["nft", rules]);
  const addresses = ["192.0.2.101/24"];
  const peer = runDebianKeepalived(
    peerHost,
    vrrpConfigText([{ ...common, priority: 50, addresses }]),
  );
  await notebook.until('INSTANCE "VI_1" MASTER_RX_LOWER_PRI 80');
  await peer.stop();
  const { words, lines } = await notebook.step();
  // How many adverts come is up to the peer.
  return { words: [...new Set(words)], lines: [...new Set(lines)] };
}

test("priorities are told the same as by Debian's keepalived", async (t) => {
  const [theirs, ours] = await Promise.all([
    tellPriorities(t, runDebianKeepalived),
    tellPriorities(t, runKeepalivedTs),
  ]);
  assert.deepEqual(ours, theirs);
});

/** The order in which a slow BACKUP script and the MASTER script after it begin and end. */
async function slowScript(
  t: TestContext,
  runner: DaemonRunner,
  lines: readonly string[],
): Promise<readonly string[]> {
  const lab = await createLab("slow");
  t.after(() => lab.close());
  const host = await lab.addHost("router", { address: "192.0.2.1/24" });
  const out = join(lab.scratch, "out");
  const slow = join(lab.scratch, "slow.sh");
  const quick = join(lab.scratch, "quick.sh");
  writeFileSync(slow, `#!/bin/sh\necho begins >> ${out}\nsleep 3\necho ends >> ${out}\n`);
  writeFileSync(quick, `#!/bin/sh\necho master >> ${out}\n`);
  for (const file of [slow, quick]) chmodSync(file, 0o755);
  const instance = {
    version: 3,
    advertInterval: 0.1,
    addresses: ["192.0.2.101/24"],
    lines: [`notify_backup ${slow}`, `notify_master ${quick}`],
  } as const;
  runner(host, vrrpConfigText([instance], ["script_user root", ...lines]));
  await waitFor("three lines", () => linesOf(out).length === 3, LIMIT_MS);
  return linesOf(out);
}

test("a MASTER script waits for the BACKUP script before it, unless told otherwise", async (t) => {
  const [theirs, parallel, ours] = await Promise.all([
    slowScript(t, runDebianKeepalived, []),
    slowScript(t, runKeepalivedTs, ["notify_scripts_parallel"]),
    slowScript(t, runKeepalivedTs, []),
  ]);
  assert.deepEqual(ours, ["begins", "ends", "master"]);
  assert.deepEqual(parallel, ["begins", "master", "ends"]);
  assert.deepEqual(parallel, theirs);
});
