// NftablesClient and keepalived's layout against the real kernel, in a network namespace, with
// nft(8) and Debian's keepalived as the witnesses.

import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import {
  addressChanges,
  type BlockedAddress,
  type LayoutOptions,
  layoutChanges,
  layoutSets,
  removalChanges,
  type VirtualMacLink,
  virtualMacChanges,
} from "@keepalived-ts/netops/firewall/keepalived-layout";
import {
  encodeChanges,
  type FirewallChange,
  NftablesClient,
  type SetRequest,
} from "@keepalived-ts/netops/firewall/nftables-client";
import { DEBIAN_KEEPALIVED } from "../lab/daemon.js";
import { comparableRuleset } from "../lab/ruleset.js";
import { type Step, testInNamespace } from "../lab/steps.js";
import { waitFor } from "../lab/wait.js";

const all: LayoutOptions = {
  interfacesBy: "index",
  reports: "move",
  hasAddresses: true,
  hasVirtualMacs: true,
};

function nft(...argv: string[]): string {
  return execFileSync("nft", argv, { encoding: "utf8" });
}

function ruleset(): readonly string[] {
  return comparableRuleset(nft("-j", "list", "ruleset"));
}

async function withClient(use: (client: NftablesClient) => Promise<void>): Promise<void> {
  const client = NftablesClient.open();
  try {
    await use(client);
    const { malformed, overruns, timeouts, stale } = client.counters;
    assert.deepEqual([malformed, overruns, timeouts, stale], [0, 0, 0, 0]);
  } finally {
    client.close();
    nft("flush", "ruleset");
  }
}

async function accepted(client: NftablesClient, ...changes: FirewallChange[]): Promise<void> {
  assert.deepEqual(await client.apply(changes), { ok: true });
}

function linkIndex(name: string): number {
  const line = execFileSync("ip", ["-o", "link", "show", "dev", name], { encoding: "utf8" });
  return Number(line.split(":")[0]);
}

function ip(words: string): void {
  execFileSync("ip", words.split(" "));
}

const configuration = `
global_defs {
  router_id lab
}
${[
  ["A", 51, "192.0.2.1/24\n192.0.2.2/24"],
  ["B", 52, "fe80::1:2\n2001:db8::1/64"],
]
  .map(
    ([name, id, addresses]) => `
vrrp_instance ${name} {
  interface pair0
  state MASTER
  virtual_router_id ${id}
  priority 200
  advert_int 0.1
  version 3
  use_vmac
  no_accept
  virtual_ipaddress {
${addresses}
  }
}`,
  )
  .join("\n")}
`;

/** What Debian's keepalived makes of {@link configuration} as MASTER. */
async function keepalivedRuleset(): Promise<readonly string[]> {
  const folder = mkdtempSync(`${tmpdir()}/keepalived-ts-firewall-`);
  writeFileSync(`${folder}/keepalived.conf`, configuration);
  // Its pid files go where nobody sees them; should this process die, it ends by itself.
  const shell = 'mount -t tmpfs lab /run && exec timeout 60 "$0" -n -l -G -f "$1"';
  const words = ["--mount", "sh", "-c", shell, DEBIAN_KEEPALIVED, `${folder}/keepalived.conf`];
  const daemon = spawn("unshare", words, { stdio: "ignore" });
  try {
    const hasAll = (): boolean => {
      const text = ruleset().join("\n");
      return ["192.0.2.2", "2001:db8::1", "fe80::1:2", "vmac_set"].every((it) => text.includes(it));
    };
    await waitFor("keepalived to block its addresses", hasAll, 20_000);
    return ruleset();
  } finally {
    daemon.kill("SIGTERM");
    await once(daemon, "exit");
    rmSync(folder, { recursive: true });
  }
}

