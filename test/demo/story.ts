// The demonstration that `scripts/run` shows: two routers with a web server each, a client, the
// death of the master, its return. Everything happens in namespaces of its own; whatever is not as
// it should be ends it with an error.

import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { KeepalivedError } from "@keepalived-ts/shared-config/base/error";
import { AddressWatch } from "../lab/address-watch.js";
import { vrrpConfigText } from "../lab/config-text.js";
import type { Daemon, DaemonRunner } from "../lab/daemon.js";
import { type Host, killGroup } from "../lab/host.js";
import { createLab, type Lab } from "../lab/lab.js";
import { sleep, waitFor, within } from "../lab/wait.js";
import type { ClientReport } from "./client.js";
import { type ServiceEvent, ServiceWatch } from "./service-watch.js";
import type { Terminal } from "./terminal.js";

const SLOW = {
  address: "192.0.2.100",
  virtualRouterId: 51,
  version: 2,
  advertInterval: 1,
} as const;
const FAST = {
  address: "192.0.2.200",
  virtualRouterId: 52,
  version: 3,
  advertInterval: 0.1,
} as const;
const VIRTUAL = [SLOW, FAST] as const;
const PRIORITIES = { "router-1": 150, "router-2": 100 } as const;
const LOOK_MS = 1500;
const PATIENCE_MS = 10_000;

type RouterName = keyof typeof PRIORITIES;
type ChildProgram = ReturnType<Host["spawn"]>;

interface Router {
  readonly name: RouterName;
  readonly host: Host;
  readonly watch: AddressWatch;
  daemon: Daemon | null;
  webServer: ChildProgram | null;
}

/** An address that moved from one router to the other, as the client saw it. */
export interface Move {
  readonly address: string;
  readonly from: string;
  readonly server: string;
  readonly outageMs: number;
}

export interface StoryResult {
  readonly death: readonly Move[];
  readonly preemption: readonly Move[];
}

function program(name: string): readonly string[] {
  return [process.execPath, join(fileURLToPath(new URL(".", import.meta.url)), name)];
}

function configText(name: RouterName): string {
  return vrrpConfigText(
    VIRTUAL.map(({ address, ...timing }) => ({
      ...timing,
      name: `VI_${timing.virtualRouterId}`,
      priority: PRIORITIES[name],
      addresses: [`${address}/24 dev eth0`],
    })),
  );
}

class Story {
  readonly #lab: Lab;
  readonly #terminal: Terminal;
  readonly #runner: DaemonRunner;
  readonly #services = new ServiceWatch();
  #moves: Move[] = [];

  constructor(lab: Lab, terminal: Terminal, runner: DaemonRunner) {
    this.#lab = lab;
    this.#terminal = terminal;
    this.#runner = runner;
  }

  async addRouter(name: RouterName, address: string): Promise<Router> {
    const host = await this.#lab.addHost(name, { address });
    const watch = await AddressWatch.start(host);
    watch.onChange((change) => {
      if (!VIRTUAL.some((virtual) => virtual.address === change.address)) return;
      const said = change.isPresent ? `holds ${change.address}` : `gave up ${change.address}`;
      this.#terminal.event(name, said);
    });
    return { name, host, watch, daemon: null, webServer: null };
  }

  async startClient(): Promise<void> {
    const host = await this.#lab.addHost("client", { address: "192.0.2.10/24" });
    const addresses = VIRTUAL.map(({ address }) => address);
    const client = host.spawn([...program("client.js"), ...addresses]);
    let rest = "";
    client.stdout?.setEncoding("utf8").on("data", (text: string) => {
      const lines = `${rest}${text}`.split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) this.#take(JSON.parse(line) as ClientReport);
    });
  }

  #take(report: ClientReport): void {
    const event = this.#services.take(report);
    if (event !== null) this.#show(event);
  }

  #show(event: ServiceEvent): void {
    switch (event.kind) {
      case "reached":
        this.#terminal.event("client", `${event.address} answers from ${event.server}`, "good");
        return;
      case "returned": {
        const away = `${event.outageMs.toFixed(0)} ms`;
        this.#terminal.event("client", `${event.address} answers again, after ${away}`, "good");
        return;
      }
      case "lost":
        this.#terminal.event("client", `${event.address} does not answer`, "bad");
        return;
      case "moved": {
        const away = `${event.outageMs.toFixed(0)} ms without an answer`;
        const text = `${event.address} answers from ${event.server}, after ${away}`;
        this.#terminal.event("client", text, "good");
        this.#moves.push(event);
      }
    }
  }

  async startWebServer(router: Router): Promise<void> {
    const server = router.host.spawn([...program("web-server.js"), router.name]);
    const listening = new Promise((resolve) => server.stdout?.once("data", resolve));
    await within(`the web server of ${router.name}`, listening, PATIENCE_MS);
    router.webServer = server;
  }

  startDaemon(router: Router): void {
    router.daemon = this.#runner(router.host, configText(router.name));
  }

  /** Waits until the client is served by one router at every virtual address, then lets it run. */
  async served(name: RouterName, daemons: readonly (Daemon | null)[]): Promise<readonly Move[]> {
    await waitFor(
      `${name} to serve every address`,
      () => {
        const dead = daemons.find((daemon) => daemon !== null && daemon.exit !== null);
        if (dead) throw new KeepalivedError("DEMO", `keepalived has ended:\n${dead.log()}`);
        return VIRTUAL.every(({ address }) => this.#services.serverOf(address) === name);
      },
      PATIENCE_MS,
    );
    await sleep(LOOK_MS);
    const moves = this.#moves;
    this.#moves = [];
    return moves;
  }
}

