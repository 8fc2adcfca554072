// Three routers with our daemon and a hand that harms them at random: deaths, stops, reloads of
// good and bad files, links that flap, full disks, steps of the wall clock. Decides what harm there
// is and what must hold once it has stopped; chaos.test.ts says for how long.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  type Daemon,
  KEEPALIVED_TS,
  PROJECT_ROOT,
  type ProcessFacts,
  startDaemon,
} from "../lab/daemon.js";
import type { Host } from "../lab/host.js";
import { createLab, type Lab } from "../lab/lab.js";
import { sleep, waitFor } from "../lab/wait.js";

const VIP = "192.0.2.100";
const PRIORITIES = [150, 120, 100];
const SETTLE_LIMIT_MS = 45_000;
/** Longer than a hand-over and the skew: what is left then stays. */
const QUIET_MS = 1_500;
/** Sockets of a takeover, a script or a mail that is under way. */
const DESCRIPTORS_MORE = 12;
/** The wall clock of a daemon that gets it is off by what a file says. */
function buildClock(lab: Lab): string {
  const library = join(lab.scratch, "wall-clock.so");
  const source = join(PROJECT_ROOT, "test/lab/native/wall-clock.c");
  const { status, stderr } = spawnSync("cc", ["-shared", "-fPIC", "-O1", "-o", library, source]);
  assert.equal(status, 0, String(stderr));
  return library;
}

/** Numbers from a seed, so that a run can be had again: mulberry32. */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

class Router {
  readonly host: Host;
  readonly #priority: number;
  readonly #config: string;
  readonly #clock: string;
  readonly #library: string;
  #daemon: Daemon | undefined;
  /** By the name of the process: what it had when it was quiet for the first time. */
  readonly #descriptors: Map<string, number> = new Map();
  #logs = "";
  #variant = 0;

  constructor(host: Host, priority: number, library: string) {
    this.#library = library;
    this.host = host;
    this.#priority = priority;
    this.#config = join(host.scratch, `${host.name}-chaos.conf`);
    this.#clock = join(host.scratch, `${host.name}-clock`);
  }

