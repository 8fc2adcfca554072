// The request of HTTP_GET and SSL_GET, byte for byte keepalived's. Decides nothing else.

import { ipFamily } from "@keepalived-ts/shared-config/base/ip";
import type {
  HttpCheckConfig,
  HttpProtocol,
  UrlConfig,
} from "@keepalived-ts/shared-config/schema/config";

type Target = Pick<HttpCheckConfig, "connectAddress" | "connectPort" | "protocol" | "kind">;

const minorVersions: Readonly<Record<HttpProtocol, 0 | 1>> = {
  "1.0": 0,
  "1.0c": 0,
  "1.0C": 0,
  "1.1": 1,
};

const connectionFields: Readonly<Record<HttpProtocol, string>> = {
  "1.0": "",
  "1.0c": "Connection: close\r\n",
  "1.0C": "Connection: Close\r\n",
  "1.1": "Connection: close\r\n",
};

export function httpRequest(target: Target, url: Pick<UrlConfig, "path" | "virtualHost">): string {
  const { protocol } = target;
  return (
    `GET ${url.path} HTTP/1.${minorVersions[protocol]}\r\n` +
    `User-Agent: KeepAliveClient\r\n${connectionFields[protocol]}` +
    `Host: ${url.virtualHost ?? hostOf(target)}\r\n\r\n`
  );
}

/** The port only where it is not the scheme's own. */
function hostOf({ connectAddress, connectPort, kind }: Target): string {
  const host = ipFamily(connectAddress) === 6 ? `[${connectAddress}]` : connectAddress;
  const isUsual = connectPort === (kind === "SSL_GET" ? 443 : 80);
  return isUsual ? host : `${host}:${connectPort}`;
}