const steps: readonly Step[] = [
  {
    name: "the layout is that of keepalived 2.2.7, rule by rule, as nft lists it",
    run: async () => {
      ip("link set lo up");
      ip("link add pair1 type veth peer name pair0");
      ip("addr add 192.0.2.100/24 dev pair0");
      for (const name of ["pair0", "pair1"]) ip(`link set ${name} up`);
      const expected = await keepalivedRuleset();
      nft("flush", "ruleset");
      const parentIndex = linkIndex("pair0");
      for (const id of [51, 52]) ip(`link add vrrp.${id} link pair0 type macvlan mode private`);
      const links = [51, 52].map((id): VirtualMacLink => {
        const index = linkIndex(`vrrp.${id}`);
        return { index, parentIndex, families: [id === 51 ? "ip" : "ip6"] };
      });
      const addresses: readonly BlockedAddress[] = [
        { address: "192.0.2.1" },
        { address: "192.0.2.2" },
        { address: "2001:db8::1" },
        { address: "fe80::1:2", interfaceIndex: linkIndex("vrrp.52") },
      ];
      await withClient(async (client) => {
        await accepted(
          client,
          ...layoutChanges(all),
          ...virtualMacChanges("addElements", links, "move"),
          ...addressChanges("addElements", addresses, "index"),
        );
        assert.deepEqual(ruleset(), expected);
      });
    },
  },
  {
    name: "layouts of all options are what nft makes of what it lists, and are listed by us",
    run: () =>
      withClient(async (client) => {
        const flags = [true, false];
        for (const interfacesBy of ["index", "name"] as const) {
          for (const reports of ["move", "drop"] as const) {
            for (const hasAddresses of flags) {
              for (const hasVirtualMacs of flags) {
                const options = { interfacesBy, reports, hasAddresses, hasVirtualMacs };
                await accepted(client, ...removalChanges(), ...layoutChanges(options));
                await sameAsText();
                for (const set of layoutSets(options)) {
                  const there = await client.sets(set.table);
                  assert.ok(there.ok && there.value.some(({ name }) => name === set.name));
                }
              }
            }
          }
        }
      }),
  },
  {
    name: "elements come and go in batches, and are read back",
    run: () =>
      withClient(async (client) => {
        await accepted(client, ...layoutChanges({ ...all, interfacesBy: "name" }));
        const many: readonly BlockedAddress[] = Array.from({ length: 3_000 }, (_, i) => ({
          address: `${i % 2 === 0 ? "10" : "172"}.${i >> 8}.${i & 255}.1`,
        }));
        const local = { address: "fe80::9", interfaceName: "eth0.7" };
        const wanted = [...many, local, { address: "2001:db8::7" }];
        const additions = encodeChanges(addressChanges("addElements", wanted, "name"));
        for (let i = 0; i < 2; i++) {
          assert.deepEqual(await client.applyEncoded(additions), { ok: true });
        }
        assert.match(nft("list", "ruleset"), /fe80::9 \. "eth0\.7"/);
        const lengths = await Promise.all(
          layoutSets({ ...all, interfacesBy: "name" }).map(async (set) => [
            `${set.table.family} ${set.name}`,
            await countOf(client, set),
          ]),
        );
        assert.deepEqual(Object.fromEntries(lengths), {
          "ip vmac_map": 0,
          "ip vips": 3_000,
          "ip6 vmac_map": 0,
          "ip6 vmac_set": 0,
          "ip6 vips": 1,
          "ip6 neighbor-discovery": 2,
          "ip6 vips_link_local": 1,
        });
        await accepted(client, ...addressChanges("deleteElements", wanted, "name"));
        assert.doesNotMatch(nft("list", "ruleset"), /eth0\.7|10\.0\.0\.1|2001:db8::7/);
      }),
  },
  {
    name: "a refused change leaves everything as it was, and is named",
    run: () =>
      withClient(async (client) => {
        await accepted(client, ...layoutChanges(all));
        const before = ruleset();
        const none: FirewallChange = {
          type: "deleteTable",
          table: { family: "inet", name: "none" },
        };
        const outcome = await client.apply([
          ...addressChanges("addElements", [{ address: "192.0.2.7" }], "index"),
          none,
          ...addressChanges("deleteElements", [{ address: "192.0.2.9" }], "index"),
        ]);
        assert.deepEqual(outcome, {
          ok: false,
          errno: "ENOENT",
          refusals: [
            { change: 1, errno: "ENOENT" },
            { change: 2, errno: "ENOENT" },
          ],
        });
        assert.deepEqual(ruleset(), before);
        const table = { family: "ip", name: "nothing" } as const;
        assert.deepEqual(await client.sets(table), { ok: false, errno: "ENOENT" });
      }),
  },
  {
    name: "without CAP_NET_ADMIN everything is refused at once",
    run: () => {
      const script = `
        import { NftablesClient } from "@keepalived-ts/netops/firewall/nftables-client";
        const client = NftablesClient.open();
        const table = { family: "ip", name: "t" };
        console.log(JSON.stringify(await client.apply([{ type: "addTable", table }])));
        client.close();`;
      const argv = ["--bounding-set=-net_admin", "--inh-caps=-net_admin", process.execPath];
      const output = execFileSync("setpriv", [...argv, "--input-type=module", "-e", script], {
        cwd: new URL(".", import.meta.url),
        encoding: "utf8",
      });
      assert.deepEqual(JSON.parse(output), { ok: false, errno: "EPERM", refusals: [] });
    },
  },
  {
    name: "a blocked address is not to be reached, one that is free again is",
    run: () =>
      withClient(async (client) => {
        ip("link set lo up");
        ip("addr add 198.51.100.1/32 dev lo");
        ip("addr add 2001:db8:1::1/128 dev lo nodad");
        const addresses = ["198.51.100.1", "2001:db8:1::1"];
        const blocked = addresses.map((address) => ({ address }));
        await accepted(client, ...layoutChanges({ ...all, hasVirtualMacs: false }));
        const free = { isReached: true, sends: true };
        for (const address of addresses) assert.deepEqual(await useOf(address), free);
        await accepted(client, ...addressChanges("addElements", blocked, "index"));
        const none = { isReached: false, sends: false };
        for (const address of addresses) assert.deepEqual(await useOf(address), none);
        await accepted(client, ...addressChanges("deleteElements", blocked, "index"));
        for (const address of addresses) assert.deepEqual(await useOf(address), free);
      }),
  },
  {
    name: "reports of a virtual MAC go by its parent, solicitations do not go at all",
    run: () =>
      withClient(async (client) => {
        const parentIndex = linkIndex("pair0");
        const free = await heardOf(() => Promise.resolve());
        const kinds = ["IGMP", "MLD", "RS"];
        assert.deepEqual(
          free,
          kinds.map((kind) => `${kind} by ${virtualMac}`),
        );
        const moved = await heardOf(async (index) => {
          const link = { index, parentIndex, families: ["ip", "ip6"] } as const;
          await accepted(
            client,
            ...layoutChanges({ ...all, hasAddresses: false }),
            ...virtualMacChanges("addElements", [link], "move"),
          );
        });
        const parentMac = hardwareAddress("pair0");
        assert.deepEqual(moved, [`IGMP by ${parentMac}`, `MLD by ${parentMac}`]);
      }),
  },
  {
    name: "anonymous sets, inverted look-ups, counters and every table family are taken",
    run: () =>
      withClient(async (client) => {
        const table = { family: "inet", name: "other" } as const;
        const set: SetRequest = {
          table,
          name: "__set%d",
          id: 1,
          keyTypes: ["ifname"],
          isAnonymous: true,
          isConstant: true,
        };
        const base = { hook: "input", priority: 5, policy: "drop" } as const;
        await accepted(
          client,
          { type: "addTable", table },
          { type: "addChain", chain: { table, name: "c", base } },
          { type: "addSet", set },
          { type: "addElements", set, elements: [{ key: ["lo"] }, { key: ["eth0.7"] }] },
          {
            type: "addRule",
            rule: {
              table,
              chain: "c",
              expressions: [
                { type: "meta", key: "iifname", to: 1 },
                { type: "lookup", set, from: 1, isInverted: true },
                { type: "counter" },
                { type: "verdict", verdict: { type: "return" } },
              ],
            },
          },
        );
        const text = nft("list", "ruleset");
        assert.match(text, /type filter hook input priority filter \+ 5; policy drop;/);
        assert.match(text, /iifname != \{ "lo", "eth0\.7" \} counter packets 0 bytes 0 return/);
        assert.deepEqual(await client.tables(), { ok: true, value: [table] });
        await sameAsText();
        await accepted(client, ...removalChanges());
        assert.deepEqual(await client.tables(), { ok: true, value: [table] });
      }),
  },
];

