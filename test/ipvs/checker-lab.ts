// The network that the checker's tests use inside the guest: a director (the guest itself) with
// three virtual addresses, two web servers and two clients, each a namespace on one bridge; and the
// daemon. The client `nat` is reached by the servers through the director, as NAT needs it; the
// client `direct` is their neighbour, as direct routing needs it.

import { type ChildProcess, execFile, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { processTree } from "../lab/daemon.js";
import { waitFor } from "../lab/wait.js";

const daemonFile = fileURLToPath(
  new URL("../../../packages/parent/bin/keepalived-ts", import.meta.url),
);
const configFile = "/tmp/checker-lab.conf";
const run = promisify(execFile);

export type ServerName = "rs1" | "rs2";
export type ClientName = "nat" | "direct";

export const serverAddresses: Readonly<Record<ServerName, string>> = {
  rs1: "10.1.0.11",
  rs2: "10.1.0.12",
};
const clientAddresses: Readonly<Record<ClientName, string>> = {
  nat: "10.1.0.10",
  direct: "10.1.0.9",
};

export function shell(text: string): string {
  return execFileSync("bash", ["-ec", text], { encoding: "utf8" });
}

export function buildNetwork(): void {
  shell(`
    ip link add br0 type bridge && ip addr add 10.1.0.1/24 dev br0 && ip link set br0 up
    ip link add vip0 type dummy && ip link set vip0 up
    for i in 1 2 3; do ip addr add 192.0.2.$i/32 dev vip0; done
    echo 1 > /proc/sys/net/ipv4/ip_forward
    for i in all br0; do echo 0 > /proc/sys/net/ipv4/conf/$i/send_redirects; done
    tc qdisc add dev br0 ingress
    tc filter add dev br0 parent ffff: protocol ip u32 match ip dst 192.0.2.3/32 \\
      action skbedit mark 7
  `);
  for (const [name, address] of Object.entries({ ...serverAddresses, ...clientAddresses })) {
    shell(`
      ip netns add ${name} && ip -n ${name} link set lo up
      ip link add v-${name} type veth peer name eth0 netns ${name}
      ip link set v-${name} master br0 up
      ip -n ${name} addr add ${address}/24 dev eth0 && ip -n ${name} link set eth0 up
      ip -n ${name} route add default via 10.1.0.1
    `);
  }
  for (const name of Object.keys(serverAddresses)) {
    shell(`
      ip -n ${name} route add ${clientAddresses.nat}/32 via 10.1.0.1
      for i in 2 3; do ip -n ${name} addr add 192.0.2.$i/32 dev lo; done
    `);
  }
}

const serverProgram = `
  const { createServer } = require("node:http");
  const answer = (request, response) => {
    response.setHeader("Connection", "close");
    response.end(process.argv[1]);
  };
  let open = 2;
  for (const port of [80, 8080]) {
    createServer(answer).listen(port, () => { if (--open === 0) console.log("listening"); });
  }
`;

const servers: Map<ServerName, ChildProcess> = new Map();

/** An HTTP server on ports 80 and 8080 that answers with its name. */
export async function startServer(name: ServerName): Promise<void> {
  const argv = ["netns", "exec", name, process.execPath, "-e", serverProgram, name];
  const child = spawn("ip", argv, { stdio: ["ignore", "pipe", "inherit"] });
  servers.set(name, child);
  await once(child.stdout, "data");
}

export async function stopServer(name: ServerName): Promise<void> {
  const child = servers.get(name);
  servers.delete(name);
  if (child === undefined) return;
  child.kill("SIGKILL");
  await once(child, "exit");
}

/** The names that `count` HTTP requests to `address` are answered with. */
export async function get(client: ClientName, address: string, count: number): Promise<string[]> {
  const request = `exec 3<>/dev/tcp/${address}/80
    printf 'GET / HTTP/1.0\\r\\n\\r\\n' >&3
    tail -n 1 <&3`;
  const argv = [
    "netns",
    "exec",
    client,
    "bash",
    "-ec",
    `for i in {1..${count}}; do ${request}
    echo; done`,
  ];
  const { stdout } = await run("ip", argv, { timeout: 20_000 });
  return stdout.split("\n").filter((line) => line !== "");
}

/** The table as ipvsadm would have to be told to make it, sorted. */
export function savedTable(): string[] {
  const text = execFileSync("ipvsadm", ["-Sn"], { encoding: "utf8" });
  return text
    .split("\n")
    .filter((line) => line !== "")
    .sort();
}

/** The table without its counters, cheap enough to be read without a pause. */
export function quickTable(): string {
  const lines = readFileSync("/proc/net/ip_vs", "utf8").split("\n").slice(3);
  return lines.map((line) => line.trim().split(/ +/).slice(0, 4).join(" ")).join("\n");
}

/** Waits until ipvsadm shows exactly these lines, in any order. */
export async function expectTable(
  lines: readonly string[],
  limitMs: number = 30_000,
): Promise<void> {
  const wanted = [...lines].sort().join("\n");
  let seen = "";
  try {
    await waitFor(
      "the IPVS table",
      () => {
        seen = savedTable().join("\n");
        return seen === wanted;
      },
      limitMs,
    );
  } catch (thrown) {
    throw new Error(`${String(thrown)}\nwanted:\n${wanted}\nseen:\n${seen}`);
  }
}

export class Daemon {
  readonly #process: ChildProcess;
  #output = "";

  private constructor(child: ChildProcess) {
    this.#process = child;
    child.stdout?.on("data", (data: Buffer) => {
      this.#output += data.toString();
    });
    child.stderr?.on("data", (data: Buffer) => {
      this.#output += data.toString();
    });
  }

  static start(configText: string): Daemon {
    writeFileSync(configFile, configText);
    const argv = ["-nlD", "-f", configFile, "-p", "/tmp/daemon.pid", "-c", "/tmp/checker.pid"];
    return new Daemon(spawn(daemonFile, argv, { stdio: ["ignore", "pipe", "pipe"] }));
  }

  get pid(): number {
    return this.#process.pid ?? -1;
  }

  get output(): string {
    return this.#output;
  }

  /** The pid of the checker child; null = none is there. */
  checkerPid(): number | null {
    const child = processTree(this.pid).find(
      ({ parentPid, state }) => parentPid === this.pid && state !== "Z",
    );
    return child?.pid ?? null;
  }

  /** Waits for a line that appears after what was there at `from`. */
  async said(text: string, from = 0): Promise<void> {
    try {
      await waitFor(`"${text}"`, () => this.#output.includes(text, from), 30_000);
    } catch (thrown) {
      throw new Error(`${String(thrown)}, the daemon said\n${this.#output.slice(-3000)}`);
    }
  }

  reload(configText: string): void {
    writeFileSync(configFile, configText);
    process.kill(this.pid, "SIGHUP");
  }

  /** Sends the signal and waits for the end. */
  end(signal: NodeJS.Signals): Promise<number | NodeJS.Signals | null> {
    process.kill(this.pid, signal);
    return this.ended();
  }

  /** Status, or the signal it died of. */
  async ended(): Promise<number | NodeJS.Signals | null> {
    const { exitCode, signalCode } = this.#process;
    if (exitCode !== null || signalCode !== null) return exitCode ?? signalCode;
    const [status, by] = await once(this.#process, "close");
    return status ?? by;
  }
}
