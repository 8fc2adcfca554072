// What the monitor tells when changes come one by one, during its reading, or not at all (overrun).

import assert from "node:assert/strict";
import { test } from "node:test";
import type { KeepalivedError } from "@keepalived-ts/shared-config/base/error";
import {
  NLMSG_DONE,
  RTM_DELADDR,
  RTM_DELLINK,
  RTM_GETADDR,
  RTM_GETLINK,
  RTM_NEWADDR,
  RTM_NEWLINK,
} from "../constants/netlink.js";
import {
  RTM_DELROUTE,
  RTM_DELRULE,
  RTM_GETROUTE,
  RTM_GETRULE,
  RTM_NEWROUTE,
  RTM_NEWRULE,
} from "../constants/routing.js";
import { route, rule, sampleNames } from "../testing/route-samples.js";
import {
  messageBytes,
  type ScriptedTransport,
  scriptedTransports,
} from "../testing/scripted-transport.js";
import { encodeNewAddress } from "./address-codec.js";
import { MessageWriter, type NetlinkMessage } from "./message.js";
import { encodeNewRoute, type KernelRoute, resolveRoute } from "./route-codec.js";
import {
  type OpenedRouteMonitor,
  RouteMonitor,
  type RouteMonitorHandlers,
  type RouteMonitorOptions,
} from "./route-monitor.js";
import { encodeRule, type KernelRule } from "./rule-codec.js";

/** A kernel whose tables the test changes, and what the monitor has told of them. */
class Laboratory {
  readonly links: string[] = ["eth0"];
  readonly addresses: string[] = ["192.0.2.1"];
  readonly routes: string[] = ["10.0.0.0/8"];
  readonly rules: number[] = [100];
  /** The tables that were asked for. */
  readonly asked: number[] = [];
  readonly told: string[] = [];
  /** Called when the links are asked for, before they are answered. */
  beforeLinks: () => void = () => undefined;
  /** Called when both tables have been answered. */
  afterAddresses: () => void = () => undefined;
  afterRoutes: () => void = () => undefined;
  readonly #transports = scriptedTransports((messages, to) => this.#answer(messages, to));

