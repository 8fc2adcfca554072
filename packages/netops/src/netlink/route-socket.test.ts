// Batches, their results and the reading of tables, without a kernel; with one in test/netns.

import assert from "node:assert/strict";
import { test } from "node:test";
import { NLMSG_DONE, RTM_NEWADDR } from "../constants/netlink.js";
import { hop, route, rule, sampleNames } from "../testing/route-samples.js";
import {
  messageBytes,
  resultBytes,
  type ScriptedAnswer,
  scriptedTransports,
} from "../testing/scripted-transport.js";
import { encodeNewAddress } from "./address-codec.js";
import { MessageWriter } from "./message.js";
import { resolveRoute } from "./route-codec.js";
import {
  type AddressRequest,
  encodeRouteAddition,
  encodeRuleAddition,
  type ResolvedRoute,
  type RouteRequest,
  RouteSocket,
} from "./route-socket.js";

const EEXIST = 17;
const requests: readonly AddressRequest[] = Array.from({ length: 10 }, (_, i) => ({
  interfaceIndex: 2,
  address: `192.0.2.${i}`,
  prefixLength: 32,
  scope: 0,
}));

const acceptAll: ScriptedAnswer = (messages, to) => {
  to.receive(resultBytes(messages.at(-1)?.sequence ?? 0));
};

function addressPayload(): Uint8Array {
  const writer = new MessageWriter();
  const request = { interfaceIndex: 2, address: "192.0.2.1", prefixLength: 24, scope: 0 };
  encodeNewAddress(writer, request);
  return writer.bytes();
}

test("addAddresses() splits into batches and tells of each when it is acknowledged", async () => {
  const { open, opened } = scriptedTransports(acceptAll);
  const routes = RouteSocket.open({ transport: open, batchSize: 4 });
  const told: [number, number][] = [];
  const results = await routes.addAddresses(requests, (first, some) =>
    told.push([first, some.length]),
  );
  assert.deepEqual(results, Array(10).fill(null));
  assert.deepEqual(told, [
    [0, 4],
    [4, 4],
    [8, 2],
  ]);
  assert.deepEqual(
    opened[0]?.sent.map((call) => call.length),
    [4, 4, 2],
  );
  routes.close();
});

test("addAddresses() lets the loop turn between batches", async () => {
  const { open } = scriptedTransports(acceptAll);
  const routes = RouteSocket.open({ transport: open, batchSize: 1 });
  let turns = 0;
  const count = (): void => {
    turns += 1;
    handle = setImmediate(count);
  };
  let handle = setImmediate(count);
  await routes.addAddresses(requests);
  clearImmediate(handle);
  assert.ok(turns >= requests.length, `${turns} turns`);
  routes.close();
});

test("deleteAddresses() gives each refusal to its own request across batches", async () => {
  const { open } = scriptedTransports((messages, to) => {
    const first = messages[0]?.sequence ?? 0;
    if (first <= 6 && 6 < first + messages.length) to.receive(resultBytes(6, EEXIST));
    to.receive(resultBytes(messages.at(-1)?.sequence ?? 0));
  });
  const routes = RouteSocket.open({ transport: open, batchSize: 4 });
  const results = await routes.deleteAddresses(requests);
  assert.equal(results[5], "EEXIST");
  assert.equal(results.filter((one) => one === null).length, 9);
  routes.close();
});

test("addAddresses() does not wait for a silent kernel once per batch", async (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const { open, opened } = scriptedTransports(() => undefined);
  const routes = RouteSocket.open({ transport: open, batchSize: 4 });
  const results = routes.addAddresses(requests);
  context.mock.timers.tick(2_000);
  assert.deepEqual(await results, Array(10).fill("ETIMEDOUT"));
  assert.equal(opened[0]?.sent.length, 1);
  routes.close();
});

test("addresses() reads again when the table changed under it", async () => {
  let attempt = 0;
  const { open } = scriptedTransports((messages, to) => {
    attempt += 1;
    const sequence = messages[0]?.sequence ?? 0;
    const flags = attempt === 1 ? 0x12 : 0x02;
    to.receive(messageBytes(RTM_NEWADDR, flags, sequence, addressPayload()));
    to.receive(messageBytes(NLMSG_DONE, flags, sequence, new Uint8Array(4)));
  });
  const routes = RouteSocket.open({ transport: open });
  const addresses = await routes.addresses();
  assert.deepEqual(
    addresses.map(({ address }) => address),
    ["192.0.2.1"],
  );
  assert.equal(attempt, 2);
  routes.close();
});

