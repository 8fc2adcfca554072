// SNMP as managers see it: Net-SNMP's snmpd is the master agent, Debian's keepalived and ours serve
// the same configuration to it, and every object that the one serves is compared with the other's.

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import { type DaemonRunner, runDebianKeepalived, runKeepalivedTs } from "../lab/daemon.js";
import { type Objects, SnmpLab } from "../lab/snmp.js";
import { waitFor } from "../lab/wait.js";
import { snmpConfig } from "./snmp-config.js";
import { newLab, type Served, serve } from "./snmp-served.js";

const KEEPALIVED = "1.3.6.1.4.1.9586.100.5";
const INSTANCE = `${KEEPALIVED}.2.3.1`;
const RFC2787 = "1.3.6.1.2.1.68";
const RFC6527 = "1.3.6.1.2.1.207";

/** Objects that differ on purpose, or that two runs cannot have in common. */
const INTENDED: readonly (readonly [pattern: RegExp, why: string])[] = [
  [/^1\.3\.6\.1\.4\.1\.9586\.100\.5\.1\.1\.0$/, "the version is another"],
  [/5\.2\.3\.1\.11\./, "whether the primary interface is tracked; keepalived says: listed"],
  [/5\.2\.3\.1\.27\./, "a TruthValue for version 2 too, where keepalived says 0"],
  [/5\.2\.6\.1\.11\./, "keepalived calls addresses of IPv6 not advertised"],
  [/5\.2\.1[26]\.1\.3\.|5\.2\.20\.1\.3\./, "the weight in that list; keepalived: of the object"],
  [/5\.2\.8\.1\.3[4-8]\./, "protocol and ports of a rule, which keepalived does not serve"],
  [/5\.2\.21\.1\.13\./, "how many processes run is not told"],
  [/68\.1\.3\.1\.5\.|207\.1\.1\.1\.1\.7\./, "the effective priority; keepalived: the base one"],
  [/68\.1\.3\.1\.7\./, "a MASTER is its own master; keepalived says 0.0.0.0"],
  [/68\.1\.3\.1\.13\.|207\.1\.1\.1\.1\.12\./, "time"],
  [/68\.1\.3\.1\.2\.|207\.1\.1\.1\.1\.[345]\./, "addresses that follow from the interface's"],
];

async function whole({ snmp, daemon }: Served): Promise<Objects> {
  for (const name of ["VI_1", "VI_6", "VI_3"]) {
    await daemon.waitForLog(new RegExp(`\\(${name}\\) Entering MASTER STATE`));
  }
  await daemon.waitForLog(/VRRP_Script\(bad\) failed/);
  await waitFor("a script that is good", async () => {
    return (await snmp.get(`${KEEPALIVED}.2.9.1.6.1`)) === "INTEGER: 3";
  });
  const objects = new Map<string, string>();
  for (const oid of [KEEPALIVED, RFC2787, RFC6527]) {
    for (const [name, value] of await snmp.walk(oid)) objects.set(name, value);
  }
  return objects;
}

const twoRouters = (socket: string): string => `global_defs {
  router_id LAB
  snmp_socket ${socket}
  enable_snmp_vrrp
  enable_snmp_rfc
  enable_traps
}
vrrp_instance VI_1 {
  state BACKUP
  interface eth0
  virtual_router_id 51
  priority 150
  virtual_ipaddress {
    192.0.2.10
  }
}
`;

/** snmpd 5.9.3 takes a session over UDP, and can send no request over it: to keepalived neither. */
async function trapsComeByUdp(t: TestContext): Promise<void> {
  const lab = await newLab(t, "snmp-udp");
  const { snmp } = await serve(lab, "ours", runKeepalivedTs, twoRouters, "udp:127.0.0.1:705");
  await snmp.waitForTrap(/100\.5\.2\.10\.0\.2\t.*\.3\.1\.4 = INTEGER: 2/);
}

/** What a hostile or broken master may answer, in hexadecimal; each is a header and more. */
const HOSTILE: readonly string[] = [
  "00".repeat(64),
  `02050000${"00".repeat(16)}`,
  // A length that never comes, and one that is no multiple of four.
  `01050010${"00000001".repeat(3)}7fffffff`,
  `01050010${"00000001".repeat(3)}00000003000000`,
  // A get whose identifier is longer than the message; a string longer than it.
  `01050010${"00000001".repeat(3)}00000004ff000000`,
  `01080010${"00000001".repeat(3)}0000000c0004000001000000ffffffff`,
  // A type that there is not, and a context that nobody registered.
  `01630010${"00000001".repeat(3)}00000000`,
  `01050018${"00000001".repeat(3)}000000080000000400000000`,
];

