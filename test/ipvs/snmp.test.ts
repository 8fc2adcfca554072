// The checker's half of SNMP, on a kernel with IPVS: Debian's keepalived and ours serve the same
// virtual servers to the same snmpd, one after the other, and every object is compared.

import assert from "node:assert/strict";
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { createServer, get } from "node:http";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { type Step, testInUml } from "../lab/steps.js";
import { waitFor } from "../lab/wait.js";
import { shell } from "./checker-lab.js";
import { checkerConfig } from "./snmp-config.js";

const run = promisify(execFile);
const ours = fileURLToPath(new URL("../../../packages/parent/bin/keepalived-ts", import.meta.url));
const check = "1.3.6.1.4.1.9586.100.5.3";
const manager = ["-v2c", "-c", "lab", "-On", "-t", "5", "127.0.0.1:161"];
const trapLog = "/tmp/trapd.log";
process.env["MIBS"] = "";
process.env["SNMPCONFPATH"] = "/tmp/none";
process.env["SNMP_PERSISTENT_DIR"] = "/tmp/persistent";

/** Objects that differ on purpose. */
const intended: readonly (readonly [pattern: RegExp, why: string])[] = [
  [/\.3\.3\.1\.8\.2$/, "a mark's protocol is none(4); keepalived shows nothing, and logs an error"],
  [/\.3\.3\.1\.51\.[123]$/, "a mask of IPv6 for IPv4, or 2^32 - 1 for none"],
  [/\.3\.3\.1\.(57|58|59|65|66)\./, "as the first check has it; keepalived: as the line says"],
  [/\.3\.3\.1\.6[23]\.1$|\.3\.3\.1\.5[34]\.2$/, "flags of sh are none of mh, and the reverse"],
  [/\.3\.3\.1\.60\.3$/, "the weight of its first server; keepalived: the default"],
  [/\.3\.4\.1\.(43|51)\.1\.3$/, "as its first check has it; keepalived: as the server's line"],
  [/\.3\.4\.1\.(4[2-9]|50|51)\.1\.1$/, "a sorry server has no checks"],
];

async function start(argv: readonly string[], log: string, text: RegExp): Promise<ChildProcess> {
  const child = spawn("bash", ["-c", `exec "$@" > ${log} 2>&1`, "bash", ...argv]);
  await waitFor(`${text} in ${log}`, () => text.test(read(log)));
  return child;
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

async function walk(): Promise<Map<string, string>> {
  const { stdout } = await run("snmpwalk", ["-Cc", ...manager, check]);
  const lines = stdout.split("\n").filter((line) => line.startsWith("."));
  return new Map(lines.map((line) => line.trim().split(" = ", 2) as [string, string]));
}

async function readObject(object: string): Promise<string> {
  const { stdout } = await run("snmpget", [...manager, `${check}.${object}`]);
  return stdout.trim().replace(/^\S+ = /, "");
}

/** Serves until `work` is done. */
async function serving<T>(program: string, name: string, work: () => Promise<T>): Promise<T> {
  writeFileSync("/tmp/check.conf", checkerConfig);
  const argv = [program, "-C", "-n", "-l", "-D", "-f", "/tmp/check.conf"];
  const daemon = await start(argv, `/tmp/${name}.log`, /Gained quorum.*192\.0\.2\.1\]:tcp:80/);
  try {
    await waitFor("the session", async () => /Gauge32: 2/.test(await readObject("3.1.20.1")));
    await waitFor("a failed server", async () => /: 2/.test(await readObject("4.1.6.1.3")));
    return await work();
  } catch (thrown) {
    throw new Error(`${String(thrown)}\n${read(`/tmp/${name}.log`).slice(-2000)}`);
  } finally {
    daemon.kill("SIGTERM");
    await once(daemon, "exit");
  }
}

/** The notifications so far, without time. */
function traps(): string[] {
  return read(trapLog)
    .split("\n")
    .filter((line) => line.includes("9586.100.5.3.5.0"))
    .map((line) => {
      // How many servers are up at that moment, and of a mark the protocol, which keepalived
      // calls UDP.
      const objects = line.replace(/^.*?OID: /, "").replaceAll(".1.3.6.1.4.1.9586.100.5.3.", "");
      const [kind, ...rest] = objects.split("\t").filter((each) => !/^3\.1\.(21|8) /.test(each));
      return [kind, ...rest.map((each) => each.trim())].join(" ");
    });
}