async function expectHolder(routers: readonly Router[], holder: RouterName): Promise<void> {
  for (const router of routers) {
    for (const { address } of VIRTUAL) {
      const wanted = router.name === holder;
      if ((await router.host.holds(address)) === wanted) continue;
      const text = `${address} must ${wanted ? "" : "not "}be on ${router.name}`;
      throw new KeepalivedError("DEMO", text);
    }
  }
}

async function stopAll(routers: readonly Router[]): Promise<void> {
  for (const { name, daemon } of routers) {
    const exit = await daemon?.stop();
    if (exit?.status === 0) continue;
    throw new KeepalivedError(
      "DEMO",
      `keepalived on ${name} ended with ${exit?.status ?? "a signal"}`,
    );
  }
  for (const { host, name } of routers) {
    for (const { address } of VIRTUAL) {
      if (await host.holds(address)) {
        throw new KeepalivedError("DEMO", `keepalived on ${name} has left ${address} behind`);
      }
    }
  }
}

/** Plays the story to its end. Throws when anything goes otherwise than told. */
export async function tellStory(terminal: Terminal, runner: DaemonRunner): Promise<StoryResult> {
  const lab = await createLab("demo");
  try {
    const story = new Story(lab, terminal, runner);
    const first = await story.addRouter("router-1", "192.0.2.1/24");
    const second = await story.addRouter("router-2", "192.0.2.2/24");
    const routers = [first, second];

    terminal.scene("Both routers start: election");
    for (const router of routers) await story.startWebServer(router);
    await story.startClient();
    for (const router of routers) story.startDaemon(router);
    await story.served("router-1", [first.daemon, second.daemon]);
    await expectHolder(routers, "router-1");

    terminal.scene("router-1 dies: SIGKILL to its keepalived and to its web server");
    if (first.webServer !== null) killGroup(first.webServer, "SIGKILL");
    await first.daemon?.kill();
    const death = await story.served("router-2", [second.daemon]);

    terminal.scene("router-1 returns: it has the higher priority and preempts");
    await story.startWebServer(first);
    story.startDaemon(first);
    const preemption = await story.served("router-1", [first.daemon, second.daemon]);
    await expectHolder(routers, "router-1");

    terminal.scene("Both stop in good order");
    await stopAll(routers.toReversed());
    for (const { watch } of routers) watch.stop();
    return { death, preemption };
  } finally {
    await lab.close();
  }
}

/** What the clients saw, beside what RFC 9568 section 6.1 allows: three intervals and the skew,
 * counted from the master's last advert. */
export function summaryLines({ death, preemption }: StoryResult): readonly string[] {
  const ms = (moves: readonly Move[], address: string): string => {
    const move = moves.find((candidate) => candidate.address === address);
    return (move === undefined ? "-" : `${move.outageMs.toFixed(0)} ms`).padStart(12);
  };
  const rows = VIRTUAL.map(({ address, version, advertInterval }) => {
    const skew = ((256 - PRIORITIES["router-2"]) / 256) * (version === 2 ? 1 : advertInterval);
    const bound = `${((3 * advertInterval + skew) * 1000).toFixed(0)} ms`.padStart(12);
    const timing = `VRRP ${version}, advert_int ${advertInterval}`.padEnd(24);
    return `${address.padEnd(14)}${timing}${bound}${ms(death, address)}${ms(preemption, address)}`;
  });
  const head = `${"".padEnd(38)}${"backup waits".padStart(12)}${"death".padStart(12)}`;
  return [`${head}${"preemption".padStart(12)}`, ...rows];
}

export const PICTURE: readonly string[] = [
  "client 192.0.2.10 ──┬── router-1 192.0.2.1, priority 150, web server",
  "                    └── router-2 192.0.2.2, priority 100, web server",
  `virtual addresses: ${VIRTUAL.map((entry) => entry.address).join(" and ")}`,
  "the client asks both for a page every 10 ms, with a new connection each time",
];
