// hostFacts() against real files in a folder of its own: tables, accounts, scripts with owners,
// modes and links.

import assert from "node:assert/strict";
import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import type { HostFacts, ScriptFacts } from "@keepalived-ts/shared-config/schema/host";
import { type HostSources, hostFacts } from "./host-facts.js";
import { fileBytesMax } from "./read-bounded.js";

const folder: string = mkdtempSync(join(tmpdir(), "host-facts-"));
chmodSync(folder, 0o755);
const root = { uid: 0, gid: 0 };
const guest = { uid: 4711, gid: 4712 };

after(() => rmSync(folder, { recursive: true }));

function write(name: string, text: string, mode = 0o644): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  chmodSync(path, mode);
  return path;
}

function facts(sources: Partial<HostSources> = {}): HostFacts {
  return hostFacts(sources);
}

function inspect(path: string, user = root, keepsLinks = false): ScriptFacts | undefined {
  return facts({ searchPath: `${folder}/nosuch:${folder}/bin` }).script?.({
    path,
    user,
    keepsLinks,
  });
}

function insecurePart(path: string): string | undefined {
  const found = inspect(path);
  return found?.found ? found.insecurePart : "not found";
}

test("linkExists() and linkAddresses() know the loopback interface", () => {
  const host = facts();
  assert.equal(host.linkExists?.("lo"), true);
  assert.equal(host.linkExists?.("nosuch"), false);
  assert.equal(host.linkExists?.("Inter-|"), false);
  assert.deepEqual(host.linkAddresses?.("nosuch"), new Map());
});

test("linkExists() reads the names before the colons, once a load", () => {
  const netDevices = write("dev", "Inter-|  Receive\n face |bytes\n  eth0: 1 2\neth1.7:3 4\n");
  const host = facts({ netDevices });
  const exists = ["eth0", "eth1.7", "eth1", "face"].map((name) => host.linkExists?.(name));
  assert.deepEqual(exists, [true, true, false, false]);
  write("dev", "");
  assert.equal(host.linkExists?.("eth0"), true);
  assert.equal(facts({ netDevices }).linkExists?.("eth0"), false);
});

test("user() reads no more than it accepts of a file that never ends and has no size", () => {
  assert.equal(facts({ passwd: "/proc/self/pagemap" }).user?.("root"), undefined);
});

test("user() and group() take the first line of a name, and no broken one", () => {
  const passwd = write(
    "passwd",
    "root:x:0:0:root:/root:/bin/sh\nha:x:990:991::/:/bin/false\nha:x:1:1::/:/\n" +
      "bad:x:-1:0::/:/\n\n:x:5:5\n",
  );
  const group = write("group", "adm:x:4:ha\nnumberless:x::\nbig:x:4294967296:\n");
  const host = facts({ passwd, group });
  assert.deepEqual(host.user?.("ha"), { uid: 990, gid: 991 });
  assert.equal(host.user?.("bad"), undefined);
  assert.equal(host.user?.(""), undefined);
  assert.equal(host.user?.("constructor"), undefined);
  assert.equal(host.group?.("adm"), 4);
  assert.equal(host.group?.("numberless"), undefined);
  assert.equal(host.group?.("big"), undefined);
});

test("accounts come from regular files of a sensible size only", () => {
  const passwd = write("passwd-large", `ha:x:1:1\n${"#".repeat(fileBytesMax)}`);
  assert.equal(facts({ passwd }).user?.("ha"), undefined);
  assert.equal(facts({ passwd: folder }).user?.("ha"), undefined);
  assert.equal(facts({ passwd: join(folder, "nosuch") }).user?.("ha"), undefined);
});

test("names() reads a table, its folder, and the given directories before the host's", () => {
  mkdirSync(join(folder, "own/rt_tables.d"), { recursive: true });
  mkdirSync(join(folder, "host"));
  write("own/rt_tables", "# comment\n100 small # why\n0x10 sixteen\n x 1\n200\n");
  write("own/rt_tables.d/b.conf", "101 later\n");
  write("own/rt_tables.d/a.conf", "102 later\n");
  write("own/rt_tables.d/ignored", "103 ignored\n");
  write("host/rt_tables", "254 main\n1 small\n4294967296 huge\n");
  const host = facts({ iprouteFolders: [join(folder, "host")] });
  const names = host.names?.("rt_tables", [join(folder, "own"), join(folder, "nosuch")]);
  assert.deepEqual(
    [...(names ?? [])],
    [
      ["small", 100],
      ["sixteen", 16],
      ["later", 102],
      ["main", 254],
    ],
  );
  const same = host.names?.("rt_tables", [join(folder, "own"), join(folder, "nosuch")]);
  assert.equal(same, names);
  assert.deepEqual([...(host.names?.("group", []) ?? [])], []);
});

test("script() finds a file that its user may execute", () => {
  const path = write("run.sh", "#!/bin/sh\n", 0o754);
  chownSync(path, 0, guest.gid);
  const found = { found: true, path, isSetIdRoot: false, insecurePart: undefined };
  assert.deepEqual(inspect(path), { ...found, isExecutable: true });
  assert.deepEqual(inspect(path, guest), { ...found, isExecutable: true });
  assert.deepEqual(inspect(path, { uid: 1, gid: 1 }), { ...found, isExecutable: false });
});

