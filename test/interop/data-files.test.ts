// What monitoring reads of a running daemon: data, statistics and JSON files, asked for by
// keepalived's signals. The same configuration is run by Debian's keepalived and by ours, apart
// from each other; their files must say the same line by line, key by key.

import assert from "node:assert/strict";
import { readFileSync, rmSync, statSync } from "node:fs";
import { type TestContext, test } from "node:test";
import { type Daemon, runDebianKeepalived, runKeepalivedTs } from "../lab/daemon.js";
import { createLab, type Lab } from "../lab/lab.js";
import { waitFor } from "../lab/wait.js";

const CONFIG = `global_defs {
  router_id R1
  script_user root
  enable_script_security
  smtp_server 192.0.2.250
  notification_email {
    admin@example.org
  }
  vrrp_garp_master_refresh 60
}
vrrp_script good {
  script "/usr/bin/true -x"
  interval 1
  weight 10
  timeout 3
}
vrrp_script bad {
  script /usr/bin/false
  interval 1
  timeout 2
  weight -5
}
track_file level {
  file /tmp/level
  weight 1
  init_file 3
}
vrrp_sync_group PAIR {
  group {
    FOUR
    SIX
  }
}
vrrp_instance FOUR {
  interface eth0
  virtual_router_id 51
  priority 100
  advert_int 1
  authentication {
    auth_type PASS
    auth_pass 1234
  }
  virtual_ipaddress {
    192.0.2.100/24 dev eth0 label eth0:v
    192.0.2.101
  }
  virtual_ipaddress_excluded {
    198.51.100.1/32
  }
  notify_master "/usr/bin/true hi"
  notify_deleted
}
vrrp_instance SIX {
  version 3
  interface eth0
  virtual_router_id 53
  virtual_ipaddress {
    fe80::53
    2001:db8::53/64
  }
}
vrrp_instance UNI {
  version 3
  interface eth0
  virtual_router_id 54
  advert_int 0.5
  nopreempt
  preempt_delay 9
  garp_master_refresh 10
  unicast_src_ip 192.0.2.1
  unicast_peer {
    192.0.2.200
  }
  virtual_ipaddress {
    192.0.2.102
  }
  track_script {
    good
    bad
  }
  track_file {
    level weight 2
  }
}
`;

/** What two runs cannot have in common, and what ours has no use for: docs/internals/data-files. */
const UNCOMPARED_KEYS = [
  ...["Last transition", "Read timeout", "Using src_ip", "fd_in", "Password", "Result", "Insecure"],
  ...["Init state", "VRRP instances", "Multicast address", "libnftnl version"],
  ...["DBus service name", "Default script uid:gid"],
];
const UNCOMPARED = new RegExp(`^ +(${UNCOMPARED_KEYS.join("|")})\\b`);
const UNCOMPARED_SECTIONS = ["VRRP Sockpool", "Interfaces"];

interface Files {
  readonly data: string;
  readonly parent: string;
  readonly statistics: string;
  readonly json: string;
}

async function readFiles(lab: Lab, name: string, run: typeof runKeepalivedTs): Promise<Files> {
  const segment = await lab.addSegment(name);
  const host = await lab.addHost(name, { segment, address: "192.0.2.1/24" });
  const daemon = run(host, CONFIG, ["-n", "-l", "-G", "-D", "-P"]);
  for (const instance of ["FOUR", "SIX", "UNI"]) {
    await daemon.waitForLog(new RegExp(`\\(${instance}\\) Entering MASTER STATE`), 20_000);
  }
  await daemon.waitForLog(/VRRP_Script\(bad\) failed/);
  const read = (signal: number, file: string): Promise<string> => ask(daemon, signal, file);
  const files = {
    data: await read(10, "keepalived.data"),
    parent: await read(10, "keepalived_parent.data"),
    statistics: await read(12, "keepalived.stats"),
    json: await read(36, "keepalived.json"),
  };
  for (const file of ["data", "stats", "json"]) {
    const { mode } = statSync(daemon.path(`/tmp/keepalived.${file}`));
    assert.equal(mode & 0o777, 0o600, `${name}: mode of keepalived.${file}`);
  }
  await daemon.stop();
  return files;
}

/** Sends a signal and reads the file that it leads to once it does not grow any more. */
async function ask(daemon: Daemon, signal: number, file: string): Promise<string> {
  const path = daemon.path(`/tmp/${file}`);
  rmSync(path, { force: true });
  daemon.signal(signal);
  let former = "";
  return await waitFor(file, () => {
    const text = readIfThere(path);
    const isDone = text !== "" && text === former;
    former = text;
    return isDone ? text : null;
  });
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

function comparable(text: string): string[] {
  let isWanted = true;
  return text.split("\n").filter((line) => {
    const title = /^-+< (.*) >-+$/.exec(line)?.[1];
    if (title !== undefined) isWanted = !UNCOMPARED_SECTIONS.includes(title);
    return isWanted && line !== "" && !UNCOMPARED.test(line);
  });
}

/** Counters that time decides are only known to be there. */
function withoutTime(text: string): string {
  return text.replace(/(Sent|Received): \d+/g, "$1: n");
}

async function bothFiles(t: TestContext): Promise<readonly [Files, Files]> {
  const lab = await createLab("data-files");
  t.after(() => lab.close());
  return await Promise.all([
    readFiles(lab, "theirs", runDebianKeepalived),
    readFiles(lab, "ours", runKeepalivedTs),
  ]);
}

test("data, statistics and JSON files say what keepalived's say", async (t) => {
  const [theirs, ours] = await bothFiles(t);
  assert.deepEqual(comparable(ours.data), comparable(theirs.data));
  const globals = ({ parent }: Files): string[] => comparable(parent).slice(0, 12);
  assert.deepEqual(globals(ours), globals(theirs));
  assert.equal(withoutTime(ours.statistics), withoutTime(theirs.statistics));
  compareJson(JSON.parse(ours.json), JSON.parse(theirs.json));
  assert.doesNotMatch(ours.data + ours.json, /1234/, "a password is not shown");
});

type Shown = { readonly data: Record<string, unknown>; readonly stats: Record<string, unknown> };

/** The same keys in the same order; the same values, but for times, counters and the password. */
function compareJson(ours: readonly Shown[], theirs: readonly Shown[]): void {
  assert.equal(ours.length, theirs.length);
  for (const [index, their] of theirs.entries()) {
    const our = ours[index];
    assert.ok(our);
    const { auth_data: _password, ...data } = their.data;
    assert.deepEqual(Object.keys(our.data), Object.keys(data));
    assert.deepEqual(Object.keys(our.stats), Object.keys(their.stats));
    const steady = { last_transition: 0 };
    assert.deepEqual({ ...our.data, ...steady }, { ...data, ...steady });
    const spread = Math.abs(Number(our.data["last_transition"]) - Number(data["last_transition"]));
    assert.ok(spread < 60, "both became MASTER in the same minute");
  }
}