test("addresses() counts a malformed entry and keeps the others", async () => {
  const { open } = scriptedTransports((messages, to) => {
    const sequence = messages[0]?.sequence ?? 0;
    to.receive(messageBytes(RTM_NEWADDR, 2, sequence, Uint8Array.of(2, 3)));
    to.receive(messageBytes(RTM_NEWADDR, 2, sequence, addressPayload()));
    to.receive(messageBytes(NLMSG_DONE, 2, sequence, new Uint8Array(4)));
  });
  const routes = RouteSocket.open({ transport: open });
  assert.equal((await routes.addresses()).length, 1);
  assert.equal(routes.counters.malformed, 1);
  routes.close();
});

test("links() rejects with a coded error when the kernel refuses", async () => {
  const { open } = scriptedTransports((messages, to) => {
    to.receive(resultBytes(messages[0]?.sequence ?? 0, 1));
  });
  const routes = RouteSocket.open({ transport: open });
  await assert.rejects(routes.links(), {
    code: "NETLINK_DUMP_FAILED",
    data: { what: "links", errno: "EPERM" },
  });
  routes.close();
});

function resolved(request: RouteRequest): ResolvedRoute {
  const found = resolveRoute(request, sampleNames);
  assert.ok(found);
  return found;
}

test("addRoutes() says where a route goes, and each change is of its own kind", async () => {
  const { open, opened } = scriptedTransports(acceptAll);
  const routes = RouteSocket.open({ transport: open });
  const insertions = ["add", "prepend", "append"] as const;
  const wanted = insertions.map((insertion) => resolved(route("10.0.0.0/8", { insertion })));
  await routes.addRoutes(wanted);
  await routes.deleteRoutes(wanted.slice(0, 1));
  await routes.addRules([rule(7)]);
  await routes.deleteRules([rule(7)]);
  // RTM_* and NLM_F_REQUEST with CREATE, EXCL, APPEND, ACK.
  assert.deepEqual(
    opened[0]?.sent.map((call) => call.map(({ type, flags }) => [type, flags])),
    [
      [
        [24, 0x601],
        [24, 0x401],
        [24, 0xc05],
      ],
      [[25, 0x005]],
      [[32, 0x605]],
      [[33, 0x005]],
    ],
  );
  routes.close();
});

test("deleteRoutes() gives each refusal to its own request", async () => {
  const { open } = scriptedTransports((messages, to) => {
    to.receive(resultBytes(messages[1]?.sequence ?? 0, 3));
    to.receive(resultBytes(messages.at(-1)?.sequence ?? 0));
  });
  const routes = RouteSocket.open({ transport: open });
  const wanted = ["10.0.0.0/8", "10.1.0.0/16", "10.2.0.0/16"].map((to) => resolved(route(to)));
  assert.deepEqual(await routes.deleteRoutes(wanted), [null, "ESRCH", null]);
  routes.close();
});

test("addEncoded() sends routes and rules that were encoded before, of any size", async () => {
  const { open, opened } = scriptedTransports(acceptAll);
  const routes = RouteSocket.open({ transport: open });
  const nextHops = Array.from({ length: 200 }, (_, i) =>
    hop({ via: `192.0.2.${i}`, device: "v0", encapsulation: { kind: "mpls", labels: [i] } }),
  );
  const metrics = { mtu: 1400, congctl: "cubic", lock: 4 };
  const large = encodeRouteAddition(resolved(route("10.0.0.0/8", { nextHops, metrics })));
  await routes.addEncoded([large, encodeRuleAddition(rule(7)), large]);
  assert.deepEqual(
    opened[0]?.sent[0]?.map(({ type }) => type),
    [24, 32, 24],
  );
  assert.ok((opened[0]?.sent[0]?.[0]?.payload.length ?? 0) > 200 * 32);
  routes.close();
});
