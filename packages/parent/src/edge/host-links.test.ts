// HostLinks against a /proc and a /sys of its own, which agree or do not; readSecret() against real
// files.

import assert from "node:assert/strict";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { type AddressTable, HostLinks } from "./host-links.js";
import { readSecret } from "./host-secret.js";

const folder: string = mkdtempSync(join(tmpdir(), "host-links-"));

after(() => rmSync(folder, { recursive: true }));

const netDevices: string = join(folder, "dev");
writeFileSync(netDevices, "Inter-|  Receive\n face |bytes\n  lo: 1\neth0: 1\n vmac:7\n");

function addLink(netClass: string, name: string, attributes: Record<string, string>): void {
  mkdirSync(join(folder, netClass, name), { recursive: true });
  for (const [attribute, text] of Object.entries(attributes)) {
    writeFileSync(join(folder, netClass, name, attribute), `${text}\n`);
  }
}

const mac = "02:00:00:00:00:01";
const common = { mtu: "1500", flags: "0x1003", type: "1", uevent: "INTERFACE=x" };

addLink("ours", "lo", { ...common, type: "772", flags: "0x9", address: "00:00:00:00:00:00" });
addLink("ours", "eth0", { ...common, address: mac });
addLink("ours", "vmac", { ...common, mtu: "1400", uevent: "DEVTYPE=macvlan\nINTERFACE=vmac" });
writeFileSync(join(folder, "ours/bonding_masters"), "\n");
addLink("others", "lo", common);
addLink("others", "eth1", common);

function addressTable(hardwareAddress: string): AddressTable {
  const shared = { mac: hardwareAddress, internal: false };
  const ipv4 = { ...shared, netmask: "255.255.255.0", family: "IPv4" } as const;
  return {
    eth0: [
      { ...ipv4, address: "192.0.2.1", cidr: "192.0.2.1/24" },
      {
        ...shared,
        ...{ address: "2001:DB8::1", netmask: "ffff::", family: "IPv6", cidr: null, scopeid: 0 },
      },
    ],
    "eth0:ha": [{ ...ipv4, address: "192.0.2.2", cidr: "192.0.2.2/24" }],
    eth01: [{ ...ipv4, address: "192.0.2.3", cidr: "192.0.2.3/24" }],
  };
}

function links(netClass = "ours", hardwareAddress = mac): HostLinks {
  return new HostLinks({
    netDevices,
    netClass: join(folder, netClass),
    addresses: () => addressTable(hardwareAddress),
  });
}

test("addresses() gives those of an interface, labels or not, in canonical text", () => {
  const found = links();
  const expected = { "192.0.2.1": 24, "2001:db8::1": -1, "192.0.2.2": 24 };
  assert.deepEqual(Object.fromEntries(found.addresses("eth0")), expected);
  assert.equal(found.addresses("nosuch").size, 0);
});

test("allAddresses() gives those of every interface", () => {
  const expected = ["192.0.2.1", "2001:db8::1", "192.0.2.2", "192.0.2.3"];
  assert.deepEqual([...links().allAddresses()], expected);
});

test("facts() reads what an interface can do", () => {
  const plain = { mtu: 1500, isMulticast: true, isEthernet: true, isVmac: false };
  assert.deepEqual(links().facts("eth0"), plain);
  assert.deepEqual(links().facts("vmac"), { ...plain, mtu: 1400, isVmac: true });
  assert.deepEqual(links().facts("lo"), { ...plain, isMulticast: false, isEthernet: false });
  assert.equal(links().facts("nosuch"), undefined);
  assert.equal(links().facts("../ours/eth0"), undefined);
});

test("facts() does not believe the /sys of another network namespace", () => {
  assert.equal(links("others").facts("lo"), undefined);
  assert.equal(links("nosuch").facts("lo"), undefined);
  assert.equal(links("ours", "02:00:00:00:00:02").facts("eth0"), undefined);
});

test("readSecret() gives the bytes of a small file and says who else can read it", () => {
  const path = join(folder, "key");
  writeFileSync(path, "secret\n");
  chmodSync(path, 0o600);
  const bytes = Buffer.from("secret\n");
  assert.deepEqual(readSecret(path), { found: true, bytes, isExposed: false });
  chmodSync(path, 0o640);
  assert.deepEqual(readSecret(path), { found: true, bytes, isExposed: true });
  writeFileSync(path, "x".repeat(1025));
  assert.deepEqual(readSecret(path), { found: false, detail: "is too large for a key" });
});

test("readSecret() tells what is wrong without the path", () => {
  assert.deepEqual(readSecret(folder), { found: false, detail: "is not a regular file" });
  assert.deepEqual(readSecret(join(folder, "nosuch")), { found: false, detail: "is not there" });
});