const webServer = createServer((_, response) => response.end("ok"));
/** What would keep this process from its end. */
const started: ChildProcess[] = [];

let theirs = new Map<string, string>();
let theirTraps: string[] = [];

const steps: readonly Step[] = [
  {
    name: "SNMP: Debian's keepalived serves what ours is compared with",
    run: async () => {
      shell("ip link add vip0 type dummy; ip link set vip0 up; ip addr add 192.0.2.1/32 dev vip0");
      webServer.listen(80, "0.0.0.0");
      writeFileSync(
        "/tmp/snmpd.conf",
        "master agentx\nagentXSocket unix:/tmp/agentx\nrwcommunity lab\n" +
          "trap2sink 127.0.0.1:162 lab\n",
      );
      writeFileSync("/tmp/trapd.conf", "disableAuthorization yes\n");
      const agent = ["snmpd", "-f", "-Lo", "-C", "-c", "/tmp/snmpd.conf", "udp:127.0.0.1:161"];
      started.push(await start(agent, "/tmp/snmpd.log", /NET-SNMP version/));
      const sink = ["snmptrapd", "-f", "-Lo", "-On", "-C", "-c", "/tmp/trapd.conf"];
      started.push(await start([...sink, "udp:127.0.0.1:162"], trapLog, /NET-SNMP version/));
      theirs = await serving("keepalived", "theirs", walk);
      await waitFor("the last trap", () =>
        traps().some((line) => line.includes(".23 = INTEGER: 3")),
      );
      theirTraps = traps();
    },
  },
  {
    name: "SNMP: every object of the checker is served, with its value; traffic and weights",
    run: async () => {
      await serving(ours, "ours", async () => {
        const objects = await walk();
        assert.ok(theirs.size > 350, `${theirs.size} objects`);
        const names = [...new Set([...theirs.keys(), ...objects.keys()])];
        const differing = names
          .filter((name) => theirs.get(name) !== objects.get(name))
          .filter((name) => !intended.some(([pattern]) => pattern.test(name)))
          .map((name) => `${name}: ${theirs.get(name)} / ${objects.get(name)}`);
        assert.deepEqual(differing, []);
        await setWeight();
        await countTraffic();
      });
    },
  },
  {
    name: "SNMP: the checker's traps are keepalived's",
    run: () => {
      for (const child of started) child.kill("SIGKILL");
      webServer.close();
      webServer.closeAllConnections();
      const own = traps().slice(theirTraps.length);
      const sorted = (lines: readonly string[]): string[] => [...new Set(lines)].sort();
      assert.deepEqual(sorted(own), sorted(theirTraps));
    },
  },
];

async function setWeight(): Promise<void> {
  const object = `${check}.4.1.7.1.2`;
  const set = async (oid: string, value: string): Promise<string> => {
    const told = await run("snmpset", [...manager, oid, "i", value]).catch((thrown) => thrown);
    return `${told.stdout}${told.stderr}`;
  };
  assert.match(await set(object, "65536"), /wrongValue/);
  assert.match(await set(`${check}.4.1.7.1.1`, "4"), /noCreation|notWritable/);
  assert.match(await set(object, "9"), /INTEGER: 9/);
  await waitFor("the weight in the kernel", () => {
    return /127\.0\.0\.1:80\s+\S+\s+9 /.test(shell("ipvsadm -Ln"));
  });
}

async function countTraffic(): Promise<void> {
  const request = get("http://192.0.2.1/", (response) => response.resume());
  await once(request, "close");
  await waitFor("a connection", async () => /: [1-9]/.test(await readObject("3.1.27.1")));
  assert.match(await readObject("4.1.14.1.2"), /: [1-9]/);
  assert.match(await readObject("4.1.20.1.2"), /Counter64: [1-9]/);
}

await testInUml(import.meta.url, steps, { timeoutS: 180, modules: ["ip_vs_mh"] });
