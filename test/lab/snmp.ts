// Net-SNMP on a host of the laboratory: snmpd as the AgentX master agent, snmptrapd, and the
// managers' commands. Its own configuration, its own sockets; the machine's are never touched.

import { existsSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Daemon, startDaemon } from "./daemon.js";
import type { Host } from "./host.js";
import { waitFor } from "./wait.js";

/** Inside the host's namespace. */
const AGENT = "127.0.0.1:161";
const TRAP_SINK = "127.0.0.1:162";
const COMMUNITY = "lab";
/** Half a million objects take half a minute. */
const WALK_LIMIT_MS = 300_000;

/** Objects by identifier, as snmpwalk -On shows them: "INTEGER: 2". */
export type Objects = ReadonlyMap<string, string>;

export class SnmpLab {
  readonly host: Host;
  /** What snmp_socket has to say. */
  readonly socket: string;
  readonly #folder: string;
  readonly #env: Readonly<Record<string, string>>;
  #agent: Daemon | undefined;
  #trapSink: Daemon | undefined;

  /** `socket` as both snmpd and keepalived call it; a Unix socket of the lab's own by default. */
  constructor(host: Host, socket?: string) {
    this.host = host;
    this.#folder = join(host.scratch, `snmp-${host.name}`);
    this.socket = socket ?? `unix:${this.#folder}.agentx`;
    this.#env = { MIBS: "", SNMPCONFPATH: this.#folder, SNMP_PERSISTENT_DIR: this.#folder };
  }

  async start(): Promise<void> {
    await this.startAgent();
    await this.#startTrapSink();
  }

  async startAgent(): Promise<void> {
    const conf = `${this.#folder}.snmpd.conf`;
    writeFileSync(
      conf,
      `master agentx\nagentXSocket ${this.socket}\nrwcommunity ${COMMUNITY}\n` +
        `trap2sink ${TRAP_SINK} ${COMMUNITY}\n`,
    );
    const argv = ["snmpd", "-f", "-Lo", "-C", "-c", conf, "-p", "/run/snmpd.pid", `udp:${AGENT}`];
    const agent = startDaemon(this.host, argv, this.#env);
    this.#agent = agent;
    await agent.waitForLog(/NET-SNMP version/);
  }

  /** Its private root, in which its own /run is. */
  get agentRoot(): string {
    return this.#agent?.path("") ?? "";
  }

  /** Without a farewell. */
  async killAgent(): Promise<void> {
    await this.#agent?.kill();
    const path = this.socket.replace(/^unix:/, "");
    if (existsSync(path)) rmSync(path);
  }

  async walk(oid: string, command = "snmpwalk"): Promise<Objects> {
    const text = await this.#ask([command, "-Cc", ...this.#where(), oid]);
    const objects = new Map<string, string>();
    let last = "";
    for (const line of text.split("\n")) {
      const [, name, value] = /^\.([\d.]+) = ?(.*)$/.exec(line) ?? [];
      if (name !== undefined) {
        last = name;
        objects.set(name, (value ?? "").trim());
      } else if (line !== "") objects.set(last, `${objects.get(last)}\n${line}`);
    }
    return objects;
  }

  /** The text behind the identifier, or what snmpget complains of. */
  async get(oid: string): Promise<string> {
    const { stdout, stderr } = await this.host.exec(this.#argv(["snmpget", ...this.#where(), oid]));
    return `${stdout}${stderr}`.trim().replace(/^\S+ = /, "");
  }

  /** What snmpset says of it, errors too; `type` is i, u, s ... */
  async set(oid: string, type: string, value: string): Promise<string> {
    const argv = this.#argv(["snmpset", ...this.#where(), oid, type, value]);
    const { stdout, stderr } = await this.host.exec(argv);
    return `${stdout}${stderr}`;
  }

  /** All that has come, one text each. */
  traps(): string[] {
    const log = this.#trapSink?.log() ?? "";
    return log.split("\n").filter((line) => line.includes("1.3.6.1.6.3.1.1.4.1.0"));
  }

  async waitForTrap(pattern: RegExp): Promise<string> {
    return await waitFor(`a trap ${pattern}`, () =>
      this.traps().find((each) => pattern.test(each)),
    );
  }

  async #startTrapSink(): Promise<void> {
    const conf = `${this.#folder}.snmptrapd.conf`;
    writeFileSync(conf, "disableAuthorization yes\n");
    const argv = ["snmptrapd", "-f", "-Lo", "-On", "-C", "-c", conf, "-p", "/run/trapd.pid"];
    this.#trapSink = startDaemon(this.host, [...argv, `udp:${TRAP_SINK}`], this.#env);
    await this.#trapSink.waitForLog(/NET-SNMP version/);
  }

  #where(): string[] {
    return ["-v2c", "-c", COMMUNITY, "-On", "-t", "5", AGENT];
  }

  #argv(argv: readonly string[]): string[] {
    return [
      "env",
      ...Object.entries(this.#env).map(([name, value]) => `${name}=${value}`),
      ...argv,
    ];
  }

  async #ask(argv: readonly string[]): Promise<string> {
    const options = { timeoutMs: WALK_LIMIT_MS };
    const { status, stdout, stderr } = await this.host.exec(this.#argv(argv), options);
    if (status !== 0) throw new Error(`${argv.join(" ")} ended with ${status}: ${stderr}${stdout}`);
    return stdout;
  }
}
