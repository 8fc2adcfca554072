// TLS over a probe's connection. As in keepalived nothing is verified of the server's certificate,
// unless the check asks for it; what SSL says of our own one, and of authorities, is read from
// files once for all probes. Node's TLS is loaded when it is first wanted: it takes a good part of
// a checker's start, and few checks need it.

import { readFile } from "node:fs/promises";
import { isIP, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { SecureContext, TLSSocket } from "node:tls";
import { errorText } from "@keepalived-ts/shared-config/base/error";
import type {
  HttpCheckConfig,
  SslConfig,
  UrlConfig,
} from "@keepalived-ts/shared-config/schema/config";
import type { Attempt } from "./attempt.js";
import { TlsTap } from "./tls-tap.js";

type Tls = typeof import("node:tls");

interface ReadyTls extends Pick<Tls, "connect" | "checkServerIdentity"> {
  readonly secureContext: SecureContext;
}

/** What the probes use; it is there at some time after it was ordered. */
export interface TlsContext {
  /** Undefined when the files of SSL cannot be used; that has been told. */
  readonly ready: Promise<ReadyTls | undefined>;
}

/** Files are read at once. `failed` gets what an operator should know. */
export function loadTlsContext(ssl: SslConfig, failed: (text: string) => void): TlsContext {
  const begin = (): Promise<ReadyTls | undefined> =>
    load(ssl).catch((thrown: unknown) => {
      failed(`Cannot use what SSL says: ${errorText(thrown)}; SSL_GET checks are not run`);
      return undefined;
    });
  let ready = (ssl.ca ?? ssl.certificate ?? ssl.key) ? begin() : undefined;
  return {
    get ready(): Promise<ReadyTls | undefined> {
      ready ??= begin();
      return ready;
    },
  };
}

async function load({ ca, certificate, key, password }: SslConfig): Promise<ReadyTls> {
  const { checkServerIdentity, connect, createSecureContext } = await import("node:tls");
  const [authorities, chain, secret] = await Promise.all([ca, certificate, key].map(readOptional));
  const secureContext = createSecureContext({
    ...(authorities === undefined ? {} : { ca: authorities }),
    ...(chain === undefined ? {} : { cert: chain }),
    ...(secret === undefined ? {} : { key: secret }),
    ...(password === undefined ? {} : { passphrase: password }),
  });
  return { secureContext, checkServerIdentity, connect };
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
  void tls.ready.then((readyTls) => {
    if (attempt.isOver) return;
    if (readyTls === undefined) attempt.giveUp("the files of SSL cannot be used");
    else open(socket, demand, readyTls, attempt, ready);
  });
}

function open(
  socket: Socket,
  demand: TlsDemand,
  { secureContext, connect, checkServerIdentity }: ReadyTls,
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
