// A message bus of its own on a host of the laboratory, with the policy file of our package, and
// what listens on it. The machine's bus is never touched.

import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Daemon, PROJECT_ROOT, startDaemon } from "./daemon.js";
import type { Host } from "./host.js";
import { waitFor } from "./wait.js";

const POLICY = join(PROJECT_ROOT, "scripts/packaging/org.keepalived.Vrrp1.conf");

export interface Called {
  readonly status: number;
  /** What gdbus prints. */
  readonly text: string;
}

export class BusLab {
  readonly host: Host;
  readonly address: string;
  /** For the daemon that is to use this bus. */
  readonly env: Readonly<Record<string, string>>;
  readonly #socket: string;
  #bus: Daemon | undefined;
  #monitor: Daemon | undefined;

  constructor(host: Host) {
    this.host = host;
    this.#socket = join(host.scratch, `${host.name}.bus`);
    this.address = `unix:path=${this.#socket}`;
    this.env = { DBUS_SYSTEM_BUS_ADDRESS: this.address };
  }

  /** As Debian's system bus: nobody may own or call anything unless a policy says so. */
  async start(): Promise<void> {
    const conf = join(this.host.scratch, `${this.host.name}.bus.conf`);
    writeFileSync(
      conf,
      `<busconfig><type>system</type><listen>${this.address}</listen><auth>EXTERNAL</auth>
<policy context="default"><allow user="*"/><deny own="*"/><deny send_type="method_call"/>
<allow send_type="signal"/><allow send_requested_reply="true" send_type="method_return"/>
<allow send_requested_reply="true" send_type="error"/><allow receive_type="method_call"/>
<allow receive_type="method_return"/><allow receive_type="error"/><allow receive_type="signal"/>
<allow send_destination="org.freedesktop.DBus"/></policy>
<include>${POLICY}</include></busconfig>`,
    );
    rmSync(this.#socket, { force: true });
    const argv = ["dbus-daemon", `--config-file=${conf}`, "--nofork", "--nopidfile", "--nosyslog"];
    this.#bus = startDaemon(this.host, [...argv, "--print-address=1"]);
    await this.#bus.waitForLog(/unix:path=/);
  }

  async stop(): Promise<void> {
    await this.#bus?.kill();
  }

  /** From now on every signal is noted. */
  async listen(): Promise<void> {
    const argv = ["dbus-monitor", "--address", this.address, "--profile"];
    this.#monitor = startDaemon(this.host, [...argv]);
    await waitFor("dbus-monitor", () => this.#monitor?.log().includes("NameLost") === true);
  }

  /** The signals of our interfaces: path and name. */
  signals(): string[] {
    const lines = this.#monitor?.log().split("\n") ?? [];
    return lines.flatMap((line) => {
      const [kind, , , , , path, face, member] = line.split("\t");
      const isOurs = kind === "sig" && face?.startsWith("org.keepalived.") === true;
      return isOurs ? [`${path?.replace("/org/keepalived/Vrrp1/", "")} ${member}`] : [];
    });
  }

  /** Calls a method of the service as `user`. */
  async call(words: readonly string[], user?: string): Promise<Called> {
    return await this.#gdbus(["call", ...words], user);
  }

  async introspect(path: string): Promise<string> {
    const { text } = await this.#gdbus(["introspect", "--xml", "--object-path", path]);
    return text;
  }

  async #gdbus(words: readonly string[], user?: string): Promise<Called> {
    const [verb = "", ...rest] = words;
    const as = user === undefined ? [] : ["setpriv", `--reuid=${user}`, "--clear-groups"];
    const where = ["--address", this.address, "--dest", "org.keepalived.Vrrp1"];
    const argv = [...as, "gdbus", verb, ...where, ...rest];
    const { status, stdout, stderr } = await this.host.exec(argv);
    return { status, text: `${stdout}${stderr}`.trim() };
  }
}
