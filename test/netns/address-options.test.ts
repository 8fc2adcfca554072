// Every option of an address on the kernel of the machine, in a network namespace, iproute2 as the
// witness; and how a failed duplicate address detection is noticed.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { isDuplicate, isTentative } from "@keepalived-ts/netops/netlink/address-codec";
import { RouteMonitor } from "@keepalived-ts/netops/netlink/route-monitor";
import {
  type AddressRequest,
  type InterfaceAddress,
  RouteSocket,
} from "@keepalived-ts/netops/netlink/route-socket";
import type { VirtualAddress } from "@keepalived-ts/shared-config/schema/config-routes";
import { type Step, testInNamespace } from "../lab/steps.js";
import { waitFor } from "../lab/wait.js";

/** What `ip -j -d addr` says of one address. */
type Witness = Readonly<Record<string, unknown>>;

function ip(text: string): string {
  return execFileSync("ip", text.split(" "), { encoding: "utf8" });
}

function shown(address: string): Witness | undefined {
  const links: readonly { addr_info: readonly Witness[] }[] = JSON.parse(ip("-j addr"));
  const found = links.flatMap(({ addr_info }) => addr_info).find(({ local }) => local === address);
  if (found === undefined) return undefined;
  const { label: _label, protocol: _protocol, ...rest } = found;
  return rest;
}

async function withPair(use: (index: number, routes: RouteSocket) => Promise<void>): Promise<void> {
  ip("link add pair0 type veth peer name pair1");
  const routes = RouteSocket.open();
  try {
    ip("link set pair1 up");
    ip("link set pair0 up");
    await use(Number(ip("-o link show dev pair0").split(":")[0]), routes);
  } finally {
    routes.close();
    ip("link del pair0");
  }
}

/** The configuration's own type has the fields of a request. */
function request(interfaceIndex: number, address: VirtualAddress): AddressRequest {
  return { ...address, interfaceIndex, protocol: 18 };
}

function virtual(address: string, prefixLength: number, changes: object = {}): VirtualAddress {
  return { address, prefixLength, device: "pair0", scope: 0, ...changes };
}

const foreverS = 4_294_967_295;
const forever = { valid_life_time: foreverS, preferred_life_time: foreverS };
const inet = { family: "inet", scope: "global" };
const inet6 = { family: "inet6", scope: "global" };

const cases: readonly (readonly [VirtualAddress, Witness])[] = [
  [
    virtual("192.0.2.1", 24, { noPrefixRoute: true, broadcast: "192.0.2.255" }),
    {
      ...inet,
      local: "192.0.2.1",
      prefixlen: 24,
      broadcast: "192.0.2.255",
      noprefixroute: true,
      ...forever,
    },
  ],
  [
    virtual("192.0.2.2", 32, { peer: "198.51.100.1" }),
    { ...inet, local: "192.0.2.2", address: "198.51.100.1", prefixlen: 32, ...forever },
  ],
  [
    virtual("239.1.1.1", 32, { multicastAutoJoin: true }),
    { ...inet, local: "239.1.1.1", prefixlen: 32, autojoin: true, ...forever },
  ],
  [
    virtual("192.0.2.3", 32, { preferredLifetimeS: 0 }),
    {
      ...inet,
      local: "192.0.2.3",
      prefixlen: 32,
      deprecated: true,
      // Of an address that stays for ever the kernel tells no other lifetime, only the flag.
      ...forever,
    },
  ],
  [
    virtual("2001:db8::1", 64, {
      homeAddress: true,
      manageTemporaryAddresses: true,
      noPrefixRoute: true,
    }),
    {
      ...inet6,
      local: "2001:db8::1",
      prefixlen: 64,
      home: true,
      nodad: true,
      mngtmpaddr: true,
      noprefixroute: true,
      ...forever,
    },
  ],
  [
    virtual("2001:db8::2", 128, { peer: "2001:db8::3" }),
    {
      ...inet6,
      local: "2001:db8::2",
      address: "2001:db8::3",
      prefixlen: 128,
      nodad: true,
      ...forever,
    },
  ],
];

const steps: readonly Step[] = [
  {
    name: "addAddresses() sets every option of an address as `ip addr` shows it",
    run: () =>
      withPair(async (index, routes) => {
        const requests = cases.map(([address]) => request(index, address));
        assert.deepEqual(await routes.addAddresses(requests), Array(cases.length).fill(null));
        const all = await routes.addresses();
        for (const [address, witness] of cases) {
          assert.deepEqual(shown(address.address), witness);
          const read = all.find((one) => one.address === address.address);
          assert.equal(read?.peer, address.peer);
          assert.equal(read?.preferredLifetimeS, undefined);
          assert.equal(read?.protocol, 18);
        }
        assert.deepEqual(await routes.deleteAddresses(requests), Array(cases.length).fill(null));
        assert.ok(cases.every(([{ address }]) => shown(address) === undefined));
      }),
  },
  {
    name: "addAddresses() lets an address end with its lifetime",
    run: () =>
      withPair(async (index, routes) => {
        const address = { ...request(index, virtual("192.0.2.9", 32)), validLifetimeS: 300 };
        assert.deepEqual(await routes.addAddresses([address]), [null]);
        const read = (await routes.addresses()).find((one) => one.address === "192.0.2.9");
        const left = read?.validLifetimeS ?? 0;
        assert.ok(left > 200 && left <= 300, `${left} s`);
        assert.equal(read?.preferredLifetimeS, left);
      }),
  },
  {
    name: "RouteMonitor tells of a duplicate address, isDuplicate() and isTentative() know it",
    run: () =>
      withPair(async (index, routes) => {
        const told: InterfaceAddress[] = [];
        const { monitor } = await RouteMonitor.open({
          linkChanged: () => undefined,
          linkRemoved: () => undefined,
          addressAdded: (address) => told.push(address),
          addressRemoved: () => undefined,
          resynchronised: () => undefined,
          failed: (error) => assert.fail(error.message),
        });
        const at = (address: string): InterfaceAddress[] =>
          told.filter((one) => one.interfaceIndex === index && one.address === address);
        try {
          // The other end of the cable has it already.
          ip("addr add 2001:db8::1/64 dev pair1 nodad");
          const detecting = { detectDuplicates: true };
          await routes.addAddresses(
            ["2001:db8::1", "2001:db8::2"].map((address) =>
              request(index, virtual(address, 64, detecting)),
            ),
          );
          await waitFor("the duplicate to be told", () => at("2001:db8::1").some(isDuplicate));
          await waitFor("the other to be usable", () => {
            const last = at("2001:db8::2").at(-1);
            return last !== undefined && !isTentative(last);
          });
          assert.ok(!at("2001:db8::2").some(isDuplicate));
          const read = await routes.addresses();
          const tentative = read.filter(isDuplicate).map((one) => [one.address, isTentative(one)]);
          assert.deepEqual(tentative, [["2001:db8::1", true]]);
          assert.match(ip("-6 addr show dev pair0 dadfailed"), /2001:db8::1/);
        } finally {
          monitor.close();
        }
      }),
  },
];

await testInNamespace(import.meta.url, steps);
