// IpvsClient against the real kernel, in User Mode Linux, with ipvsadm as the witness of every
// change.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { connect, createServer } from "node:net";
import {
  IP_VS_SVC_F_HASHED,
  IP_VS_SVC_F_ONEPACKET,
  IP_VS_SVC_F_PERSISTENT,
  IP_VS_SVC_F_SCHED1,
  IP_VS_SVC_F_SCHED2,
  IP_VS_TUNNEL_ENCAP_FLAG_CSUM,
} from "@keepalived-ts/netops/ipvs-netlink/ip-vs";
import {
  type IpvsChange,
  IpvsClient,
  type IpvsDestinationRequest,
  type IpvsResult,
  type IpvsServiceKey,
  type IpvsServiceRequest,
  type IpvsStatistics,
} from "@keepalived-ts/netops/ipvs-netlink/ipvs-client";
import { type Step, testInUml } from "../lab/steps.js";
import { waitFor } from "../lab/wait.js";

const web: IpvsServiceKey = { kind: "address", address: "192.0.2.1", port: 80, protocol: "TCP" };
const dns6: IpvsServiceKey = {
  kind: "address",
  address: "2001:db8::53",
  port: 53,
  protocol: "UDP",
};
const sctp: IpvsServiceKey = { kind: "address", address: "192.0.2.3", port: 99, protocol: "SCTP" };
const mark4: IpvsServiceKey = { kind: "fwmark", mark: 7, family: 4 };
const mark6: IpvsServiceKey = { kind: "fwmark", mark: 66, family: 6 };

function service(key: IpvsServiceKey, rest: Partial<IpvsServiceRequest> = {}): IpvsServiceRequest {
  return { key, scheduler: "rr", flags: 0, timeoutS: 0, netmask: 32, ...rest };
}

function destination(
  address: string,
  rest: Partial<IpvsDestinationRequest> = {},
): IpvsDestinationRequest {
  const plain = { weight: 1, upperThreshold: 0, lowerThreshold: 0 };
  return { address, port: 8080, forwarding: "NAT", ...plain, ...rest };
}

function ipvsadm(...argv: string[]): string {
  return execFileSync("ipvsadm", argv, { encoding: "utf8" });
}

/** The table as ipvsadm would have to be told to make it. */
function saved(): string[] {
  return ipvsadm("-Sn").trim().split("\n");
}

function unwrap<T>(result: IpvsResult<T>): T {
  if (!result.ok) throw new Error(`the kernel answered ${result.errno}`);
  return result.value;
}

async function withClient(use: (client: IpvsClient) => Promise<void>): Promise<void> {
  const client = await IpvsClient.open();
  try {
    await client.flush();
    await use(client);
    assert.equal(client.counters.malformed, 0);
    assert.equal(client.counters.stale, 0);
  } finally {
    await client.flush();
    client.close();
  }
}

/** Sends some bytes to and fro over `count` connections, and waits until all are closed. */
async function exchange(
  serverAddress: string,
  serverPort: number,
  address: string,
  port: number,
  count: number,
): Promise<void> {
  const server = createServer((socket) => socket.pipe(socket)).listen(serverPort, serverAddress);
  await once(server, "listening");
  for (let i = 0; i < count; i++) {
    const client = connect(port, address);
    client.end("to and fro");
    client.resume();
    await once(client, "close");
  }
  server.close();
  await once(server, "close");
}

/** The row of `ipvsadm -L --stats` for these. */
function statisticsRow(statistics: IpvsStatistics): string {
  const { connections, inboundPackets, outboundPackets, inboundBytes, outboundBytes } = statistics;
  return [connections, inboundPackets, outboundPackets, inboundBytes, outboundBytes].join(" ");
}

function saidByIpvsadm(row: string): boolean {
  return ipvsadm("-Ln", "--stats", "--exact").replaceAll(/ +/g, " ").includes(` ${row}`);
}

