// ipvs-text.ts: the words of ipvsadm(8). That ipvsadm takes them is tested where there is one.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { ServiceKey } from "@keepalived-ts/shared-config/schema/config";
import { type Destination, plainTunnel, type ServiceParameters } from "../core/ipvs-table.js";
import { controlText, orderText } from "./ipvs-text.js";

const tcp: ServiceKey = { kind: "address", address: "192.0.2.1", port: 80, protocol: "TCP" };
const udp6: ServiceKey = { kind: "address", address: "2001:db8::1", port: 53, protocol: "UDP" };
const mark6: ServiceKey = { kind: "fwmark", mark: 7, family: 6 };
const plain: ServiceParameters = {
  scheduler: "rr",
  persistenceTimeoutS: 0,
  persistencePrefixLength: 32,
  persistenceEngine: null,
  flags: 0,
};
const real: Destination = {
  address: "10.0.0.1",
  port: 8080,
  weight: 3,
  forwarding: "NAT",
  tunnel: plainTunnel,
  upperThreshold: 0,
  lowerThreshold: 0,
};

test("orderText() writes services with what they are not by default", () => {
  const parameters: ServiceParameters = {
    scheduler: "sh",
    persistenceTimeoutS: 300,
    persistencePrefixLength: 24,
    persistenceEngine: "sip",
    flags: 4 | 8 | 16,
  };
  assert.equal(
    orderText({ type: "addService", service: tcp, parameters: plain }),
    "ipvsadm -A -t 192.0.2.1:80 -s rr",
  );
  assert.equal(
    orderText({ type: "editService", service: tcp, parameters }),
    "ipvsadm -E -t 192.0.2.1:80 -s sh -p 300 -M 24 --pe sip -o -b flag-1,flag-2",
  );
  assert.equal(orderText({ type: "deleteService", service: mark6 }), "ipvsadm -D -f 7 -6");
});

test("orderText() writes destinations of every kind", () => {
  const texts = [
    { type: "addDestination", service: udp6, destination: { ...real, address: "2001:db8::9" } },
    {
      type: "editDestination",
      service: tcp,
      destination: { ...real, forwarding: "DR", upperThreshold: 9, lowerThreshold: 5 },
    },
    {
      type: "addDestination",
      service: tcp,
      destination: { ...real, forwarding: "TUN", tunnel: { type: "GUE", port: 6080, flags: 1 } },
    },
    { type: "deleteDestination", service: tcp, destination: real },
  ] as const;
  assert.deepEqual(texts.slice(0, 3).map(orderText), [
    "ipvsadm -a -u [2001:db8::1]:53 -r [2001:db8::9]:8080 -m -w 3",
    "ipvsadm -e -t 192.0.2.1:80 -r 10.0.0.1:8080 -g -w 3 -x 9 -y 5",
    "ipvsadm -a -t 192.0.2.1:80 -r 10.0.0.1:8080 -i --tun-type gue --tun-port 6080 --tun-csum -w 3",
  ]);
});

test("controlText() writes what is asked beside services", () => {
  assert.equal(controlText({ type: "flush" }), "ipvsadm -C");
  const timeouts = { type: "setTimeouts", tcpS: 900, tcpFinS: 120, udpS: 300 } as const;
  assert.equal(controlText(timeouts), "ipvsadm --set 900 120 300");
  assert.equal(
    controlText({ type: "stopDaemon", state: "MASTER" }),
    "ipvsadm --stop-daemon master",
  );
});
