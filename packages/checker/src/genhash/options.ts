// The words of genhash, as keepalived's own takes them. Decides what is asked; asks nothing.

import { parseArgs } from "node:util";
import { errorText } from "@keepalived-ts/shared-config/base/error";
import { parseIp } from "@keepalived-ts/shared-config/base/ip";
import { usPerSecond } from "@keepalived-ts/shared-config/base/units";
import type { HttpCheckConfig, HttpProtocol } from "@keepalived-ts/shared-config/schema/config";

export type GenhashCommand =
  | { readonly kind: "ask"; readonly check: HttpCheckConfig; readonly isVerbose: boolean }
  | { readonly kind: "help" }
  | { readonly kind: "refused"; readonly text: string };

const options = {
  "use-ssl": { type: "boolean", short: "S" },
  "use-sni": { type: "boolean", short: "I" },
  server: { type: "string", short: "s" },
  port: { type: "string", short: "p" },
  url: { type: "string", short: "u" },
  "use-virtualhost": { type: "string", short: "V" },
  verbose: { type: "boolean", short: "v" },
  help: { type: "boolean", short: "h" },
  fwmark: { type: "string", short: "m" },
  protocol: { type: "string", short: "P" },
  timeout: { type: "string", short: "t" },
} as const;

const protocols: readonly HttpProtocol[] = ["1.0", "1.0c", "1.0C", "1.1", "2"];
const defaultTimeoutS = 5;

export const genhashUsage: string = `Usage: genhash [-S [-I]] -s ADDRESS -p PORT -u PATH [OPTION...]
Prints the MD5 digest that a url of HTTP_GET or SSL_GET wants of what a web server answers.
  -s, --server=ADDRESS        address of the web server
  -p, --port=PORT             its port
  -u, --url=PATH              what is asked for
  -S, --use-ssl               by TLS
  -I, --use-sni               name the virtual host in the TLS handshake
  -V, --use-virtualhost=NAME  name this virtual host
  -P, --protocol=VERSION      ${protocols.join(", ")}; c and C close the connection
  -m, --fwmark=MARK           mark the packets
  -t, --timeout=SECONDS       for all of it, ${defaultTimeoutS} by default
  -v, --verbose               show what comes
  -h, --help                  print this text
`;

type Values = ReturnType<typeof read>["values"];

function read(words: readonly string[]) {
  return parseArgs({ args: [...words], options, allowPositionals: true });
}

export function readGenhashWords(words: readonly string[]): GenhashCommand {
  try {
    const { values, positionals } = read(words);
    if (values.help) return { kind: "help" };
    if (positionals.length > 0) return refused(`Cannot use "${positionals.join(" ")}"`);
    return command(values);
  } catch (thrown) {
    return refused(`Cannot follow these words: ${errorText(thrown)}`);
  }
}

function refused(text: string): GenhashCommand {
  return { kind: "refused", text };
}

function command(values: Values): GenhashCommand {
  const { server, port, url: path, protocol = "1.0", fwmark = "0" } = values;
  if (server === undefined || port === undefined || path === undefined) {
    return refused("Cannot ask without -s, -p and -u");
  }
  if (parseIp(server) === undefined) return refused(`server should be an IP, not ${server}`);
  const known = protocols.find((one) => one === protocol);
  if (known === undefined) return refused(`invalid HTTP protocol version '${protocol}'`);
  const connectPort = integer(port, 1, 65535);
  if (connectPort === undefined) return refused(`invalid port number '${port}'`);
  const mark = integer(fwmark, 0, 2 ** 32 - 1);
  if (mark === undefined) return refused(`invalid fwmark '${fwmark}'`);
  const timeoutS = integer(values.timeout ?? String(defaultTimeoutS), 1, 2 ** 31);
  if (timeoutS === undefined) return refused(`invalid timeout '${values.timeout}'`);
  const check = checkOf(values, { connectAddress: server, connectPort, path, protocol: known });
  const marked = mark === 0 ? check : { ...check, fwmark: mark };
  const timed = { ...marked, connectTimeoutUs: timeoutS * usPerSecond };
  return { kind: "ask", check: timed, isVerbose: values.verbose ?? false };
}

function integer(digits: string, from: number, to: number): number | undefined {
  const value = Number(digits);
  return /^\d+$/.test(digits) && value >= from && value <= to ? value : undefined;
}

interface Asked {
  readonly connectAddress: string;
  readonly connectPort: number;
  readonly path: string;
  readonly protocol: HttpProtocol;
}

function checkOf(values: Values, { path, ...asked }: Asked): HttpCheckConfig {
  const { "use-virtualhost": virtualHost, "use-sni": enableSni = false } = values;
  return {
    ...asked,
    kind: values["use-ssl"] ? "SSL_GET" : "HTTP_GET",
    connectTimeoutUs: 0,
    enableSni,
    fastRecovery: false,
    urls: [
      {
        path,
        statusCodes: [{ from: 100, to: 999 }],
        tlsCompliant: false,
        ...(virtualHost === undefined ? {} : { virtualHost }),
        ...(enableSni && virtualHost !== undefined ? { serverName: virtualHost } : {}),
      },
    ],
    ...{ delayLoopUs: 0, retry: 0, delayBeforeRetryUs: 0, warmupUs: 0 },
    ...{ alpha: false, logAllFailures: false },
  };
}
