// D-Bus as its clients see it: dbus-daemon carries, gdbus calls and dbus-monitor listens; Debian's
// keepalived and ours are on a bus each, with the same configuration.

import assert from "node:assert/strict";
import { existsSync, writeFileSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import { type Daemon, DEBIAN_KEEPALIVED, KEEPALIVED_TS, startDaemon } from "../lab/daemon.js";
import { BusLab } from "../lab/dbus.js";
import { createLab, type Lab } from "../lab/lab.js";
import { waitFor } from "../lab/wait.js";

const CONFIG = `global_defs {
  script_user root
  enable_dbus
}
vrrp_instance VI_1 {
  interface eth0
  virtual_router_id 51
  priority 100
  virtual_ipaddress {
    192.0.2.10
  }
}
vrrp_instance VI-6.x {
  interface eth0.5
  version 3
  virtual_router_id 52
  priority 90
  virtual_ipaddress {
    192.0.2.52
  }
}
`;
const VRRP = "/org/keepalived/Vrrp1/Vrrp";
const INSTANCE = "/org/keepalived/Vrrp1/Instance/eth0/51/IPv4";
const PATHS = ["/", "/org/keepalived/Vrrp1", "/org/keepalived/Vrrp1/Instance", VRRP, INSTANCE];
const METHOD = "org.keepalived.Vrrp1.Vrrp";
const PROPERTIES = "org.freedesktop.DBus.Properties";

interface Served {
  readonly bus: BusLab;
  readonly daemon: Daemon;
  readonly configPath: string;
}

async function newLab(t: TestContext, name: string): Promise<Lab> {
  const lab = await createLab(name);
  t.after(() => lab.close());
  return lab;
}

async function serve(lab: Lab, name: string, program: readonly string[]): Promise<Served> {
  const segment = await lab.addSegment(name);
  const host = await lab.addHost(name, { segment, address: "192.0.2.1/24" });
  await host.ip("link", "add", "eth0.5", "type", "veth", "peer", "name", "other");
  for (const link of ["eth0.5", "other"]) await host.ip("link", "set", link, "up");
  await host.ip("address", "add", "192.0.2.5/32", "dev", "eth0.5");
  const bus = new BusLab(host);
  await bus.start();
  await bus.listen();
  const configPath = join(lab.scratch, `${name}.dbus.conf`);
  writeFileSync(configPath, CONFIG);
  const argv = [...program, "-n", "-l", "-G", "-D", "-f", configPath];
  const daemon = startDaemon(host, argv, bus.env);
  for (const instance of ["VI_1", "VI-6.x"]) {
    await daemon.waitForLog(new RegExp(`\\(${instance}\\) Entering MASTER STATE`));
  }
  await waitFor("its name", async () => {
    return (await bus.call(["--object-path", VRRP, "--method", `${METHOD}.Bogus`])).text.includes(
      "Bogus",
    );
  });
  return { bus, daemon, configPath };
}

/** An introspection, whatever its layout. */
function normal(xml: string): string {
  return xml
    .replace(/<!DOCTYPE[^>]*>|<!--.*?-->/gs, "")
    .replace(/<(\w+)([^>]*[^/>])>\s*<\/\1>/g, "<$1$2/>")
    .replace(/\s+/g, " ");
}

const CALLS: readonly (readonly string[])[] = [
  [INSTANCE, `${PROPERTIES}.GetAll`, "org.keepalived.Vrrp1.Instance"],
  [INSTANCE, `${PROPERTIES}.Get`, "org.keepalived.Vrrp1.Instance", "State"],
  [INSTANCE, `${PROPERTIES}.Get`, "org.keepalived.Vrrp1.Instance", "Nope"],
  [INSTANCE, `${PROPERTIES}.Set`, "org.keepalived.Vrrp1.Instance", "Name", "<'x'>"],
  [INSTANCE, "org.keepalived.Vrrp1.Instance.SendGarp"],
  [INSTANCE, "org.freedesktop.DBus.Peer.Ping"],
  [VRRP, `${METHOD}.PrintData`],
  [VRRP, `${METHOD}.PrintStats`],
  [VRRP, `${METHOD}.Bogus`],
  ["/bogus", `${METHOD}.PrintData`],
];

/** Everything that is compared. */
async function seen({ bus, daemon }: Served): Promise<Record<string, unknown>> {
  const introspections = [];
  for (const path of PATHS) introspections.push(normal(await bus.introspect(path)));
  introspections.push(normal(await bus.introspect(INSTANCE.replace("eth0/51", "eth0_5/52"))));
  const answers = [];
  for (const [path = "", method = "", ...values] of CALLS) {
    const { text } = await bus.call(["--object-path", path, "--method", method, ...values]);
    answers.push(`${method} ${text}`);
  }
  await waitFor("the data file", () => existsSync(daemon.path("/tmp/keepalived.data")));
  const { status } = await bus.call(["--object-path", VRRP, "--method", `${METHOD}.ReloadConfig`]);
  await waitFor("VrrpReloaded", () => bus.signals().includes("Vrrp VrrpReloaded"));
  await daemon.stop();
  await waitFor("VrrpStopped", () => bus.signals().includes("Vrrp VrrpStopped"));
  return { introspections, answers, reload: status, signals: bus.signals().sort() };
}

async function looksLikeKeepalived(t: TestContext): Promise<void> {
  const lab = await newLab(t, "dbus-same");
  const [theirs, ours] = await Promise.all([
    serve(lab, "theirs", [DEBIAN_KEEPALIVED, "-P"]).then(seen),
    serve(lab, "ours", [KEEPALIVED_TS]).then(seen),
  ]);
  assert.deepEqual(ours, theirs);
}

async function policyRefuses(t: TestContext): Promise<void> {
  const lab = await newLab(t, "dbus-policy");
  const { bus, daemon } = await serve(lab, "ours", [KEEPALIVED_TS]);
  const call = async (path: string, method: string, ...values: string[]): Promise<string> => {
    return (await bus.call(["--object-path", path, "--method", method, ...values], "65534")).text;
  };
  assert.match(await call(VRRP, `${METHOD}.ReloadConfig`), /AccessDenied/);
  assert.match(await call(INSTANCE, "org.keepalived.Vrrp1.Instance.SendGarp"), /AccessDenied/);
  const face = "org.keepalived.Vrrp1.Instance";
  assert.match(await call(INSTANCE, `${PROPERTIES}.Get`, face, "State"), /2, 'Master'/);
  assert.doesNotMatch(daemon.log(), /DBus request|Reloading/);
}

async function nameReturns(t: TestContext): Promise<void> {
  const lab = await newLab(t, "dbus-again");
  const { bus, daemon, configPath } = await serve(lab, "ours", [KEEPALIVED_TS]);
  const isThere = async (): Promise<boolean> => {
    const words = ["--object-path", INSTANCE, "--method", "org.freedesktop.DBus.Peer.Ping"];
    return (await bus.call(words)).status === 0;
  };
  assert.ok(await isThere());
  await bus.stop();
  await daemon.waitForLog(/Cannot be org\.keepalived\.Vrrp1 on the D-Bus/);
  await bus.start();
  await waitFor("the name again", isThere);
  writeFileSync(configPath, CONFIG.replace("enable_dbus", ""));
  daemon.signal("SIGHUP");
  await waitFor("no name", async () => !(await isThere()));
  writeFileSync(configPath, CONFIG);
  daemon.signal("SIGHUP");
  await waitFor("the name after a reload", isThere);
}

/** What a broken bus may say: instead of a welcome, and after one. */
const HOSTILE: readonly string[] = [
  "REJECTED EXTERNAL\r\n",
  "x".repeat(5_000),
  `OK 0\r\n${"\u0000".repeat(64)}`,
  // A length beyond all bounds, an array beyond its message, a signature that is none.
  `OK 0\r\nl\u0001\u0000\u0001\u00ff\u00ff\u00ff\u007f${"\u0001".repeat(8)}`,
  `OK 0\r\nl\u0001\u0000\u0001${"\u0000".repeat(4)}\u0001${"\u0000".repeat(3)}` +
    `\u00f0${"\u0000".repeat(3)}${"\u0001".repeat(256)}`,
];

async function hostileBus(t: TestContext): Promise<void> {
  const lab = await newLab(t, "dbus-hostile");
  const host = await lab.addHost("ours", { address: "192.0.2.1/24" });
  const path = join(lab.scratch, "hostile.bus");
  const sockets: Socket[] = [];
  let count = 0;
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on("error", () => undefined);
    socket.once("data", () => {
      socket.write(Buffer.from(HOSTILE[count % HOSTILE.length] ?? "", "latin1"));
      count += 1;
      setTimeout(() => socket.destroy(), 50);
    });
  });
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  const configPath = join(lab.scratch, "hostile.conf");
  writeFileSync(configPath, CONFIG.replace(/vrrp_instance VI-6[\s\S]*$/, ""));
  const argv = [KEEPALIVED_TS, "-n", "-l", "-G", "-D", "-f", configPath];
  const env = { DBUS_SYSTEM_BUS_ADDRESS: `unix:path=${path}` };
  const daemon = startDaemon(host, argv, env);
  await daemon.waitForLog(/Entering MASTER STATE/);
  await waitFor("two more connections", () => count >= 3);
  assert.equal(daemon.log().match(/Cannot be org\.keepalived/g)?.length, 1, "said once");
  assert.deepEqual(await daemon.stop(), { status: 0, signal: null });
}

describe("D-Bus", { concurrency: 4 }, () => {
  it("objects, methods, properties, errors and signals are keepalived's", looksLikeKeepalived);
  it("our policy file lets others than root look and nothing more", policyRefuses);
  it("a bus that restarts is joined again, and a reload turns D-Bus off and on", nameReturns);
  it("a hostile bus costs a connection each time, and VRRP goes on", hostileBus);
});