  get daemon(): Daemon {
    assert.ok(this.#daemon, "it was started");
    return this.#daemon;
  }

  get log(): string {
    return this.#logs + this.daemon.log();
  }

  /** Also after a death: what systemd would do. */
  start(): void {
    if (this.#daemon !== undefined) this.#logs += this.#daemon.log();
    this.stepClock(0);
    this.writeConfig(true);
    // The log file is on the disk that gets full.
    const flags = ["-n", "-l", "-G", "-D", "--log-file=/tmp/chaos.log"];
    const argv = [KEEPALIVED_TS, ...flags, "-f", this.#config];
    this.#daemon = startDaemon(this.host, argv, {
      LD_PRELOAD: this.#library,
      WALL_CLOCK_OFFSET: this.#clock,
    });
  }

  /** Seconds from the right time. */
  stepClock(seconds: number): void {
    const bytes = Buffer.alloc(8);
    bytes.writeBigInt64LE(BigInt(seconds));
    // In place: the file is mapped.
    writeFileSync(this.#clock, bytes, { flag: existsSync(this.#clock) ? "r+" : "w" });
  }

  writeConfig(isGood: boolean): void {
    this.#variant += 1;
    const text = isGood ? this.#text() : `${this.#text()}\nvrrp_instance VI_2 {\n  interface\n`;
    writeFileSync(this.#config, text, { mode: 0o600 });
  }

  #text(): string {
    const note = join(this.host.scratch, `${this.host.name}-notes`);
    return `global_defs {
  lvs_backend none
  script_user root
  notification_email { root@localhost }
  smtp_server 127.0.0.1 25
  smtp_connect_timeout 3
  smtp_alert
  notify_fifo /tmp/unread.fifo
  vrrp_garp_master_repeat ${1 + (this.#variant % 3)}
}
vrrp_script steady {
  script "/bin/sleep 0.05"
  interval 1
}
vrrp_instance VI_1 {
  interface eth0
  virtual_router_id 51
  priority ${this.#priority}
  advert_int 0.3
  version 3
  virtual_ipaddress { ${VIP}/24 }
  track_script { steady }
  notify "/usr/bin/tee -a ${note}"
}
virtual_server ${VIP} 80 {
  delay_loop 1
  lb_algo rr
  lb_kind NAT
  protocol TCP
  real_server 127.0.0.1 2${this.#variant % 3} {
    TCP_CHECK { connect_timeout 1 }
  }
}
`;
  }

  child(file: "vrrp" | "checkers"): number | null {
    return this.daemon.pidIn(`/run/${file}.pid`);
  }

  ours(): readonly ProcessFacts[] {
    return this.daemon.processes().filter(({ name }) => name.startsWith("keepalived"));
  }

  /** Throws what is wrong with a router that nobody harms. */
  async examine(): Promise<void> {
    const { daemon } = this;
    assert.equal(daemon.exit, null, `${this.host.name} runs`);
    // A script has the name of its parent until it is one.
    const what = `${this.host.name} to have its three processes`;
    await waitFor(what, () => (this.ours().length === 3 ? true : null));
    const all = daemon.processes();
    const dead = all.filter(({ state }) => state === "Z");
    assert.ok(dead.length <= 1, `${this.host.name} has zombies: ${JSON.stringify(dead)}`);
    for (const { pid, name } of this.ours()) {
      const role = pid === daemon.pid ? "parent" : name;
      const count = readdirSync(`/proc/${pid}/fd`).length;
      const first = this.#descriptors.get(role) ?? count;
      this.#descriptors.set(role, first);
      assert.ok(count <= first + DESCRIPTORS_MORE, `${this.host.name} ${role}: ${first}, ${count}`);
    }
    assert.doesNotMatch(this.log, /program error|AssertionError|TypeError|RangeError/);
  }
}

export class Chaos {
  readonly lab: Lab;
  readonly #routers: readonly Router[];
  readonly #random: () => number;
  readonly history: string[] = [];

  private constructor(lab: Lab, routers: readonly Router[], random: () => number) {
    this.lab = lab;
    this.#routers = routers;
    this.#random = random;
  }

  static async start(seed: number): Promise<Chaos> {
    const lab = await createLab("chaos");
    const library = buildClock(lab);
    const routers: Router[] = [];
    for (const [i, priority] of PRIORITIES.entries()) {
      const host = await lab.addHost(`r${i + 1}`, { address: `192.0.2.${i + 1}/24` });
      await host.ip("link", "set", "lo", "up");
      // A mail server that takes connections and never says a word.
      const silent = 'require("node:net").createServer(() => {}).listen(25, "127.0.0.1")';
      host.spawn([process.execPath, "-e", silent], { stdio: "ignore" });
      const router = new Router(host, priority, library);
      router.start();
      routers.push(router);
    }
    return new Chaos(lab, routers, randomFrom(seed));
  }

  /** A few harms, then quiet, in which everything must come to order. */
  async round(): Promise<void> {
    const count = 1 + Math.floor(this.#random() * 5);
    for (let i = 0; i < count; i++) {
      const router = this.#pick(this.#routers);
      const [name, harm] = this.#pick(Object.entries(harms));
      this.history.push(`${name} ${router.host.name}`);
      await harm(router);
      await sleep(this.#random() * 1_000);
    }
    await this.#mend();
    await this.#settle();
  }

  /** All stop in good order. */
  async stop(): Promise<void> {
    for (const router of this.#routers) {
      const { status } = await router.daemon.stop();
      assert.equal(status, 0, router.log);
      assert.equal(await router.host.holds(VIP), false);
    }
  }

  logs(): string {
    return this.#routers.map(({ log, host }) => `== ${host.name}\n${log.slice(-6_000)}`).join("\n");
  }

  async #mend(): Promise<void> {
    for (const router of this.#routers) {
      for (const { pid } of router.daemon.processes()) signal(pid, "SIGCONT");
      await router.host.setPlugged("eth0", true);
      await router.host.setLink("eth0", "up");
      await setTmpSize(router, "50%");
      router.stepClock(0);
      if (router.daemon.exit === null) continue;
      router.start();
    }
    this.history.push("mended");
  }

  async #settle(): Promise<void> {
    const first = this.#routers[0];
    let since = 0;
    await waitFor(
      "one master, the best",
      async () => {
        const holds = await Promise.all(this.#routers.map(({ host }) => host.holds(VIP)));
        const isOrder = holds[0] === true && !holds.slice(1).includes(true);
        if (!isOrder) since = 0;
        else if (since === 0) since = performance.now();
        await sleep(50);
        return since > 0 && performance.now() - since > QUIET_MS ? true : null;
      },
      SETTLE_LIMIT_MS,
    );
    assert.ok(first);
    for (const router of this.#routers) await router.examine();
    this.history.push("settled");
  }

  #pick<T>(list: readonly T[]): T {
    const one = list[Math.floor(this.#random() * list.length)];
    assert.ok(one !== undefined);
    return one;
  }
}

function signal(pid: number | null, name: NodeJS.Signals): void {
  if (pid === null || pid <= 1) return;
  try {
    process.kill(pid, name);
  } catch {
    // It has ended meanwhile.
    return;
  }
}

/** Of the daemon's own /tmp, where its dumps and FIFOs are. */
async function setTmpSize(router: Router, size: string): Promise<void> {
  const { pid, exit } = router.daemon;
  if (exit !== null) return;
  await router.host.exec([
    ...["nsenter", "-t", `${pid}`, "-m", "mount", "-o", `remount,size=${size}`, "/tmp"],
  ]);
}

const harms: Readonly<Record<string, (router: Router) => Promise<void>>> = {
  "SIGKILL vrrp": async (router) => signal(router.child("vrrp"), "SIGKILL"),
  "SIGKILL checker": async (router) => signal(router.child("checkers"), "SIGKILL"),
  "SIGKILL parent": async (router) => router.daemon.signal("SIGKILL"),
  "SIGKILL all": async (router) => {
    if (router.daemon.exit === null) await router.daemon.kill();
  },
  "SIGSTOP vrrp": async (router) => {
    signal(router.child("vrrp"), "SIGSTOP");
  },
  "SIGSTOP checker": async (router) => signal(router.child("checkers"), "SIGSTOP"),
  "SIGSTOP parent": async (router) => {
    router.daemon.signal("SIGSTOP");
    await sleep(700);
    router.daemon.signal("SIGCONT");
  },
  "good reload": async (router) => {
    router.writeConfig(true);
    router.daemon.signal("SIGHUP");
  },
  "bad reload": async (router) => {
    router.writeConfig(false);
    router.daemon.signal("SIGHUP");
  },
  "a storm of reloads": async (router) => {
    for (let i = 0; i < 20; i++) {
      router.writeConfig(i % 3 > 0);
      router.daemon.signal("SIGHUP");
      await sleep(10);
    }
  },
  "cable out": async (router) => await router.host.setPlugged("eth0", false),
  "cable in": async (router) => await router.host.setPlugged("eth0", true),
  "link flaps": async (router) => {
    for (const state of ["down", "up", "down", "up"] as const) {
      await router.host.setLink("eth0", state);
      await sleep(100);
    }
    // What the kernel has taken with the link is the administrator's own.
    const own = `192.0.2.${router.host.name.slice(1)}/24`;
    await router.host.exec(["ip", "address", "replace", own, "dev", "eth0"]);
  },
  "full disk": async (router) => {
    await setTmpSize(router, "8k");
    for (const name of ["SIGUSR1", "SIGUSR2"] as const) router.daemon.signal(name);
  },
  dumps: async (router) => {
    for (const name of ["SIGUSR1", "SIGUSR2", 36, 63] as const) router.daemon.signal(name);
  },
  "clock steps": async (router) => {
    for (const seconds of [86_400, -86_400, 3_600]) {
      router.stepClock(seconds);
      await sleep(150);
    }
  },
};
