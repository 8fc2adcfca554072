// TLS over a probe's connection. As in keepalived nothing is verified of the server's certificate,
// unless the check asks for it; what SSL says of our own one, and of authorities, is read from
// files once for all probes.

import { readFile } from "node:fs/promises";
import { isIP, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import {
  checkServerIdentity,
  connect,
  createSecureContext,
  type SecureContext,
  type TLSSocket,
} from "node:tls";
import { errorText } from "@keepalived-ts/shared-config/base/error";
import type {
  HttpCheckConfig,
  SslConfig,
  UrlConfig,
} from "@keepalived-ts/shared-config/schema/config";
import type { Attempt } from "./attempt.js";
import { TlsTap } from "./tls-tap.js";

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

/** What is wanted of the session and of the server's certificate. */
export type TlsDemand = Pick<UrlConfig, "serverName" | "virtualHost" | "tlsCompliant"> &
  Pick<HttpCheckConfig, "connectAddress" | "verifyCertificate" | "certificateDaysMin"> & {
    /** What is offered by ALPN, one of which must be taken; absent = nothing is offered. */
    readonly applicationProtocols?: readonly string[] | undefined;
  };

/** `ready` gets the stream of the session once it stands. */
export function secure(
  socket: Socket,
  demand: TlsDemand,
  tls: TlsContext,
  attempt: Attempt,
  ready: (stream: Duplex) => void,
): void {
  void tls.ready.then((secureContext) => {
    if (attempt.isOver) return;
    if (secureContext === undefined) attempt.giveUp("the files of SSL cannot be used");
    else open(socket, demand, secureContext, attempt, ready);
  });
}

function open(
  socket: Socket,
  demand: TlsDemand,
  secureContext: SecureContext,
  attempt: Attempt,
  ready: (stream: Duplex) => void,
): void {
  const { serverName, applicationProtocols } = demand;
  // RFC 6066 section 3: an address is no server name.
  const hasName = serverName !== undefined && isIP(serverName) === 0;
  const tap = demand.tlsCompliant ? new TlsTap(socket) : undefined;
  const session = connect({
    socket: tap ?? socket,
    secureContext,
    rejectUnauthorized: false,
    checkServerIdentity: (_, certificate) => checkServerIdentity(wantedName(demand), certificate),
    ...(hasName ? { servername: serverName } : {}),
    ...(applicationProtocols === undefined ? {} : { ALPNProtocols: [...applicationProtocols] }),
  });
  attempt.holds(() => session.destroy());
  session.on("error", (error: NodeJS.ErrnoException) => attempt.endWith(error));
  session.on("secureConnect", () => {
    const complaint = protocolComplaint(session, demand) ?? certificateComplaint(session, demand);
    if (complaint !== undefined) attempt.fail(complaint);
    else ready(session);
  });
  // Before the reader of the response hears of it.
  session.prependListener("end", () => {
    if (tap?.hasConnectionEnded) attempt.fail("TLS session without an end");
  });
}

function wantedName({ serverName, virtualHost, connectAddress }: TlsDemand): string {
  return serverName ?? virtualHost?.replace(/:\d+$/, "") ?? connectAddress;
}

function protocolComplaint(
  { alpnProtocol }: TLSSocket,
  { applicationProtocols }: TlsDemand,
): string | undefined {
  if (applicationProtocols?.includes(alpnProtocol || "") ?? true) return undefined;
  return `TLS without ${applicationProtocols?.join(", ")}`;
}

const msPerDay = 86_400_000;

function certificateComplaint(session: TLSSocket, demand: TlsDemand): string | undefined {
  const { verifyCertificate, certificateDaysMin } = demand;
  if (verifyCertificate && !session.authorized) {
    return `certificate refused: ${String(session.authorizationError)}`;
  }
  if (certificateDaysMin === undefined) return undefined;
  const days = (Date.parse(session.getPeerCertificate().valid_to) - Date.now()) / msPerDay;
  // One that cannot be read has no day left.
  return days >= certificateDaysMin ? undefined : `certificate ends in ${Math.floor(days)} days`;
}
