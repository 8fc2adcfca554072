// RouteSocket and RouteMonitor against the real kernel, in a network namespace, with iproute2 as
// the witness.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  type InterfaceAddress,
  type Link,
  RouteMonitor,
  type RouteMonitorOptions,
} from "@keepalived-ts/netops/netlink/route-monitor";
import { type AddressRequest, RouteSocket } from "@keepalived-ts/netops/netlink/route-socket";
import { ownAdditionFilter } from "@keepalived-ts/vrrp/edge/own-address-filter";
import { type Step, testInNamespace } from "../lab/steps.js";
import { waitFor } from "../lab/wait.js";

const addressProtocol = 18;

/** What `ip -j link` and `ip -j addr` say, as far as it is looked at. */
interface WitnessedLink {
  readonly ifindex: number;
  readonly ifname: string;
  readonly link?: string;
  readonly mtu: number;
  readonly master?: string;
  readonly operstate: string;
  readonly address: string;
  readonly flags: readonly string[];
  readonly linkinfo?: { readonly info_kind?: string };
  readonly addr_info: readonly WitnessedAddress[];
}

interface WitnessedAddress {
  readonly family: string;
  readonly local: string;
  readonly prefixlen: number;
  readonly scope: string;
  readonly label?: string;
  readonly broadcast?: string;
  readonly address?: string;
  readonly noprefixroute?: boolean;
  readonly nodad?: boolean;
  readonly deprecated?: boolean;
}

function ip(...argv: string[]): string {
  return execFileSync("ip", argv, { encoding: "utf8", maxBuffer: 1 << 26 });
}

function batch(lines: readonly string[]): void {
  execFileSync("ip", ["-batch", "-"], { input: `${lines.join("\n")}\n` });
}

function witnessedAddresses(device: string): readonly WitnessedAddress[] {
  const links: readonly WitnessedLink[] = JSON.parse(ip("-j", "addr", "show", "dev", device));
  return links[0]?.addr_info.filter(({ scope }) => scope !== "link") ?? [];
}

/** A veth pair that is up, and the index of its first end; gone when `use` has ended. */
async function withPair(use: (index: number, name: string) => Promise<void>): Promise<void> {
  ip("link", "add", "pair0", "type", "veth", "peer", "name", "pair1");
  try {
    ip("link", "set", "pair1", "up");
    ip("link", "set", "pair0", "up");
    const index = Number(ip("-o", "link", "show", "dev", "pair0").split(":")[0]);
    await use(index, "pair0");
  } finally {
    ip("link", "del", "pair0");
  }
}

async function withRoutes(use: (routes: RouteSocket) => Promise<void>): Promise<void> {
  const routes = RouteSocket.open();
  try {
    await use(routes);
    const { malformed, overruns, timeouts } = routes.counters;
    assert.deepEqual([malformed, overruns, timeouts], [0, 0, 0]);
  } finally {
    routes.close();
  }
}

/** 10.x.y.1/32 for many x and y. */
function manyRequests(interfaceIndex: number, count: number): AddressRequest[] {
  return Array.from({ length: count }, (_, i) => ({
    interfaceIndex,
    address: `10.${i >> 8}.${i & 0xff}.1`,
    prefixLength: 32,
    scope: 0,
    protocol: addressProtocol,
  }));
}

/** A monitor, and the picture of links and addresses that its words add up to. */
class Picture {
  readonly links: Map<number, Link> = new Map();
  readonly addresses: Set<string> = new Set();
  resynchronisations = 0;
  failure: string | undefined;
  monitor: RouteMonitor | undefined;

  async open(options: RouteMonitorOptions = {}): Promise<void> {
    const opened = await RouteMonitor.open(
      {
        linkChanged: (link) => this.links.set(link.index, link),
        linkRemoved: (index) => this.links.delete(index),
        addressAdded: (address) => this.addresses.add(addressText(address)),
        addressRemoved: (address) => this.addresses.delete(addressText(address)),
        resynchronised: (links, addresses) => {
          this.resynchronisations += 1;
          this.#start(links, addresses);
        },
        failed: (error) => {
          this.failure = error.code;
        },
      },
      options,
    );
    this.monitor = opened.monitor;
    this.#start(opened.links, opened.addresses);
  }