test("script() says why there is nothing to run", () => {
  const plain = write("plain", "", 0o644);
  const foundPlain = inspect(plain);
  assert(foundPlain?.found);
  assert.equal(foundPlain.isExecutable, false);
  assert.deepEqual(inspect(join(folder, "nosuch")), { found: false, detail: "is not there" });
  assert.deepEqual(inspect(join(plain, "x")), {
    found: false,
    detail: `is not there: ${plain} is no directory`,
  });
  const foundFolder = inspect(folder);
  assert(foundFolder?.found);
  assert.equal(foundFolder.isExecutable, false);
  assert.deepEqual(inspect("nosuch"), { found: false, detail: "is not in the PATH" });
  const withNul = inspect("/a\0b");
  assert.equal(withNul?.found, false);
});

test("script() searches the PATH for what the user may execute", () => {
  mkdirSync(join(folder, "bin"));
  const path = write("bin/tool", "#!/bin/sh\n", 0o755);
  write("bin/plain-tool", "#!/bin/sh\n", 0o644);
  const found = inspect("tool");
  assert(found?.found);
  assert.equal(found.path, path);
  assert.equal(inspect("plain-tool")?.found, false);
});

test("script() follows links unless they are to be kept, and not for ever", () => {
  const path = write("real", "#!/bin/sh\n", 0o755);
  mkdirSync(join(folder, "links"));
  symlinkSync("../real", join(folder, "links/here"));
  symlinkSync(join(folder, "links"), join(folder, "linked"));
  const written = join(folder, "linked/./here");
  const resolved = inspect(written);
  assert(resolved?.found);
  assert.equal(resolved.path, path);
  const kept = inspect(written, root, true);
  assert(kept?.found);
  assert.equal(kept.path, join(folder, "linked/here"));
  symlinkSync("loop", join(folder, "loop"));
  assert.deepEqual(inspect(join(folder, "loop")), {
    found: false,
    detail: "is behind too many links",
  });
});

test("script() names the component that others than root can change", () => {
  const open = write("open.sh", "", 0o757);
  assert.equal(insecurePart(open), open);
  const ofGroup = write("group.sh", "", 0o775);
  assert.equal(insecurePart(ofGroup), undefined);
  chownSync(ofGroup, 0, guest.gid);
  assert.equal(insecurePart(ofGroup), ofGroup);
  const foreign = write("foreign.sh", "", 0o755);
  chownSync(foreign, guest.uid, 0);
  assert.equal(insecurePart(foreign), foreign);
  const drop = join(folder, "drop");
  mkdirSync(drop);
  const inDrop = write("drop/run.sh", "", 0o755);
  chmodSync(drop, 0o777);
  assert.equal(insecurePart(inDrop), drop);
  chmodSync(drop, 0o1777);
  assert.equal(insecurePart(inDrop), undefined);
});

test("script() looks at both ends of a link", () => {
  const target = write("target.sh", "", 0o757);
  const link = join(folder, "to-target");
  symlinkSync(target, link);
  assert.equal(insecurePart(link), target);
  chmodSync(target, 0o755);
  assert.equal(insecurePart(link), undefined);
});

test("script() sees who runs as root by a set-id bit, and who cannot get there", () => {
  const setId = write("set-id", "", 0o4755);
  const found = inspect(setId, guest);
  assert(found?.found);
  assert.equal(found.isSetIdRoot, true);
  const closed = join(folder, "closed");
  mkdirSync(closed);
  const inside = write("closed/run.sh", "", 0o755);
  chmodSync(closed, 0o700);
  const unreachable = inspect(inside, guest);
  assert(unreachable?.found);
  assert.equal(unreachable.isExecutable, false);
});

test("readSecret() reads a small file, and says whether others can", () => {
  const read = facts().readSecret;
  const own = write("own.key", "hex:00", 0o400);
  assert.deepEqual(read?.(own), { found: true, bytes: Buffer.from("hex:00"), isExposed: false });
  const open = read?.(write("open.key", "", 0o640));
  assert(open?.found);
  assert.equal(open.isExposed, true);
});

test("readSecret() says why there is no key, without the path", () => {
  const read = facts().readSecret;
  const large = write("large.key", "k".repeat(1025), 0o600);
  const whole = read?.(write("whole.key", "k".repeat(1024), 0o600));
  assert(whole?.found);
  assert.equal(whole.bytes.length, 1024);
  const details: readonly [string, string][] = [
    [large, "is too large for a key"],
    [folder, "is not a regular file"],
    [join(folder, "nosuch"), "is not there"],
    [join(large, "x"), "gives ENOTDIR"],
    ["own.key", "has no absolute path"],
    ["/a\0b", "gives ERR_INVALID_ARG_VALUE"],
  ];
  for (const [path, detail] of details) assert.deepEqual(read?.(path), { found: false, detail });
});
