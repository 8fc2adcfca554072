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
  messageBytes,
  type ScriptedTransport,
  scriptedTransports,
} from "../testing/scripted-transport.js";
import { encodeNewAddress } from "./address-codec.js";
import { MessageWriter, type NetlinkMessage } from "./message.js";
import { type OpenedRouteMonitor, RouteMonitor } from "./route-monitor.js";

/** A kernel whose tables the test changes, and what the monitor has told of them. */
class Laboratory {
  readonly links: string[] = ["eth0"];
  readonly addresses: string[] = ["192.0.2.1"];
  readonly told: string[] = [];
  /** Called when the links are asked for, before they are answered. */
  beforeLinks: () => void = () => undefined;
  /** Called when both tables have been answered. */
  afterAddresses: () => void = () => undefined;
  readonly #transports = scriptedTransports((messages, to) => this.#answer(messages, to));

  open(): Promise<OpenedRouteMonitor> {
    const handlers = {
      linkChanged: (link: { name: string }) => this.told.push(`link ${link.name}`),
      linkRemoved: (index: number) => this.told.push(`no link ${index}`),
      addressAdded: (one: { address: string }) => this.told.push(`address ${one.address}`),
      addressRemoved: (one: { address: string }) => this.told.push(`no address ${one.address}`),
      resynchronised: (links: readonly unknown[], all: readonly { address: string }[]) =>
        this.told.push(`all ${links.length} ${all.map(({ address }) => address).join(",")}`),
      failed: (error: KeepalivedError) => this.told.push(`failed ${error.code}`),
    };
    return RouteMonitor.open(handlers, { transport: this.#transports.open });
  }

  /** The monitor's own socket; the other one reads the tables. */
  get notifications(): ScriptedTransport {
    const found = this.#transports.opened.find(({ groups }) => groups.length > 0);
    assert.ok(found);
    return found;
  }

  notify(type: number, payload: Uint8Array): void {
    this.notifications.receive(messageBytes(type, 0, 0, payload));
  }

  #answer(messages: readonly NetlinkMessage[], to: ScriptedTransport): void {
    const [{ type, sequence } = { type: 0, sequence: 0 }] = messages;
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
    to.receive(messageBytes(NLMSG_DONE, 2, sequence, new Uint8Array(4)));
  }
}

function addressPayload(address: string): Uint8Array {
  const writer = new MessageWriter();
  encodeNewAddress(writer, { interfaceIndex: 1, address, prefixLength: 24, scope: 0 });
  return writer.bytes();
}

function linkPayload(index: number, name: string, family: number = 0): Uint8Array {
  const writer = new MessageWriter();
  writer.u32(family);
  writer.u32(index);
  writer.u32(0);
  writer.u32(0);
  writer.attributeText(3, name);
  return writer.bytes();
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Until the tables have been read again: two dumps of a few turns each. */
async function turns(): Promise<void> {
  for (let i = 0; i < 20; i++) await turn();
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
