// What `snmp_socket` and -A name: where the SNMP master agent listens for AgentX, in the words of
// Net-SNMP (snmpcmd(1), "Agent specification"). Decides what can be understood, reaches nothing.

import { isIPv6 } from "node:net";

export type SnmpSocket =
  | { readonly kind: "unix"; readonly path: string }
  | {
      readonly kind: "tcp" | "udp";
      /** A name or an address. */
      readonly host: string;
      readonly port: number;
    };

/** RFC 2741 section 8.1.1. */
const agentxPort = 705;
const portMax = 65_535;
/** sun_path of unix(7), its final NUL not counted. */
const pathBytesMax = 107;

export const snmpSocketForm = "[unix:]<path>, or tcp:<host>[:<port>] or udp:<host>[:<port>]";

/** undefined: it names nothing that we know. */
export function parseSnmpSocket(text: string): SnmpSocket | undefined {
  const [, transport = "", rest = ""] = /^(?:(unix|tcp6?|udp6?):)?(.*)$/s.exec(text) ?? [];
  if (transport === "unix" || (transport === "" && rest.startsWith("/"))) {
    const isUsable = rest.startsWith("/") && Buffer.byteLength(rest) <= pathBytesMax;
    return isUsable ? { kind: "unix", path: rest } : undefined;
  }
  const place = parsePlace(rest);
  return place && { kind: transport.startsWith("udp") ? "udp" : "tcp", ...place };
}

/** "host", "host:port", "port", "[address]:port" or a bare IPv6 address. */
function parsePlace(text: string): { host: string; port: number } | undefined {
  const bracketed = /^\[([^\]]+)\](?::(\d+))?$/.exec(text);
  if (bracketed !== null) {
    const [, host = "", port] = bracketed;
    return isIPv6(host) ? placed(host, port) : undefined;
  }
  if (isIPv6(text)) return placed(text, undefined);
  if (/^\d+$/.test(text)) return placed("localhost", text);
  const [, host, port] = /^([\w.-]+)(?::(\d+))?$/.exec(text) ?? [];
  return host === undefined ? undefined : placed(host, port);
}

function placed(
  host: string,
  port: string | undefined,
): { host: string; port: number } | undefined {
  const number = port === undefined ? agentxPort : Number(port);
  return number >= 1 && number <= portMax ? { host, port: number } : undefined;
}
