// Vectors: what ipvsadm 1.31 and Linux 6.1 said to one another, taken with nlmon; the command above
// each. ipvsadm's order of attributes is kept by ours, so whole messages compare.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type Attributes, MessageWriter, readAttributes } from "../netlink/message.js";
import {
  decodeDaemon,
  decodeTimeouts,
  decodeVersion,
  encodeDaemon,
  encodeDaemonState,
  encodeTimeouts,
} from "./daemon-codec.js";
import { decodeDestination, encodeDestination, encodeDestinationKey } from "./destination-codec.js";
import { decodeService, encodeService, encodeServiceKey } from "./service-codec.js";
import { decodeStatistics } from "./statistics-codec.js";
import type { IpvsServiceKey, IpvsServiceRequest } from "./types.js";

const web: IpvsServiceKey = { kind: "address", address: "192.0.2.1", port: 80, protocol: "TCP" };
const sip: IpvsServiceKey = {
  kind: "address",
  address: "2001:db8::53",
  port: 53,
  protocol: "UDP",
};
const mark: IpvsServiceKey = { kind: "fwmark", mark: 66, family: 6 };

/** The attributes that `write` writes, as hexadecimal. */
function written(write: (writer: MessageWriter) => void): string {
  const writer = new MessageWriter();
  write(writer);
  return Buffer.from(writer.bytes()).toString("hex");
}

function attributes(hex: string): Attributes {
  const read = readAttributes(Buffer.from(hex, "hex"));
  assert.ok(read);
  return read;
}

/** The mask of flags: ipvsadm names all, we leave out the one that is the kernel's (HASHED). */
const fullMask = "ffffffff";
const ourMask = "fdffffff";

test("encodeService() writes flags, timeout and netmask of a persistent service", () => {
  // ipvsadm -A -t 192.0.2.1:80 -s sh -p 300 -M 255.255.255.0 -b sh-fallback,sh-port
  const service: IpvsServiceRequest = {
    key: web,
    scheduler: "sh",
    flags: 0x19,
    timeoutS: 300,
    netmask: 24,
  };
  assert.equal(
    written((writer) => encodeService(writer, service)),
    "540001800600010002000000060002000600000014000300c00002010000000000000000" +
      "00000000060004000050000007000600736800000c00070019000000" +
      `${ourMask}080008002c01000008000900ffffff00`,
  );
});

test("encodeService() writes a firewall mark instead of an address", () => {
  // ipvsadm -A -f 66 -6 -s rr
  const service = { key: mark, scheduler: "rr", flags: 0, timeoutS: 0, netmask: 128 };
  assert.equal(
    written((writer) => encodeService(writer, service)),
    "38000180060001000a000000080005004200000007000600727200000c00070000000000" +
      `${ourMask}08000800000000000800090080000000`,
  );
});

test("encodeService() writes a persistence engine and an IPv6 netmask", () => {
  // ipvsadm -A -u [2001:db8::53]:53 -s rr --pe sip -p 60
  const service: IpvsServiceRequest = {
    key: sip,
    scheduler: "rr",
    flags: 1,
    timeoutS: 60,
    netmask: 128,
    persistenceEngine: "sip",
  };
  assert.equal(
    written((writer) => encodeService(writer, service)),
    "5c000180060001000a00000006000200110000001400030020010db80000000000000000" +
      "000000530600040000350000070006007272000008000b00736970000c00070001000000" +
      `${ourMask}080008003c0000000800090080000000`,
  );
});

test("encodeServiceKey() and encodeDestinationKey() write what identifies and nothing else", () => {
  // ipvsadm -Ln, the request for the destinations of 192.0.2.1:80
  assert.equal(
    written((writer) => encodeServiceKey(writer, web)),
    "300001800600010002000000060002000600000014000300c0000201000000000000000000000000" +
      "0600040000500000",
  );
  // ipvsadm -d -t 192.0.2.1:80 -r 198.51.100.4:80, without the zeros that ipvsadm adds
  assert.equal(
    written((writer) => encodeDestinationKey(writer, { address: "198.51.100.4", port: 80 })),
    "2800028006000b000200000014000100c6336404000000000000000000000000" + "0600020000500000",
  );
});