const virtualMac = "00:00:5e:00:01:3d";

function hardwareAddress(name: string): string {
  const line = execFileSync("ip", ["-o", "link", "show", "dev", name], { encoding: "utf8" });
  return /link\/ether (\S+)/.exec(line)?.[1] ?? "";
}

/**
 * A virtual MAC over `pair0` comes up and joins a group of each family: what of its doings is heard
 * at `pair1`, and from which hardware address.
 */
async function heardOf(prepare: (index: number) => Promise<void>): Promise<readonly string[]> {
  ip(`link add vrrp.61 link pair0 address ${virtualMac} type macvlan mode private`);
  const argv = ["-i", "pair1", "-Qin", "-envlU", "igmp or ip6"];
  const capture = spawn("tcpdump", argv, { stdio: ["ignore", "pipe", "pipe"] });
  const sockets = [createSocket("udp4"), createSocket("udp6")] as const;
  let output = "";
  capture.stdout.on("data", (data: Buffer) => {
    output += data.toString();
  });
  const heard = (): string[] =>
    [...new Set(output.replaceAll(/\n\s+/g, " ").split("\n").flatMap(reportOf))].sort();
  try {
    await once(capture.stderr, "data");
    await prepare(linkIndex("vrrp.61"));
    ip("link set vrrp.61 up");
    ip("addr add 192.0.2.61/24 dev vrrp.61");
    for (const socket of sockets) socket.bind(0);
    await Promise.all(sockets.map((socket) => once(socket, "listening")));
    sockets[0].addMembership("224.0.0.18", "192.0.2.61");
    sockets[1].addMembership("ff02::12", "::%vrrp.61");
    const hasBoth = (): boolean => ["IGMP", "MLD"].every((kind) => heard().join().includes(kind));
    await waitFor("reports of both families", hasBoth);
    // Routers are solicited as soon as the link-local address is known to be nobody else's; what
    // is sent after that comes after that.
    await waitFor("a link-local address", () => !isTentative("vrrp.61"));
    ip("addr add 2001:db8::61/64 dev vrrp.61");
    await waitFor("a later word", () => output.includes("who has 2001:db8::61"));
    return heard();
  } finally {
    for (const socket of sockets) socket.close();
    capture.kill("SIGTERM");
    await once(capture, "exit");
    ip("link del vrrp.61");
  }
}

