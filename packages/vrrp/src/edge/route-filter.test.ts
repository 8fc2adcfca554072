// Which notifications the watch on routes does not get to see.

import assert from "node:assert/strict";
import { test } from "node:test";
import { RTM_DELADDR, RTM_NEWADDR, RTM_NEWLINK } from "@keepalived-ts/netops/constants/netlink";
import {
  NLM_F_REPLACE,
  RTM_DELROUTE,
  RTM_DELRULE,
  RTM_NEWROUTE,
} from "@keepalived-ts/netops/constants/routing";
import { MessageWriter } from "@keepalived-ts/netops/netlink/message";
import { encodeNewRoute, resolveRoute } from "@keepalived-ts/netops/netlink/route-codec";
import { passes } from "../testing/filter.js";
import { routeOf } from "../testing/routing.js";
import { ownRouteFilter, routeProtocol } from "./route-filter.js";

function message(type: number, protocol: number, flags = 0): Uint8Array {
  const writer = new MessageWriter();
  writer.startMessage(type, flags, 1);
  const names = { interfaceIndex: () => 2, vrfTable: () => undefined };
  const route = resolveRoute(routeOf("10.0.0.0/8", { protocol }), names);
  assert(route !== undefined);
  encodeNewRoute(writer, route);
  writer.endMessage();
  return writer.bytes();
}

test("ownRouteFilter lets our routes pass and drops those of others", () => {
  for (const type of [RTM_NEWROUTE, RTM_DELROUTE]) {
    assert.deepEqual(passes(ownRouteFilter, [message(type, routeProtocol), message(type, 186)]), [
      true,
      false,
    ]);
  }
});

test("ownRouteFilter lets pass what takes the place of another route", () => {
  const replacing = message(RTM_NEWROUTE, 186, NLM_F_REPLACE);
  assert.deepEqual(passes(ownRouteFilter, [replacing]), [true]);
});

test("ownRouteFilter drops new addresses and lets pass all that takes routes or rules away", () => {
  const types = [RTM_NEWADDR, RTM_DELADDR, RTM_NEWLINK, RTM_DELRULE];
  assert.deepEqual(
    passes(
      ownRouteFilter,
      types.map((type) => message(type, 186)),
    ),
    [false, true, true, true],
  );
});