  #start(links: readonly Link[], addresses: readonly InterfaceAddress[]): void {
    this.links.clear();
    this.addresses.clear();
    for (const link of links) this.links.set(link.index, link);
    for (const address of addresses) this.addresses.add(addressText(address));
  }
}

function addressText(address: InterfaceAddress): string {
  return `${address.interfaceIndex} ${address.address}/${address.prefixLength}`;
}

async function withPicture(
  options: RouteMonitorOptions,
  use: (picture: Picture) => Promise<void>,
): Promise<void> {
  const picture = new Picture();
  await picture.open(options);
  try {
    await use(picture);
    assert.equal(picture.failure, undefined);
    assert.equal(picture.monitor?.counters.malformed, 0);
  } finally {
    picture.monitor?.close();
  }
}

/** All addresses of the namespace by iproute2, in the form of {@link addressText}. */
function witnessedTexts(): string[] {
  const links: readonly WitnessedLink[] = JSON.parse(ip("-j", "addr"));
  return links
    .flatMap(({ ifindex, addr_info }) =>
      addr_info.map(({ local, prefixlen }) => `${ifindex} ${local}/${prefixlen}`),
    )
    .sort();
}

const socketSteps: readonly Step[] = [
  {
    name: "links() reads what `ip link` shows",
    run: () =>
      withPair(() =>
        withRoutes(async (routes) => {
          ip("link", "add", "bridge0", "type", "bridge");
          ip("link", "set", "pair1", "master", "bridge0");
          ip("link", "add", "link", "pair0", "name", "mac0", "type", "macvlan");
          ip("link", "set", "pair1", "mtu", "1400");
          const witnessed: readonly WitnessedLink[] = JSON.parse(ip("-j", "-d", "link"));
          const links = await routes.links();
          const names = new Map(links.map(({ index, name }) => [index, name]));
          const ours = links.map((link) => ({
            ifindex: link.index,
            ifname: link.name,
            link: names.get(link.parentIndex ?? 0),
            mtu: link.mtu,
            master: names.get(link.masterIndex ?? 0),
            address: link.hardwareAddress,
            kind: link.kind ?? undefined,
            isUp: link.isUp,
            hasArp: link.hasArp,
            hasMulticast: link.hasMulticast,
          }));
          const theirs = witnessed.map((link) => ({
            ifindex: link.ifindex,
            ifname: link.ifname,
            link: link.link,
            mtu: link.mtu,
            master: link.master,
            address: link.address,
            kind: link.linkinfo?.info_kind,
            isUp: link.flags.includes("UP"),
            hasArp: !link.flags.includes("NOARP"),
            hasMulticast: link.flags.includes("MULTICAST"),
          }));
          assert.deepEqual(ours, theirs);
          assert.ok(ours.length >= 5);
          ip("link", "del", "mac0");
          ip("link", "del", "bridge0");
        }),
      ),
  },
  {
    name: "isRunning follows the carrier",
    run: () =>
      withPair((index) =>
        withRoutes(async (routes) => {
          const find = async (): Promise<Link | undefined> =>
            (await routes.links()).find((link) => link.index === index);
          assert.deepEqual([(await find())?.isUp, (await find())?.isRunning], [true, true]);
          ip("link", "set", "pair1", "down");
          await waitFor("the carrier to go", async () => (await find())?.isRunning === false);
          assert.equal((await find())?.isUp, true);
        }),
      ),
  },
  {
    name: "addAddresses() sets label, broadcast, peer, protocol and flags as `ip addr` shows them",
    run: () =>
      withPair((interfaceIndex, name) =>
        withRoutes(async (routes) => {
          const base = { interfaceIndex, scope: 0, prefixLength: 24, protocol: addressProtocol };
          const results = await routes.addAddresses([
            { ...base, address: "192.0.2.1", label: "pair0:vip", broadcast: "192.0.2.255" },
            { ...base, address: "192.0.2.2", noPrefixRoute: true },
            { ...base, address: "192.0.2.3", prefixLength: 32, scope: 254 },
            { ...base, address: "192.0.2.4", prefixLength: 32, peer: "198.51.100.1" },
            { ...base, address: "2001:db8::1", prefixLength: 64 },
            { ...base, address: "2001:db8::2", prefixLength: 128, preferredLifetimeS: 0 },
          ]);
          assert.deepEqual(results, Array(6).fill(null));
          const seen = new Map(witnessedAddresses(name).map((one) => [one.local, one]));
          assert.deepEqual(
            [seen.get("192.0.2.1")?.label, seen.get("192.0.2.1")?.broadcast],
            ["pair0:vip", "192.0.2.255"],
          );
          assert.equal(seen.get("192.0.2.1")?.prefixlen, 24);
          assert.equal(seen.get("192.0.2.2")?.noprefixroute, true);
          assert.equal(seen.get("192.0.2.3")?.scope, "host");
          assert.equal(seen.get("192.0.2.4")?.address, "198.51.100.1");
          assert.equal(seen.get("2001:db8::1")?.nodad, true);
          assert.equal(seen.get("2001:db8::2")?.deprecated, true);
          assert.match(ip("route", "show", "table", "all"), /192\.0\.2\.0\/24 dev pair0/);
        }),
      ),
  },
  {
    name: "addresses() reads back all that addAddresses() wrote",
    run: () =>
      withPair((interfaceIndex) =>
        withRoutes(async (routes) => {
          const request: AddressRequest = {
            interfaceIndex,
            address: "192.0.2.1",
            prefixLength: 24,
            scope: 0,
            label: "pair0:vip",
            broadcast: "192.0.2.255",
            protocol: addressProtocol,
          };
          await routes.addAddresses([request]);
          const all = await routes.addresses();
          const { flags, ...rest } = all.find(({ label }) => label === "pair0:vip") ?? {};
          assert.deepEqual(rest, { ...request, family: 4 });
          assert.equal(flags, 0x80); // IFA_F_PERMANENT
          assert.deepEqual(all.map(addressText).sort(), witnessedTexts());
        }),
      ),
  },
  {
    name: "addAddresses() and deleteAddresses() give each request its own result",
    run: () =>
      withPair((interfaceIndex, name) =>
        withRoutes(async (routes) => {
          const [first, second, third] = manyRequests(interfaceIndex, 3);
          assert.ok(first && second && third);
          const nowhere = { ...second, interfaceIndex: 9999 };
          const bad = { ...second, prefixLength: 33 };
          assert.deepEqual(await routes.addAddresses([first, first, nowhere, bad, third]), [
            null,
            "EEXIST",
            "ENODEV",
            "EINVAL",
            null,
          ]);
          assert.equal(witnessedAddresses(name).length, 2);
          assert.deepEqual(await routes.deleteAddresses([first, second, third]), [
            null,
            "EADDRNOTAVAIL",
            null,
          ]);
          assert.equal(witnessedAddresses(name).length, 0);
        }),
      ),
  },
  {
    name: "addAddresses() puts 2,000 addresses in place and tells of each batch in order",
    run: () =>
      withPair((interfaceIndex, name) =>
        withRoutes(async (routes) => {
          const requests = manyRequests(interfaceIndex, 2000);
          const told: number[] = [];
          const results = await routes.addAddresses(requests, (first, some) => {
            assert.equal(first, told.length);
            told.push(...some.map((_, i) => first + i));
          });
          assert.ok(results.every((one) => one === null));
          assert.equal(told.length, 2000);
          assert.equal(witnessedAddresses(name).length, 2000);
          assert.equal((await routes.addresses()).length, witnessedTexts().length);
          assert.ok((await routes.deleteAddresses(requests)).every((one) => one === null));
          assert.equal(witnessedAddresses(name).length, 0);
        }),
      ),
  },
  {
    name: "close() settles a change that is under way",
    run: () =>
      withPair(async (interfaceIndex) => {
        const routes = RouteSocket.open();
        const results = routes.addAddresses(manyRequests(interfaceIndex, 200));
        routes.close();
        assert.deepEqual(new Set(await results), new Set(["ECANCELED"]));
      }),
  },
];