function isTentative(name: string): boolean {
  const text = execFileSync("ip", ["-6", "addr", "show", "dev", name], { encoding: "utf8" });
  return !text.includes("scope link") || text.includes("tentative");
}

/** From a line of tcpdump, what it is about and by which hardware address. */
function reportOf(line: string): readonly string[] {
  const kinds = {
    "gaddr 224.0.0.18": "IGMP",
    "gaddr ff02::12": "MLD",
    "router solicitation": "RS",
  };
  const sender = / ((?:[0-9a-f]{2}:){5}[0-9a-f]{2}) > /.exec(line)?.[1];
  return Object.entries(kinds).flatMap(([word, kind]) => {
    // The parent solicits for itself.
    const isOurs = kind !== "RS" || sender === virtualMac;
    return isOurs && line.includes(word) ? [`${kind} by ${sender}`] : [];
  });
}

/** What an address of `lo` is good for: whether datagrams get to it, and from it. */
async function useOf(address: string): Promise<{ isReached: boolean; sends: boolean }> {
  const [type, loopback] = address.includes(":")
    ? (["udp6", "::1"] as const)
    : (["udp4", "127.0.0.1"] as const);
  const receiver = createSocket(type);
  const sender = createSocket(type);
  const owner = createSocket(type);
  try {
    receiver.bind(0);
    sender.bind(0, loopback);
    owner.bind(0, address);
    await Promise.all([receiver, sender, owner].map((socket) => once(socket, "listening")));
    const { port } = receiver.address();
    const texts: string[] = [];
    const end = new Promise<void>((resolve) => {
      receiver.on("message", (data) => {
        texts.push(data.toString());
        if (texts.at(-1) === "end") resolve();
      });
    });
    const send = (from: Socket, text: string, to: string): Promise<boolean> =>
      new Promise((resolve) => from.send(text, port, to, (error) => resolve(error === null)));
    await send(sender, "to it", address);
    const sends = await send(owner, "from it", loopback);
    // What goes by `lo` arrives in order.
    await send(sender, "end", loopback);
    await end;
    assert.equal(texts.includes("from it"), sends);
    return { isReached: texts.includes("to it"), sends };
  } finally {
    for (const socket of [receiver, sender, owner]) socket.close();
  }
}

/** What we have made, listed, emptied and read again by nft, is listed as before. */
function sameAsText(): Promise<void> {
  const before = ruleset();
  execFileSync("nft", ["-f", "-"], { input: `flush ruleset\n${nft("list", "ruleset")}` });
  assert.deepEqual(ruleset(), before);
  return Promise.resolve();
}

async function countOf(client: NftablesClient, set: SetRequest): Promise<number> {
  const elements = await client.elements(set);
  assert.ok(elements.ok);
  return elements.value.length;
}

await testInNamespace(import.meta.url, steps);