test("encodeDestination() writes thresholds and tunnel", () => {
  // ipvsadm -a -t 192.0.2.1:80 -r 198.51.100.4:80 -i -w 7 -x 100 -y 80
  //   --tun-type gue --tun-port 5555 --tun-csum
  const gue = { type: "GUE", port: 5555, flags: 1 } as const;
  const destination = {
    address: "198.51.100.4",
    port: 80,
    weight: 7,
    forwarding: "TUN",
    upperThreshold: 100,
    lowerThreshold: 80,
    tunnel: gue,
  } as const;
  const ours = attributes(written((writer) => encodeDestination(writer, destination)));
  const theirs = attributes(
    "6000028006000b000200000014000100c63364040000000000000000000000000600020000500000" +
      "0800030002000000080004000700000005000d000100000006000e0015b3000006000f0001000000" +
      "08000500640000000800060050000000",
  );
  const inner = (outer: Attributes): string[] =>
    [...(readAttributes(outer.get(2) ?? new Uint8Array(0)) ?? [])]
      .map(([type, value]) => `${type} ${Buffer.from(value).toString("hex")}`)
      .sort();
  assert.deepEqual(inner(ours), inner(theirs));
});

test("decodeService() reads a service of the kernel with both forms of statistics", () => {
  // ipvsadm -Ln, the answer for `-A -u [2001:db8::53]:53 -s rr --pe sip -p 60`, with the number of
  // connections in the 64-bit form changed from 0 to 3
  const service = decodeService(
    attributes(
      "5c010100060001000a00000006000200110000001400030020010db80000000000000000" +
        "000000530600040000350000070006007272000008000b00736970000c00070003000000" +
        `${fullMask}080008003c000000080009008000000060000a000800010000000000080002` +
        "000000000008000300000000000c000400000000000000000004000b000c000500000000" +
        "000000000008000600000000000800070000000000080008000000000008000900000000" +
        "0008000a0000000000a0000c000c000100030000000000000004000b000c000200000000" +
        "000000000004000b000c000300000000000000000004000b000c00040000000000000000" +
        "0004000b000c000500000000000000000004000b000c000600000000000000000004000b" +
        "000c000700000000000000000004000b000c000800000000000000000004000b000c0009" +
        "00000000000000000004000b000c000a000000000000000000",
    ),
  );
  const { statistics, ...rest } = service ?? {};
  assert.deepEqual(rest, {
    key: sip,
    scheduler: "rr",
    flags: 3,
    timeoutS: 60,
    netmask: 128,
    persistenceEngine: "sip",
  });
  // The 32-bit form says 0 here: the 64-bit form was taken.
  assert.equal(statistics?.connections, 3n);
});

test("decodeDestination() reads a destination of the kernel", () => {
  // ipvsadm -Ln, an answer without its statistics, its numbers changed so that no two are alike
  assert.deepEqual(
    decodeDestination(
      attributes(
        "780002001400010020010db8000000000000000000000008060002000035000008000300020000000800" +
          "04000700000005000d000100000006000e0015b3000006000f000100000008000500640000000800" +
          "0600500000000800070005000000080008000600000008000900070000000600" +
          "0b000a000000",
      ),
      4,
    ),
    {
      address: "2001:db8::8",
      port: 53,
      weight: 7,
      forwarding: "TUN",
      upperThreshold: 100,
      lowerThreshold: 80,
      tunnel: { type: "GUE", port: 5555, flags: 1 },
      activeConnections: 5,
      inactiveConnections: 6,
      persistentConnections: 7,
      statistics: decodeStatistics(undefined, undefined),
    },
  );
});

test("decodeDestination() takes the service's family from kernels that do not tell", () => {
  const write = (writer: MessageWriter): void =>
    writer.nested(2, () => {
      writer.attribute(1, Uint8Array.of(10, 0, 0, 1, ...Array(12).fill(0)));
      writer.attribute(2, Uint8Array.of(0, 80));
    });
  const read = decodeDestination(attributes(written(write)), 4);
  assert.equal(read?.address, "10.0.0.1");
  assert.equal(read?.forwarding, "NAT");
});

