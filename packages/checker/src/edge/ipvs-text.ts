// Orders for IPVS in the words of ipvsadm(8), as an administrator would give them. Pure.

import { ipFamily } from "@keepalived-ts/shared-config/base/ip";
import type { ServiceKey } from "@keepalived-ts/shared-config/schema/config";
import type { IpvsControl } from "../core/ipvs-control.js";
import type {
  Destination,
  DestinationKey,
  IpvsOrder,
  ServiceParameters,
} from "../core/ipvs-table.js";

const services = { addService: "-A", editService: "-E", deleteService: "-D" } as const;
const destinations = {
  addDestination: "-a",
  editDestination: "-e",
  deleteDestination: "-d",
} as const;
const protocols = { TCP: "-t", UDP: "-u", SCTP: "--sctp-service" } as const;
const forwardings = { NAT: "-m", DR: "-g", TUN: "-i", LOCALNODE: "-g", BYPASS: "-g" } as const;
/** IP_VS_SVC_F_* of linux/ip_vs.h. */
const onePacket = 4;
const schedulerFlags = [
  [8, "flag-1"],
  [16, "flag-2"],
  [32, "flag-3"],
] as const;
/** IP_VS_TUNNEL_ENCAP_FLAG_*. */
const checksums: Readonly<Record<number, string>> = {
  0: "--tun-nocsum",
  1: "--tun-csum",
  2: "--tun-remcsum",
};

export function orderText(order: IpvsOrder): string {
  const words = "destination" in order ? destinationWords(order) : serviceWords(order);
  return ["ipvsadm", ...words].join(" ");
}

export function controlText(control: IpvsControl): string {
  switch (control.type) {
    case "flush":
      return "ipvsadm -C";
    case "setTimeouts":
      return `ipvsadm --set ${control.tcpS} ${control.tcpFinS} ${control.udpS}`;
    case "startDaemon":
      return `ipvsadm --start-daemon ${control.daemon.state.toLowerCase()}`;
    case "stopDaemon":
      return `ipvsadm --stop-daemon ${control.state.toLowerCase()}`;
  }
}

function serviceWords(order: Exclude<IpvsOrder, { readonly destination: unknown }>): string[] {
  const key = keyWords(order.service);
  if (order.type === "deleteService") return [services[order.type], ...key];
  return [services[order.type], ...key, ...parameterWords(order.parameters, order.service)];
}

function keyWords(key: ServiceKey): string[] {
  if (key.kind === "fwmark") return ["-f", `${key.mark}`, ...(key.family === 6 ? ["-6"] : [])];
  return [protocols[key.protocol], endpoint(key)];
}

function endpoint({ address, port }: DestinationKey): string {
  return ipFamily(address) === 6 ? `[${address}]:${port}` : `${address}:${port}`;
}

function parameterWords(parameters: ServiceParameters, key: ServiceKey): string[] {
  const { scheduler, persistenceTimeoutS, persistencePrefixLength, persistenceEngine, flags } =
    parameters;
  const family = key.kind === "fwmark" ? key.family : ipFamily(key.address);
  const isWhole = persistencePrefixLength === (family === 6 ? 128 : 32);
  const named = schedulerFlags.flatMap(([bit, name]) => ((flags & bit) === 0 ? [] : [name]));
  return [
    ...["-s", scheduler],
    ...(persistenceTimeoutS === 0 ? [] : ["-p", `${persistenceTimeoutS}`]),
    ...(isWhole ? [] : ["-M", `${persistencePrefixLength}`]),
    ...(persistenceEngine === null ? [] : ["--pe", persistenceEngine]),
    ...((flags & onePacket) === 0 ? [] : ["-o"]),
    ...(named.length === 0 ? [] : ["-b", named.join(",")]),
  ];
}

function destinationWords(order: Extract<IpvsOrder, { readonly destination: unknown }>): string[] {
  const words = [destinations[order.type], ...keyWords(order.service)];
  const { destination } = order;
  words.push("-r", endpoint(destination));
  return "weight" in destination ? [...words, ...valueWords(destination)] : words;
}

function valueWords(destination: Destination): string[] {
  const { weight, forwarding, tunnel, upperThreshold, lowerThreshold } = destination;
  return [
    forwardings[forwarding],
    ...(forwarding === "TUN" && tunnel.type !== "IPIP" ? tunnelWords(destination) : []),
    ...["-w", `${weight}`],
    ...(upperThreshold === 0 ? [] : ["-x", `${upperThreshold}`]),
    ...(lowerThreshold === 0 ? [] : ["-y", `${lowerThreshold}`]),
  ];
}

function tunnelWords({ tunnel: { type, port, flags } }: Destination): string[] {
  const ports = type === "GUE" ? ["--tun-port", `${port}`] : [];
  return ["--tun-type", type.toLowerCase(), ...ports, checksums[flags] ?? "--tun-nocsum"];
}
