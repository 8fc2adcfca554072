// The request of HTTP_GET and SSL_GET, byte for byte keepalived's; over HTTP/2, which keepalived
// has not, the same request in its form. Decides nothing else.

import type { OutgoingHttpHeaders } from "node:http2";
import { ipFamily } from "@keepalived-ts/shared-config/base/ip";
import type {
  HttpCheckConfig,
  HttpProtocol,
  UrlConfig,
} from "@keepalived-ts/shared-config/schema/config";

/** Over HTTP/1.x the text says which version it is. */
export type TextProtocol = Exclude<HttpProtocol, "2">;

type Target = Pick<HttpCheckConfig, "connectAddress" | "connectPort" | "kind">;

const minorVersions: Readonly<Record<TextProtocol, 0 | 1>> = {
  "1.0": 0,
  "1.0c": 0,
  "1.0C": 0,
  "1.1": 1,
};

const connectionFields: Readonly<Record<TextProtocol, string>> = {
  "1.0": "",
  "1.0c": "Connection: close\r\n",
  "1.0C": "Connection: Close\r\n",
  "1.1": "Connection: close\r\n",
};

const agent = "KeepAliveClient";

export function httpRequest(
  protocol: TextProtocol,
  target: Target,
  url: Pick<UrlConfig, "path" | "virtualHost">,
): string {
  return (
    `GET ${url.path} HTTP/1.${minorVersions[protocol]}\r\n` +
    `User-Agent: ${agent}\r\n${connectionFields[protocol]}` +
    `Host: ${url.virtualHost ?? hostOf(target, target.kind === "SSL_GET")}\r\n\r\n`
  );
}

export function http2Request(
  target: Target,
  { path, virtualHost }: Pick<UrlConfig, "path" | "virtualHost">,
): OutgoingHttpHeaders {
  return {
    ":method": "GET",
    ":scheme": target.kind === "SSL_GET" ? "https" : "http",
    ":authority": virtualHost ?? hostOf(target, target.kind === "SSL_GET"),
    ":path": path,
    "user-agent": agent,
  };
}

/** The port only where it is not the scheme's own. */
export function hostOf(
  { connectAddress, connectPort }: Pick<Target, "connectAddress" | "connectPort">,
  isSecure: boolean,
): string {
  const host = ipFamily(connectAddress) === 6 ? `[${connectAddress}]` : connectAddress;
  const isUsual = connectPort === (isSecure ? 443 : 80);
  return isUsual ? host : `${host}:${connectPort}`;
}