test("decodeStatistics() falls back to the 32-bit form and keeps 64 bits exactly", () => {
  const wide = Buffer.from("0c000100ffffffffffffffff", "hex");
  const narrow = Buffer.from("080001000700000008000a00ffffffff", "hex");
  assert.equal(decodeStatistics(wide, narrow).connections, 0xffff_ffff_ffff_ffffn);
  assert.equal(decodeStatistics(undefined, narrow).connections, 7n);
  assert.equal(decodeStatistics(undefined, narrow).outboundByteRate, 0xffff_ffffn);
  assert.equal(decodeStatistics(Uint8Array.of(1), narrow).connections, 0n);
});

test("the daemon codec agrees with ipvsadm both ways", () => {
  // ipvsadm --start-daemon master --mcast-interface sync0 --syncid 42 --sync-maxlen 1000
  //   --mcast-group 224.0.1.9 --mcast-port 8850 --mcast-ttl 3
  const hex =
    "4000038008000100010000000a00020073796e6330000000080003002a00000006000400e8030000" +
    "0600070092220000050008000300000008000500e0000109";
  const daemon = {
    state: "MASTER",
    interface: "sync0",
    syncId: 42,
    maxPayloadLength: 1000,
    multicastAddress: "224.0.1.9",
    multicastPort: 8850,
    multicastTtl: 3,
  } as const;
  assert.deepEqual(decodeDaemon(attributes(hex)), daemon);
  const ours = attributes(written((writer) => encodeDaemon(writer, daemon)));
  assert.deepEqual(decodeDaemon(ours), daemon);
  assert.equal(written((writer) => encodeDaemon(writer, daemon)).length, hex.length);
  assert.equal(
    written((writer) => encodeDaemonState(writer, "BACKUP")),
    "0c0003800800010002000000",
  );
});

test("the time-outs and the version agree with ipvsadm", () => {
  // ipvsadm --set 901 121 301
  const timeouts = { tcpS: 901, tcpFinS: 121, udpS: 301 };
  const hex = "08000400850300000800050079000000080006002d010000";
  assert.equal(
    written((writer) => encodeTimeouts(writer, timeouts)),
    hex,
  );
  assert.deepEqual(decodeTimeouts(attributes(hex)), timeouts);
  // The answer to IPVS_CMD_GET_INFO
  assert.deepEqual(decodeVersion(attributes("08000100010201000800020000100000")), {
    version: "1.2.1",
    connectionTableSize: 4096,
  });
  assert.equal(decodeVersion(new Map()), undefined);
});

test("decodeService() reads back every service that encodeService() writes", () => {
  const address = fc.oneof(
    fc.constantFrom("192.0.2.1", "255.255.255.255").map((text) => [text, 32] as const),
    fc.constantFrom("2001:db8::1", "::1").map((text) => [text, 128] as const),
  );
  fc.assert(
    fc.property(
      address,
      fc.constantFrom("TCP", "UDP", "SCTP"),
      fc.integer({ min: 0, max: 65535 }),
      fc.integer({ min: 0, max: 0x3d }),
      fc.nat({ max: 32 }),
      ([text, full], protocol, port, flags, netmask) => {
        const request: IpvsServiceRequest = {
          key: { kind: "address", address: text, port, protocol: protocol as "TCP" },
          scheduler: "wrr",
          flags: flags & ~2,
          timeoutS: 7,
          netmask: full === 32 ? netmask : netmask + 1,
        };
        const read = decodeService(attributes(written((writer) => encodeService(writer, request))));
        const { statistics, persistenceEngine, ...rest } = read ?? {};
        assert.deepEqual(rest, request);
        assert.equal(persistenceEngine, null);
        assert.ok(statistics);
      },
    ),
  );
});

test("decoders take any bytes without throwing", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 96 }), fc.constantFrom(1, 2, 3), (inner, type) => {
      const message = new Map([[type, inner]]);
      const results = [
        decodeService(message),
        decodeDestination(message, 4),
        decodeDestination(message, 6),
        decodeDaemon(message),
      ];
      for (const result of results) assert.ok(result === undefined || typeof result === "object");
    }),
  );
});