async function walkAgrees(t: TestContext): Promise<void> {
  const lab = await newLab(t, "snmp-walk");
  const served = await Promise.all([
    serve(lab, "theirs", runDebianKeepalived, snmpConfig),
    serve(lab, "ours", runKeepalivedTs, snmpConfig),
  ]);
  const [theirs, ours] = await Promise.all(served.map(whole));
  assert.ok(theirs && ours && theirs.size > 450, `${theirs?.size} objects`);
  const names = [...new Set([...theirs.keys(), ...ours.keys()])];
  const differing = names.filter((name) => {
    return theirs.get(name) !== ours.get(name) && !INTENDED.some(([each]) => each.test(name));
  });
  const shown = differing.map((name) => `${name}: ${theirs.get(name)} / ${ours.get(name)}`);
  assert.deepEqual(shown, []);
  const bulk = await served[1]?.snmp.walk(KEEPALIVED, "snmpbulkwalk");
  assert.deepEqual(
    bulk && [...bulk.keys()],
    [...ours.keys()].filter((name) => name.startsWith(KEEPALIVED)),
  );
}

async function setHolds(t: TestContext): Promise<void> {
  const lab = await newLab(t, "snmp-set");
  const { snmp, daemon, host } = await serve(lab, "ours", runKeepalivedTs, twoRouters);
  await daemon.waitForLog(/Entering MASTER STATE/);
  const priority = `${INSTANCE}.7.1`;
  assert.match(await snmp.set(priority, "i", "0"), /wrongValue/);
  assert.match(await snmp.set(priority, "i", "255"), /wrongValue/);
  assert.match(await snmp.set(priority, "s", "x"), /wrongType/);
  assert.match(await snmp.set(`${INSTANCE}.7.9`, "i", "1"), /noCreation/);
  assert.match(await snmp.set(`${INSTANCE}.4.1`, "i", "1"), /notWritable/);
  assert.match(await snmp.set(`${RFC2787}.1.2.0`, "i", "2"), /notWritable/);
  assert.match(await snmp.set(priority, "i", "90"), /= INTEGER: 90/);
  assert.match(await snmp.set(`${INSTANCE}.13.1`, "i", "2"), /= INTEGER: 2/);
  await waitFor("the effective priority", async () => {
    return (await snmp.get(`${INSTANCE}.8.1`)) === "INTEGER: 90";
  });
  assert.equal(await snmp.get(`${INSTANCE}.4.1`), "INTEGER: 2", "still MASTER");
  assert.equal(await snmp.get(`${INSTANCE}.13.1`), "INTEGER: 2");
  // The VRRP process dies: its successor goes on with what was set.
  const vrrp = daemon.pidIn("/run/vrrp.pid");
  assert.ok(vrrp);
  process.kill(vrrp, "SIGKILL");
  await daemon.waitForLog(/Resuming MASTER STATE/);
  await waitFor("its priority", async () => (await snmp.get(`${INSTANCE}.8.1`)) === "INTEGER: 90");
  daemon.signal("SIGHUP");
  await waitFor("the file's", async () => (await snmp.get(priority)) === "INTEGER: 150");
  assert.ok(await host.holds("192.0.2.10"));
}

async function trapsAgree(t: TestContext): Promise<void> {
  const lab = await newLab(t, "snmp-traps");
  const traps = async (name: string, run: DaemonRunner): Promise<string[]> => {
    const { snmp, daemon, host } = await serve(lab, name, run, twoRouters);
    await snmp.waitForTrap(/100\.5\.2\.10\.0\.2\t.*\.3\.1\.4 = INTEGER: 2/);
    await snmp.waitForTrap(/2\.1\.207\.0\.1/);
    await host.setLink("eth0", "down");
    await snmp.waitForTrap(/\.3\.1\.4 = INTEGER: 3/);
    await host.setLink("eth0", "up");
    await daemon.waitForLog(/FAULT[\s\S]*BACKUP STATE/);
    await daemon.stop();
    await snmp.waitForTrap(/\.3\.1\.4 = INTEGER: 5/);
    const texts = snmp
      .traps()
      .map((text) => text.replace(/^.*?(?=\.1\.3\.6\.1\.6\.3\.1\.1\.4)/, ""));
    return texts.filter((text) => !text.includes("8072")).slice(0, 5);
  };
  const [theirs, ours] = await Promise.all([
    traps("theirs", runDebianKeepalived),
    traps("ours", runKeepalivedTs),
  ]);
  assert.equal(ours.length, 5);
  assert.deepEqual(ours, theirs);
}