  open(options: RouteMonitorOptions = {}): Promise<OpenedRouteMonitor> {
    const handlers: RouteMonitorHandlers = {
      linkChanged: (link: { name: string }) => this.told.push(`link ${link.name}`),
      linkRemoved: (index: number) => this.told.push(`no link ${index}`),
      addressAdded: (one: { address: string }) => this.told.push(`address ${one.address}`),
      addressRemoved: (one: { address: string }) => this.told.push(`no address ${one.address}`),
      resynchronised: (links: readonly unknown[], all: readonly { address: string }[]) =>
        this.told.push(`all ${links.length} ${all.map(({ address }) => address).join(",")}`),
      routeAdded: (one: KernelRoute, place: string) =>
        this.told.push(`route ${place} ${routeText(one)}`),
      routeRemoved: (one: KernelRoute) => this.told.push(`no route ${routeText(one)}`),
      routesRead: (all: readonly KernelRoute[]) =>
        this.told.push(`routes ${all.map(routeText).join(",")}`),
      ruleAdded: (one: KernelRule) => this.told.push(`rule ${one.preference}`),
      ruleRemoved: (one: KernelRule) => this.told.push(`no rule ${one.preference}`),
      rulesRead: (all: readonly KernelRule[]) =>
        this.told.push(`rules ${all.map(({ preference }) => preference).join(",")}`),
      failed: (error: KeepalivedError) => this.told.push(`failed ${error.code}`),
    };
    return RouteMonitor.open(handlers, { ...options, transport: this.#transports.open });
  }

  /** The monitor's own socket; the other one reads the tables. */
  get notifications(): ScriptedTransport {
    const found = this.#transports.opened.find(({ groups }) => groups.length > 0);
    assert.ok(found);
    return found;
  }

  notify(type: number, payload: Uint8Array, flags: number = 0): void {
    this.notifications.receive(messageBytes(type, flags, 0, payload));
  }

  #answer(messages: readonly NetlinkMessage[], to: ScriptedTransport): void {
    const [{ type, sequence } = { type: 0, sequence: 0 }] = messages;
    this.asked.push(type);
    if (type === RTM_GETLINK) {
      this.beforeLinks();
      this.links.forEach((name, i) => {
        to.receive(messageBytes(RTM_NEWLINK, 2, sequence, linkPayload(i + 1, name)));
      });
    }
    if (type === RTM_GETADDR) {
      for (const address of this.addresses) {
        to.receive(messageBytes(RTM_NEWADDR, 2, sequence, addressPayload(address)));
      }
      this.afterAddresses();
    }
    if (type === RTM_GETROUTE) {
      for (const destination of this.routes) {
        to.receive(messageBytes(RTM_NEWROUTE, 2, sequence, routePayload(destination)));
      }
      this.afterRoutes();
    }
    if (type === RTM_GETRULE) {
      for (const preference of this.rules) {
        to.receive(messageBytes(RTM_NEWRULE, 2, sequence, rulePayload(preference)));
      }
    }
    to.receive(messageBytes(NLMSG_DONE, 2, sequence, new Uint8Array(4)));
  }
}

function addressPayload(address: string): Uint8Array {
  const writer = new MessageWriter();
  encodeNewAddress(writer, { interfaceIndex: 1, address, prefixLength: 24, scope: 0 });
  return writer.bytes();
}

function routePayload(destination: string, protocol: number = 18): Uint8Array {
  const writer = new MessageWriter();
  const resolved = resolveRoute(route(destination, { device: "v0", protocol }), sampleNames);
  assert.ok(resolved);
  encodeNewRoute(writer, resolved);
  return writer.bytes();
}

function routeText({ destination }: KernelRoute): string {
  return `${destination.address}/${destination.prefixLength}`;
}

function rulePayload(preference: number): Uint8Array {
  const writer = new MessageWriter();
  encodeRule(writer, rule(preference));
  return writer.bytes();
}

/** IFF_UP is 1. */
function linkPayload(
  index: number,
  name: string,
  family: number = 0,
  flags: number = 0,
): Uint8Array {
  const writer = new MessageWriter();
  writer.u32(family);
  writer.u32(index);
  writer.u32(flags);
  writer.u32(0);
  writer.attributeText(3, name);
  return writer.bytes();
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Until the tables have been read again: some dumps of a few turns each. */
async function turns(): Promise<void> {
  for (let i = 0; i < 40; i++) await turn();
}

test("RouteMonitor subscribes to links and addresses before it reads the tables", async () => {
  const laboratory = new Laboratory();
  laboratory.beforeLinks = () => assert.deepEqual(laboratory.notifications.groups, [1, 5, 9]);
  const { monitor, links, addresses } = await laboratory.open();
  assert.equal(links[0]?.name, "eth0");
  assert.equal(addresses[0]?.address, "192.0.2.1");
  monitor.close();
});

test("RouteMonitor tells of each change", async () => {
  const laboratory = new Laboratory();
  const { monitor } = await laboratory.open();
  laboratory.notify(RTM_NEWLINK, linkPayload(2, "eth1"));
  laboratory.notify(RTM_DELLINK, linkPayload(2, "eth1"));
  laboratory.notify(RTM_NEWADDR, addressPayload("192.0.2.2"));
  laboratory.notify(RTM_DELADDR, addressPayload("192.0.2.2"));
  assert.deepEqual(laboratory.told, [
    "link eth1",
    "no link 2",
    "address 192.0.2.2",
    "no address 192.0.2.2",
  ]);
  monitor.close();
});

test("RouteMonitor does not take a port leaving its bridge for a link that is gone", async () => {
  const laboratory = new Laboratory();
  const { monitor } = await laboratory.open();
  laboratory.notify(RTM_DELLINK, linkPayload(1, "eth0", 7));
  assert.deepEqual(laboratory.told, []);
  assert.equal(monitor.counters.malformed, 0);
  monitor.close();
});

test("RouteMonitor replays what changed while the tables were read", async () => {
  const laboratory = new Laboratory();
  laboratory.afterAddresses = () => {
    laboratory.notify(RTM_DELADDR, addressPayload("192.0.2.1"));
    laboratory.notify(RTM_NEWADDR, addressPayload("192.0.2.9"));
    laboratory.notify(RTM_NEWLINK, linkPayload(2, "eth1"));
    laboratory.notify(RTM_DELLINK, linkPayload(1, "eth0"));
  };
  const { monitor, links, addresses } = await laboratory.open();
  assert.deepEqual(
    links.map(({ name }) => name),
    ["eth1"],
  );
  assert.deepEqual(
    addresses.map(({ address }) => address),
    ["192.0.2.9"],
  );
  assert.deepEqual(laboratory.told, []);
  monitor.close();
});

test("RouteMonitor reads the tables afresh when notifications were lost", async () => {
  const laboratory = new Laboratory();
  const { monitor } = await laboratory.open();
  laboratory.addresses.push("192.0.2.2");
  laboratory.notifications.overrun();
  await turns();
  assert.deepEqual(laboratory.told, ["all 1 192.0.2.1,192.0.2.2"]);
  assert.equal(monitor.counters.overruns, 1);
  assert.equal(monitor.counters.resynchronisations, 1);
  monitor.close();
});

test("RouteMonitor reads once more when notifications were lost during the reading", async () => {
  const laboratory = new Laboratory();
  const { monitor } = await laboratory.open();
  laboratory.afterAddresses = () => {
    laboratory.afterAddresses = () => undefined;
    laboratory.addresses.push("192.0.2.3");
    laboratory.notifications.overrun();
    laboratory.notifications.overrun();
  };
  laboratory.notifications.overrun();
  await turns();
  assert.deepEqual(laboratory.told, ["all 1 192.0.2.1", "all 1 192.0.2.1,192.0.2.3"]);
  monitor.close();
});

test("RouteMonitor counts malformed notifications and goes on", async () => {
  const laboratory = new Laboratory();
  const { monitor } = await laboratory.open();
  laboratory.notify(RTM_NEWADDR, Uint8Array.of(2));
  laboratory.notifications.receive(Uint8Array.of(1, 2, 3));
  laboratory.notify(RTM_NEWADDR, addressPayload("192.0.2.2"));
  assert.equal(monitor.counters.malformed, 2);
  assert.deepEqual(laboratory.told, ["address 192.0.2.2"]);
  monitor.close();
});

test("RouteMonitor tells once that it has failed and is silent then", async () => {
  const laboratory = new Laboratory();
  await laboratory.open();
  laboratory.notifications.fail("EIO");
  laboratory.notify(RTM_NEWADDR, addressPayload("192.0.2.2"));
  laboratory.notifications.overrun();
  await turns();
  assert.deepEqual(laboratory.told, ["failed NETLINK_FAILED"]);
});

const watching: RouteMonitorOptions = { watchRoutes: true, watchRules: true };

test("RouteMonitor neither hears of nor reads routes and rules unless asked", async () => {
  const laboratory = new Laboratory();
  const { monitor, routes, rules } = await laboratory.open();
  assert.deepEqual(laboratory.notifications.groups, [1, 5, 9]);
  laboratory.notify(RTM_NEWLINK, linkPayload(1, "eth0"));
  laboratory.notifications.overrun();
  await turns();
  assert.deepEqual([routes, rules], [[], []]);
  assert.deepEqual(laboratory.asked, [RTM_GETLINK, RTM_GETADDR, RTM_GETLINK, RTM_GETADDR]);
  assert.deepEqual(laboratory.told, ["link eth0", "all 1 192.0.2.1"]);
  monitor.close();
});

test("RouteMonitor tells of each change of routes and rules", async () => {
  const laboratory = new Laboratory();
  const { monitor, routes, rules } = await laboratory.open(watching);
  assert.deepEqual(laboratory.notifications.groups, [1, 5, 9, 7, 11, 8, 19]);
  assert.deepEqual(routes.map(routeText), ["10.0.0.0/8"]);
  assert.equal(rules[0]?.preference, 100);
  laboratory.notify(RTM_NEWROUTE, routePayload("10.1.0.0/16"));
  laboratory.notify(RTM_NEWROUTE, routePayload("10.1.0.0/16"), 0x100);
  laboratory.notify(RTM_DELROUTE, routePayload("10.1.0.0/16"));
  laboratory.notify(RTM_NEWRULE, rulePayload(101));
  laboratory.notify(RTM_DELRULE, rulePayload(101));
  assert.deepEqual(laboratory.told, [
    "route before 10.1.0.0/16",
    "route instead 10.1.0.0/16",
    "no route 10.1.0.0/16",
    "rule 101",
    "no rule 101",
  ]);
  monitor.close();
});

test("RouteMonitor passes over routes of other protocols", async () => {
  const laboratory = new Laboratory();
  const options = { ...watching, routeProtocols: new Set([18]) };
  const { monitor } = await laboratory.open(options);
  laboratory.notify(RTM_NEWROUTE, routePayload("10.1.0.0/16", 3));
  laboratory.notify(RTM_NEWROUTE, routePayload("10.2.0.0/16", 18));
  assert.deepEqual(laboratory.told, ["route before 10.2.0.0/16"]);
  monitor.close();
});

test("RouteMonitor replays what changed of routes and rules while tables were read", async () => {
  const laboratory = new Laboratory();
  laboratory.afterRoutes = () => {
    laboratory.notify(RTM_DELROUTE, routePayload("10.0.0.0/8"));
    laboratory.notify(RTM_NEWROUTE, routePayload("10.1.0.0/16"));
    laboratory.notify(RTM_NEWRULE, rulePayload(101));
  };
  const { monitor, routes, rules } = await laboratory.open(watching);
  assert.deepEqual(routes.map(routeText), ["10.1.0.0/16"]);
  assert.deepEqual(
    rules.map(({ preference }) => preference),
    [100, 101],
  );
  assert.deepEqual(laboratory.told, []);
  monitor.close();
});

test("RouteMonitor reads routes and rules afresh when notifications were lost", async () => {
  const laboratory = new Laboratory();
  const { monitor } = await laboratory.open(watching);
  laboratory.routes.push("10.1.0.0/16");
  laboratory.rules.splice(0);
  laboratory.notifications.overrun();
  await turns();
  assert.deepEqual(laboratory.told, ["all 1 192.0.2.1", "routes 10.0.0.0/8,10.1.0.0/16", "rules "]);
  monitor.close();
});

test("RouteMonitor reads the routes once the kernel has taken some without a word", async () => {
  const laboratory = new Laboratory();
  const { monitor } = await laboratory.open(watching);
  laboratory.routes.splice(0);
  laboratory.afterRoutes = () => {
    laboratory.notify(RTM_NEWROUTE, routePayload("10.3.0.0/16"));
    laboratory.notify(RTM_NEWADDR, addressPayload("192.0.2.9"));
  };
  laboratory.notify(RTM_NEWLINK, linkPayload(1, "eth0"));
  await turns();
  // What is not of a route waits for nothing.
  assert.deepEqual(laboratory.told, ["link eth0", "address 192.0.2.9", "routes 10.3.0.0/16"]);
  laboratory.told.splice(0);
  laboratory.notify(RTM_NEWLINK, linkPayload(1, "eth0", 0, 1));
  await turns();
  assert.deepEqual(laboratory.told, ["link eth0"]);
  monitor.close();
});

test("RouteMonitor reads the routes once more if some may have gone meanwhile", async () => {
  const laboratory = new Laboratory();
  const { monitor } = await laboratory.open(watching);
  laboratory.afterRoutes = () => {
    laboratory.afterRoutes = () => undefined;
    laboratory.routes.splice(0);
    laboratory.notify(RTM_DELADDR, addressPayload("192.0.2.1"));
    laboratory.notify(RTM_DELADDR, addressPayload("192.0.2.2"));
  };
  laboratory.notify(RTM_DELLINK, linkPayload(1, "eth0"));
  await turns();
  assert.deepEqual(laboratory.told, [
    "no link 1",
    "no address 192.0.2.1",
    "no address 192.0.2.2",
    "routes 10.0.0.0/8",
    "routes ",
  ]);
  monitor.close();
});

test("RouteMonitor gives up reading routes when it reads everything", async () => {
  const laboratory = new Laboratory();
  const { monitor } = await laboratory.open(watching);
  laboratory.notify(RTM_DELLINK, linkPayload(1, "eth0"));
  laboratory.notifications.overrun();
  await turns();
  assert.deepEqual(laboratory.told, [
    "no link 1",
    "all 1 192.0.2.1",
    "routes 10.0.0.0/8",
    "rules 100",
  ]);
  monitor.close();
});

test("RouteMonitor reads the routes again if a link went down while it opened", async () => {
  const laboratory = new Laboratory();
  laboratory.afterRoutes = () => {
    laboratory.afterRoutes = () => undefined;
    laboratory.notify(RTM_NEWLINK, linkPayload(1, "eth0"));
  };
  const { monitor } = await laboratory.open(watching);
  laboratory.routes.splice(0);
  await turns();
  assert.deepEqual(laboratory.told, ["routes "]);
  monitor.close();
});
