// Values below /proc/sys/net in namespaces of this test's own, read-only in one of them.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { before, test } from "node:test";
import {
  type InterfaceSysctl,
  readSysctl,
  SysctlGuard,
  sysctlPath,
  writeSysctl,
} from "./sysctl.js";
import { enterPrivateNamespace, ip } from "./testing/private-namespace.js";

before(async () => {
  await enterPrivateNamespace();
  ip("link add pair0 type veth peer name pair1");
  ip("link add link pair0 name pair0.7 type macvlan");
});

const rpFilter = (name: string): InterfaceSysctl => ({
  family: "ipv4",
  interface: name,
  name: "rp_filter",
});

function witness(name: string): string {
  return execFileSync("sysctl", ["-n", `net/ipv4/conf/${name}/rp_filter`], { encoding: "utf8" });
}

test("writeSysctl() sets what sysctl(8) reads, of an interface with a dot in its name too", () => {
  for (const name of ["pair0", "pair0.7", "all"]) {
    assert.equal(writeSysctl(rpFilter(name), 2), null);
    assert.equal(witness(name).trim(), "2");
    assert.deepEqual(readSysctl(rpFilter(name)), { ok: true, value: 2 });
  }
});

test("sysctlPath() takes no name that would lead elsewhere", () => {
  const bad = ["", ".", "..", "a/b", "../all", "sixteen-letters-x", "a b", "a:b", "a\0"];
  for (const name of bad) assert.equal(sysctlPath(rpFilter(name)), undefined);
  assert.equal(sysctlPath({ ...rpFilter("lo"), name: "../lo/rp_filter" }), undefined);
  assert.deepEqual(readSysctl(rpFilter("..")), { ok: false, errno: "EINVAL" });
  assert.equal(writeSysctl(rpFilter(".."), 1), "EINVAL");
});

test("readSysctl() and writeSysctl() give the errno of what is not there or not allowed", () => {
  assert.deepEqual(readSysctl(rpFilter("none")), { ok: false, errno: "ENOENT" });
  assert.equal(writeSysctl(rpFilter("none"), 1), "ENOENT");
  const mode: InterfaceSysctl = { family: "ipv6", interface: "pair0", name: "addr_gen_mode" };
  assert.equal(writeSysctl(mode, 99), "EINVAL");
});

test("SysctlGuard puts back what was there, and not what somebody else has set since", () => {
  for (const name of ["pair0", "pair1", "pair0.7"]) writeSysctl(rpFilter(name), 1);
  const guard = new SysctlGuard();
  assert.equal(guard.set(rpFilter("pair0"), 2), null);
  assert.equal(guard.set(rpFilter("pair0"), 0), null);
  assert.equal(guard.set(rpFilter("pair1"), 0), null);
  assert.equal(guard.set(rpFilter("pair0.7"), 1), null);
  assert.equal(guard.memories.length, 2);
  writeSysctl(rpFilter("pair1"), 2);
  assert.deepEqual(guard.restore(), []);
  assert.deepEqual(["pair0", "pair1"].map(witness), ["1\n", "2\n"]);
  assert.equal(guard.memories.length, 0);
});

test("SysctlGuard bears that an interface is gone, and hands on what it remembers", () => {
  ip("link add gone0 type veth peer name gone1");
  writeSysctl(rpFilter("pair0"), 1);
  const guard = new SysctlGuard();
  for (const name of ["gone0", "gone1", "pair0"]) guard.set(rpFilter(name), 2);
  guard.forgetInterface("gone1");
  ip("link del gone0");
  const successor = new SysctlGuard();
  successor.adopt(guard.memories);
  assert.deepEqual(successor.restore(), []);
  assert.equal(witness("pair0"), "1\n");
});

const ourModule: string = JSON.stringify(import.meta.resolve("./sysctl.js"));
/** Runs in a mount namespace and a network namespace of its own. */
const readOnlyScript = `
  import { SysctlGuard, sysctlFailureText } from ${ourModule};
  const sysctl = { family: "ipv4", interface: "lo", name: "rp_filter" };
  const guard = new SysctlGuard();
  guard.adopt([{ sysctl, formerValue: 2, ourValue: 0 }]);
  const refused = guard.set(sysctl, 1);
  console.log(JSON.stringify([refused, guard.restore().map(sysctlFailureText)]));
`;

test("SysctlGuard says which value it could not write where /proc/sys is read-only", () => {
  const mounts = "mount --bind /proc/sys /proc/sys && mount -o remount,bind,ro /proc/sys";
  const shell = `${mounts} && exec "$0" --input-type=module -e "$1"`;
  const words = ["--net", "--mount", "sh", "-c", shell, process.execPath, readOnlyScript];
  const output: unknown = JSON.parse(execFileSync("unshare", words, { encoding: "utf8" }));
  assert.deepEqual(output, [
    "EROFS",
    [
      "Cannot write 2 to /proc/sys/net/ipv4/conf/lo/rp_filter: EROFS, /proc/sys is read-only " +
        "here; set it on the host or make it writable for this container",
    ],
  ]);
});