async function sessionReturns(t: TestContext): Promise<void> {
  const lab = await newLab(t, "snmp-again");
  const part = join(lab.scratch, "snmp.conf");
  const { snmp, daemon } = await serve(lab, "ours", runKeepalivedTs, (socket) => {
    writeFileSync(part, "enable_snmp_vrrp\nenable_traps\n");
    return twoRouters(socket).replace(/enable_[^}]*/, `include ${part}\n`);
  });
  const name = `${INSTANCE}.2.1`;
  const isServed = async (): Promise<boolean> => (await snmp.get(name)) === 'STRING: "VI_1"';
  await waitFor("the first session", isServed);
  await snmp.killAgent();
  await daemon.waitForLog(/Cannot reach the SNMP agent/);
  await snmp.startAgent();
  await waitFor("the second session", isServed);
  assert.equal(daemon.log().match(/Cannot reach the SNMP agent/g)?.length, 1, "said once");
  writeFileSync(part, "");
  daemon.signal("SIGHUP");
  await waitFor("the end of it", async () => /No Such/.test(await snmp.get(name)));
  writeFileSync(part, "enable_snmp_vrrp\n");
  daemon.signal("SIGHUP");
  await waitFor("the third session", isServed);
}

async function socketServes(t: TestContext, socket: string): Promise<void> {
  const lab = await newLab(t, "snmp-socket");
  const host = await lab.addHost("ours", { address: "192.0.2.1/24" });
  // Each daemon has a /run of its own, so a path there is reached through the agent's root.
  const snmp = new SnmpLab(host, socket);
  await snmp.start();
  const own = socket.replace("/run/", `${snmp.agentRoot}/run/`);
  const config = twoRouters("tcp:192.0.2.99").replace(/ +enable_[a-z_]+\n/g, "");
  runKeepalivedTs(host, config, ["-n", "-l", "-G", "-D", "-x", "-A", own]);
  await waitFor("the session", async () => {
    return (await snmp.get(`${INSTANCE}.2.1`)) === 'STRING: "VI_1"';
  });
  assert.equal(await snmp.get(`${RFC2787}.1.1.0`), "INTEGER: 2");
}

async function hostileMaster(t: TestContext): Promise<void> {
  const lab = await newLab(t, "snmp-hostile");
  const host = await lab.addHost("ours", { address: "192.0.2.1/24" });
  const path = join(lab.scratch, "hostile.agentx");
  const sockets: Socket[] = [];
  let count = 0;
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on("error", () => undefined);
    const bytes = Buffer.from(HOSTILE[count % HOSTILE.length] ?? "", "hex");
    count += 1;
    // One byte at a time is the worst that a stream can do.
    for (const byte of bytes) socket.write(Buffer.from([byte]));
    // What can be followed still is cut off.
    setTimeout(() => socket.destroy(), 50);
  });
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  const daemon = runKeepalivedTs(host, twoRouters(`unix:${path}`));
  await daemon.waitForLog(/Entering MASTER STATE/);
  await waitFor("two more sessions", () => count >= 3);
  assert.equal(daemon.exit, null);
  assert.equal(daemon.log().match(/Cannot reach the SNMP agent/g)?.length, 1, "said once");
  assert.ok(await host.holds("192.0.2.10"));
  assert.deepEqual(await daemon.stop(), { status: 0, signal: null });
}

// Each in a laboratory of its own.
describe("SNMP", { concurrency: 3 }, () => {
  it("every object that keepalived serves is served, with its value", walkAgrees);
  it("snmpset moves the priority until a reload, and nothing else can be set", setHolds);
  it("traps tell of every change of state, in keepalived's form and the RFCs'", trapsAgree);
  it("a master agent that dies is found again, and a reload turns SNMP off and on", sessionReturns);
  for (const socket of ["tcp:127.0.0.1:705", "unix:/run/agentx.sock"]) {
    it(`the session comes by ${socket} and -x -A`, (t) => socketServes(t, socket));
  }
  it("traps come by UDP", trapsComeByUdp);
  it("a hostile master costs a connection each time, and VRRP goes on", hostileMaster);
});