const steps: readonly Step[] = [
  {
    name: "version() is that of /proc/net/ip_vs",
    run: () =>
      withClient(async (client) => {
        const { version, connectionTableSize } = unwrap(await client.version());
        const head = execFileSync("head", ["-1", "/proc/net/ip_vs"], { encoding: "utf8" });
        assert.equal(
          head.trim(),
          `IP Virtual Server version ${version} (size=${connectionTableSize})`,
        );
      }),
  },
  {
    name: "addService() makes services of every kind as ipvsadm sees them",
    run: () =>
      withClient(async (client) => {
        assert.equal(await client.addService(service(web, { scheduler: "wrr" })), null);
        assert.equal(await client.addService(service(dns6, { netmask: 128 })), null);
        assert.equal(await client.addService(service(sctp)), null);
        assert.equal(await client.addService(service(mark4, { scheduler: "lc" })), null);
        assert.equal(await client.addService(service(mark6, { netmask: 128 })), null);
        assert.deepEqual(
          saved().sort(),
          [
            "-A -f 66 -6 -s rr",
            "-A -f 7 -s lc",
            "-A -t 192.0.2.1:80 -s wrr",
            "-A -u [2001:db8::53]:53 -s rr",
            "-A --sctp-service 192.0.2.3:99 -s rr",
          ].sort(),
        );
      }),
  },
  {
    name: "services() reads back key, scheduler, flags, timeout and netmask",
    run: () =>
      withClient(async (client) => {
        const flags = IP_VS_SVC_F_PERSISTENT | IP_VS_SVC_F_SCHED1 | IP_VS_SVC_F_SCHED2;
        await client.addService(
          service(web, { scheduler: "sh", flags, timeoutS: 300, netmask: 24 }),
        );
        const flags6 = IP_VS_SVC_F_PERSISTENT;
        await client.addService(service(mark6, { flags: flags6, timeoutS: 60, netmask: 64 }));
        await client.addService(service(dns6, { flags: IP_VS_SVC_F_ONEPACKET, netmask: 128 }));
        assert.deepEqual(saved().sort(), [
          "-A -f 66 -6 -s rr -p 60 -M 64",
          "-A -t 192.0.2.1:80 -s sh -p 300 -M 255.255.255.0 -b sh-fallback,sh-port",
          "-A -u [2001:db8::53]:53 -s rr -o",
        ]);
        const read = unwrap(await client.services());
        const plain = read.map(({ statistics, ...rest }) => {
          assert.equal(statistics.connections, 0n);
          return rest;
        });
        const byKey = new Map(plain.map((one) => [JSON.stringify(one.key), one]));
        const hashed = IP_VS_SVC_F_HASHED;
        assert.deepEqual(byKey.get(JSON.stringify(web)), {
          key: web,
          scheduler: "sh",
          flags: flags | hashed,
          timeoutS: 300,
          netmask: 24,
          persistenceEngine: null,
        });
        assert.equal(byKey.get(JSON.stringify(mark6))?.netmask, 64);
        assert.equal(byKey.get(JSON.stringify(mark6))?.timeoutS, 60);
        const flagsOfDns = byKey.get(JSON.stringify(dns6))?.flags;
        assert.equal(flagsOfDns, IP_VS_SVC_F_ONEPACKET | hashed);
        assert.deepEqual(unwrap(await client.service(web)).key, web);
        assert.deepEqual(await client.service(sctp), { ok: false, errno: "ESRCH" });
      }),
  },
  {
    name: "editService() changes scheduler and clears flags that are not given",
    run: () =>
      withClient(async (client) => {
        const flags = IP_VS_SVC_F_PERSISTENT;
        await client.addService(service(web, { flags, timeoutS: 100 }));
        await client.addDestination(web, destination("198.51.100.1"));
        assert.equal(await client.editService(service(web, { scheduler: "wlc" })), null);
        assert.deepEqual(saved(), [
          "-A -t 192.0.2.1:80 -s wlc",
          "-a -t 192.0.2.1:80 -r 198.51.100.1:8080 -m -w 1",
        ]);
      }),
  },
  {
    name: "addDestination() sets forwarding, weight, thresholds and tunnel",
    run: () =>
      withClient(async (client) => {
        await client.addService(service(web));
        await client.addService(service(dns6, { netmask: 128 }));
        const add = (one: IpvsDestinationRequest): Promise<string | null> =>
          client.addDestination(web, one);
        const limits = { upperThreshold: 100, lowerThreshold: 80 };
        const gue = { type: "GUE", port: 5555, flags: IP_VS_TUNNEL_ENCAP_FLAG_CSUM } as const;
        const gre = { type: "GRE", port: 0, flags: 0 } as const;
        assert.equal(await add(destination("198.51.100.1", { weight: 65535, ...limits })), null);
        assert.equal(await add(destination("198.51.100.2", { port: 80, forwarding: "DR" })), null);
        assert.equal(await add(destination("198.51.100.3", { port: 80, forwarding: "TUN" })), null);
        assert.equal(
          await add(destination("198.51.100.4", { port: 80, forwarding: "TUN", tunnel: gue })),
          null,
        );
        assert.equal(
          await add(destination("198.51.100.5", { port: 80, forwarding: "TUN", tunnel: gre })),
          null,
        );
        const over4 = destination("198.51.100.6", { port: 53, forwarding: "TUN", weight: 0 });
        assert.equal(await client.addDestination(dns6, over4), null);
        assert.equal(await client.addDestination(dns6, destination("2001:db8::8")), null);
        assert.deepEqual(saved().sort(), [
          "-A -t 192.0.2.1:80 -s rr",
          "-A -u [2001:db8::53]:53 -s rr",
          "-a -t 192.0.2.1:80 -r 198.51.100.1:8080 -m -w 65535",
          "-a -t 192.0.2.1:80 -r 198.51.100.2:80 -g -w 1",
          "-a -t 192.0.2.1:80 -r 198.51.100.3:80 -i -w 1 --tun-type ipip",
          "-a -t 192.0.2.1:80 -r 198.51.100.4:80 -i -w 1 --tun-type gue --tun-port 5555 --tun-csum",
          "-a -t 192.0.2.1:80 -r 198.51.100.5:80 -i -w 1 --tun-type gre --tun-nocsum",
          "-a -u [2001:db8::53]:53 -r 198.51.100.6:53 -i -w 0 --tun-type ipip",
          "-a -u [2001:db8::53]:53 -r [2001:db8::8]:8080 -m -w 1",
        ]);
        assert.match(ipvsadm("-Ln", "--thresholds"), /198\.51\.100\.1:8080 +100 +80 /);
        const read = unwrap(await client.destinations(web));
        const first = read.find(({ address }) => address === "198.51.100.1");
        assert.deepEqual(
          [
            first?.port,
            first?.weight,
            first?.forwarding,
            first?.upperThreshold,
            first?.lowerThreshold,
          ],
          [8080, 65535, "NAT", 100, 80],
        );
        assert.deepEqual(read.find(({ address }) => address === "198.51.100.4")?.tunnel, gue);
        assert.deepEqual(read.find(({ address }) => address === "198.51.100.5")?.tunnel, gre);
        const read6 = unwrap(await client.destinations(dns6));
        assert.deepEqual(read6.map(({ address }) => address).sort(), [
          "198.51.100.6",
          "2001:db8::8",
        ]);
      }),
  },
  {
    name: "editDestination() and deleteDestination() change one and leave the others",
    run: () =>
      withClient(async (client) => {
        await client.addService(service(mark4, { scheduler: "wrr" }));
        await client.addDestination(mark4, destination("198.51.100.1", { port: 0 }));
        await client.addDestination(mark4, destination("198.51.100.2", { port: 0 }));
        const heavier = destination("198.51.100.2", { port: 0, weight: 9 });
        assert.equal(await client.editDestination(mark4, heavier), null);
        const gone = { address: "198.51.100.1", port: 0 };
        assert.equal(await client.deleteDestination(mark4, gone), null);
        assert.deepEqual(saved(), ["-A -f 7 -s wrr", "-a -f 7 -r 198.51.100.2:0 -m -w 9"]);
        assert.equal(await client.deleteService(mark4), null);
        assert.deepEqual(unwrap(await client.services()), []);
      }),
  },
  {
    name: "refusals of the kernel come back as errno names",
    run: () =>
      withClient(async (client) => {
        const server = destination("198.51.100.1");
        assert.equal(await client.deleteService(web), "ESRCH");
        assert.equal(await client.editService(service(web)), "ESRCH");
        assert.equal(await client.addDestination(web, server), "ESRCH");
        assert.equal(await client.addService(service(web, { scheduler: "nosuch" })), "ENOENT");
        assert.equal(await client.addService(service(web)), null);
        assert.equal(await client.addService(service(web)), "EEXIST");
        assert.equal(await client.editDestination(web, server), "ENOENT");
        assert.equal(await client.deleteDestination(web, server), "ENOENT");
        assert.equal(await client.addDestination(web, server), null);
        assert.equal(await client.addDestination(web, server), "EEXIST");
        assert.equal(
          await client.addDestination(web, { ...server, port: 1, weight: -1 }),
          "ERANGE",
        );
        const crossed = destination("198.51.100.9", { upperThreshold: 1, lowerThreshold: 2 });
        assert.equal(await client.addDestination(web, crossed), "ERANGE");
        assert.equal(await client.addService(service(dns6, { netmask: 129 })), "EINVAL");
      }),
  },
  {
    name: "apply() gives each of many changes its own result",
    run: () =>
      withClient(async (client) => {
        const servers = Array.from({ length: 300 }, (_, i) =>
          destination(`10.0.${i >> 8}.${i & 0xff}`),
        );
        const changes: IpvsChange[] = [
          { type: "addService", service: service(web) },
          { type: "addService", service: service(web) },
          ...servers.map(
            (one): IpvsChange => ({
              type: "addDestination",
              service: web,
              destination: one,
            }),
          ),
          { type: "deleteService", service: sctp },
        ];
        const results = await client.apply(changes);
        assert.deepEqual(results.slice(0, 3), [null, "EEXIST", null]);
        assert.equal(results.at(-1), "ESRCH");
        assert.equal(results.filter((one) => one === null).length, 301);
        assert.equal(saved().length, 301);
      }),
  },
  {
    name: "services() and destinations() lose nothing of a table of thousands",
    run: () =>
      withClient(async (client) => {
        const key = (i: number): IpvsServiceKey => ({ ...web, port: i + 1 });
        const adds = Array.from(
          { length: 3000 },
          (_, i): IpvsChange => ({
            type: "addService",
            service: service(key(i)),
          }),
        );
        const servers = Array.from(
          { length: 3000 },
          (_, i): IpvsChange => ({
            type: "addDestination",
            service: key(0),
            destination: destination(`10.1.${i >> 8}.${i & 0xff}`),
          }),
        );
        const results = await client.apply([...adds, ...servers]);
        assert.ok(results.every((one) => one === null));
        const ports = unwrap(await client.services()).map((one) =>
          one.key.kind === "address" ? one.key.port : 0,
        );
        assert.equal(new Set(ports).size, 3000);
        assert.equal(ports.length, 3000);
        const read = unwrap(await client.destinations(key(0)));
        assert.equal(new Set(read.map(({ address }) => address)).size, 3000);
        assert.equal(read.length, 3000);
      }),
  },
  {
    name: "addService() sets a persistence engine",
    run: () =>
      withClient(async (client) => {
        const key: IpvsServiceKey = { ...dns6, port: 5060 };
        const flags = IP_VS_SVC_F_PERSISTENT | IP_VS_SVC_F_ONEPACKET;
        const sip = { flags, timeoutS: 60, netmask: 128, persistenceEngine: "sip" };
        assert.equal(await client.addService(service(key, sip)), null);
        assert.deepEqual(saved(), ["-A -u [2001:db8::53]:5060 -s rr -p 60 --pe sip -o"]);
        assert.equal(unwrap(await client.service(key)).persistenceEngine, "sip");
      }),
  },
  {
    name: "statistics and connection counts are those of ipvsadm, and zero() clears them",
    run: () =>
      withClient(async (client) => {
        execFileSync("ip", ["link", "add", "vip0", "type", "dummy"]);
        execFileSync("ip", ["addr", "add", "192.0.2.1/32", "dev", "vip0"]);
        execFileSync("ip", ["addr", "add", "192.0.2.2/32", "dev", "vip0"]);
        execFileSync("ip", ["link", "set", "vip0", "up"]);
        await client.addService(service(web));
        await client.addDestination(web, destination("192.0.2.2"));
        await exchange("192.0.2.2", 8080, "192.0.2.1", 80, 3);
        // The kernel sums its counters up every 2 seconds (ip_vs_est.c).
        const total = await waitFor("the statistics of three connections", async () => {
          const { statistics } = unwrap(await client.service(web));
          const isSummedUp = statistics.connections === 3n && statisticsRow(statistics);
          return isSummedUp && saidByIpvsadm(isSummedUp) ? statistics : undefined;
        });
        assert.ok(total.inboundBytes > 0n && total.outboundPackets > 0n);
        const [server] = unwrap(await client.destinations(web));
        assert.deepEqual(server?.statistics.connections, 3n);
        const counts = /192\.0\.2\.2:8080 +Masq +1 +(\d+) +(\d+)/.exec(ipvsadm("-Ln"));
        const { activeConnections = -1, inactiveConnections = -1 } = server ?? {};
        assert.deepEqual(counts?.slice(1).map(Number), [activeConnections, inactiveConnections]);
        assert.equal(activeConnections + inactiveConnections, 3);
        assert.equal(await client.zero(web), null);
        assert.equal(unwrap(await client.service(web)).statistics.connections, 0n);
        assert.equal(await client.zero(), null);
        assert.equal(await client.zero(sctp), "ESRCH");
        execFileSync("ip", ["link", "del", "vip0"]);
      }),
  },
  {
    name: "timeouts() and setTimeouts() agree with ipvsadm, and 0 leaves one as it is",
    run: () =>
      withClient(async (client) => {
        assert.equal(await client.setTimeouts({ tcpS: 901, tcpFinS: 121, udpS: 301 }), null);
        assert.equal(await client.setTimeouts({ tcpS: 0, tcpFinS: 122, udpS: 0 }), null);
        const timeouts = unwrap(await client.timeouts());
        assert.deepEqual(timeouts, { tcpS: 901, tcpFinS: 122, udpS: 301 });
        assert.match(ipvsadm("-L", "--timeout"), /901 122 301/);
      }),
  },
  {
    name: "startDaemon() and stopDaemon() run both synchronisation daemons",
    run: () =>
      withClient(async (client) => {
        execFileSync("ip", ["link", "add", "sync0", "type", "dummy"]);
        execFileSync("ip", ["addr", "add", "192.0.2.200/24", "dev", "sync0"]);
        execFileSync("ip", ["link", "set", "sync0", "up"]);
        const extra = { multicastAddress: "224.0.1.9", multicastPort: 8850, multicastTtl: 3 };
        const master = { state: "MASTER", interface: "sync0", syncId: 42 } as const;
        const backup = { state: "BACKUP", interface: "sync0", syncId: 43 } as const;
        const wanted = { ...master, maxPayloadLength: 1000, ...extra };
        assert.equal(await client.startDaemon(wanted), null);
        assert.equal(await client.startDaemon(master), "EEXIST");
        assert.equal(await client.startDaemon({ ...backup, interface: "none0" }), "ENODEV");
        assert.equal(await client.startDaemon(backup), null);
        const listing = ipvsadm("-L", "--daemon");
        assert.match(
          listing,
          /master .*=sync0, syncid=42, maxlen=1000, group=224\.0\.1\.9, port=8850, ttl=3\)/,
        );
        assert.match(listing, /backup sync daemon \(mcast=sync0, syncid=43/);
        const daemons = unwrap(await client.daemons());
        assert.deepEqual(
          daemons.find(({ state }) => state === "MASTER"),
          wanted,
        );
        assert.equal(daemons.length, 2);
        assert.equal(await client.stopDaemon("MASTER"), null);
        assert.equal(await client.stopDaemon("BACKUP"), null);
        assert.equal(await client.stopDaemon("BACKUP"), "ESRCH");
        assert.deepEqual(unwrap(await client.daemons()), []);
        execFileSync("ip", ["link", "del", "sync0"]);
      }),
  },
];

await testInUml(import.meta.url, steps, { timeoutS: 120, modules: ["ip_vs_pe_sip"] });