const monitorSteps: readonly Step[] = [
  {
    name: "RouteMonitor tells of links and addresses that come, change and go",
    run: () =>
      withPicture({}, async (picture) => {
        ip("link", "add", "dev0", "type", "veth", "peer", "name", "dev1");
        const find = (): Link | undefined =>
          [...picture.links.values()].find(({ name }) => name === "dev0");
        await waitFor("the new link", () => find()?.isUp === false);
        ip("link", "set", "dev0", "up");
        ip("link", "set", "dev1", "up");
        await waitFor("the carrier", () => find()?.isRunning === true);
        ip("addr", "add", "192.0.2.1/24", "dev", "dev0");
        ip("addr", "add", "2001:db8::1/64", "dev", "dev0", "nodad");
        await waitFor("both addresses", () => {
          const all = [...picture.addresses].join(" ");
          return all.includes("192.0.2.1/24") && all.includes("2001:db8::1/64");
        });
        ip("link", "add", "bridge0", "type", "bridge");
        ip("link", "set", "dev0", "master", "bridge0");
        await waitFor("the bridge", () => (find()?.masterIndex ?? null) !== null);
        ip("link", "set", "dev0", "nomaster");
        await waitFor("the bridge to lose its port", () => find()?.masterIndex === null);
        ip("link", "del", "bridge0");
        ip("link", "del", "dev0");
        await waitFor("the link to go", () => find() === undefined);
        await waitFor(
          "its addresses to go",
          () => !/192\.0\.2\.1/.test([...picture.addresses].join()),
        );
        assert.equal(picture.resynchronisations, 0);
      }),
  },
  {
    name: "RouteMonitor loses nothing of what happens while it opens",
    run: () =>
      withPair(async (interfaceIndex) => {
        const routes = RouteSocket.open();
        const requests = manyRequests(interfaceIndex, 500);
        const picture = new Picture();
        const added = routes.addAddresses(requests);
        await picture.open();
        await added;
        await routes.deleteAddresses(requests.slice(0, 100));
        const wanted = witnessedTexts();
        await waitFor("the picture to be true", () => picture.addresses.size === wanted.length);
        assert.deepEqual([...picture.addresses].sort(), wanted);
        picture.monitor?.close();
        routes.close();
      }),
  },
  {
    name: "RouteMonitor keeps up with 2,000 addresses that the same process sets",
    run: () =>
      withPair((interfaceIndex) =>
        withPicture({}, async (picture) => {
          const routes = RouteSocket.open();
          await routes.addAddresses(manyRequests(interfaceIndex, 2000));
          const wanted = witnessedTexts();
          await waitFor("all addresses", () => picture.addresses.size === wanted.length);
          assert.deepEqual([...picture.addresses].sort(), wanted);
          assert.equal(picture.monitor?.counters.overruns, 0);
          routes.close();
        }),
      ),
  },
  {
    name: "RouteMonitor hears with a filter of what is removed, not of what the process adds",
    run: () =>
      withPair((interfaceIndex, name) =>
        withPicture({ filter: ownAdditionFilter }, async (picture) => {
          const before = [...picture.addresses].sort();
          const routes = RouteSocket.open();
          const [foreign, ...own] = manyRequests(interfaceIndex, 100);
          assert.ok(foreign !== undefined);
          await routes.addAddresses(own);
          ip("addr", "add", `${foreign.address}/32`, "dev", name);
          await waitFor(
            "the address of somebody else",
            () => picture.addresses.size > before.length,
          );
          const other = `${interfaceIndex} ${foreign.address}/32`;
          assert.deepEqual([...picture.addresses].sort(), [...before, other].sort());
          for (const text of witnessedTexts()) picture.addresses.add(text);
          await routes.deleteAddresses([foreign, ...own]);
          await waitFor("all of them to go", () => picture.addresses.size === before.length);
          routes.close();
        }),
      ),
  },
  {
    name: "RouteMonitor resynchronises after ENOBUFS and hears what comes then",
    run: () =>
      withPair((_index, name) =>
        withPicture({ receiveBufferBytes: 4096 }, async (picture) => {
          const all = Array.from({ length: 3000 }, (_, i) => `10.${i >> 8}.${i & 0xff}.1/32`);
          // The loop is blocked meanwhile, so the small buffer must overflow.
          batch(all.map((address) => `addr add ${address} dev ${name}`));
          batch(all.slice(0, 1000).map((address) => `addr del ${address} dev ${name}`));
          const wanted = witnessedTexts();
          await waitFor("the resynchronisation", () => picture.resynchronisations > 0);
          assert.deepEqual([...picture.addresses].sort(), wanted);
          assert.ok((picture.monitor?.counters.overruns ?? 0) > 0);
          ip("addr", "add", "192.0.2.77/32", "dev", name);
          await waitFor("the address that came after", () =>
            [...picture.addresses].some((text) => text.endsWith("192.0.2.77/32")),
          );
        }),
      ),
  },
];

await testInNamespace(import.meta.url, [...socketSteps, ...monitorSteps]);
