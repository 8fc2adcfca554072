// TLS over a probe's connection. As in keepalived nothing is verified of the server's certificate;
// what SSL says of our own one, and of authorities, is read from files once for all probes.

import { readFile } from "node:fs/promises";
import { isIP, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import { connect, createSecureContext, type SecureContext } from "node:tls";
import { errorText } from "@keepalived-ts/shared-config/base/error";
import type { SslConfig, UrlConfig } from "@keepalived-ts/shared-config/schema/config";
import type { Attempt } from "./attempt.js";

/** What the probes use; it is there at some time after it was ordered. */
export interface TlsContext {
  /** Undefined when the files of SSL cannot be used; that has been told. */
  readonly ready: Promise<SecureContext | undefined>;
}

/** `failed` gets what an operator should know. */
export function loadTlsContext(ssl: SslConfig, failed: (text: string) => void): TlsContext {
  const ready = load(ssl).catch((thrown: unknown) => {
    failed(`Cannot use what SSL says: ${errorText(thrown)}; SSL_GET checks are not run`);
    return undefined;
  });
  return { ready };
}

async function load({ ca, certificate, key, password }: SslConfig): Promise<SecureContext> {
  const [authorities, chain, secret] = await Promise.all([ca, certificate, key].map(readOptional));
  return createSecureContext({
    ...(authorities === undefined ? {} : { ca: authorities }),
    ...(chain === undefined ? {} : { cert: chain }),
    ...(secret === undefined ? {} : { key: secret }),
    ...(password === undefined ? {} : { passphrase: password }),
  });
}

async function readOptional(path: string | undefined): Promise<Buffer | undefined> {
  return path === undefined ? undefined : readFile(path);
}

/** `ready` gets the stream of the session once it stands. */
export function secure(
  socket: Socket,
  { serverName }: Pick<UrlConfig, "serverName">,
  tls: TlsContext,
  attempt: Attempt,
  ready: (stream: Duplex) => void,
): void {
  void tls.ready.then((secureContext) => {
    if (attempt.isOver) return;
    if (secureContext === undefined) {
      attempt.giveUp("the files of SSL cannot be used");
      return;
    }
    // RFC 6066 section 3: an address is no server name.
    const hasName = serverName !== undefined && isIP(serverName) === 0;
    const session = connect({
      socket,
      secureContext,
      rejectUnauthorized: false,
      ...(hasName ? { servername: serverName } : {}),
    });
    attempt.holds(() => session.destroy());
    session.on("secureConnect", () => ready(session));
    session.on("error", (error: NodeJS.ErrnoException) => attempt.endWith(error));
  });
}
