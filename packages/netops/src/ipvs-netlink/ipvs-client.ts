// IPVS of the kernel through generic netlink: every command of linux/ip_vs.h. What the kernel
// refuses comes back as a result with the errno name; nothing is repeated and nothing is
// remembered.

import { unreachable } from "@keepalived-ts/shared-config/base/assert";
import { KeepalivedError } from "@keepalived-ts/shared-config/base/error";
import { NETLINK_GENERIC } from "../constants/netlink.js";
import {
  type ConnectionCounters,
  NetlinkConnection,
  type NetlinkRequest,
} from "../netlink/connection.js";
import type { Attributes, MessageWriter, NetlinkMessage } from "../netlink/message.js";
import { openTransport, type TransportFactory } from "../netlink/transport.js";
import {
  decodeDaemon,
  decodeTimeouts,
  decodeVersion,
  encodeDaemon,
  encodeDaemonState,
  encodeTimeouts,
} from "./daemon-codec.js";
import { decodeDestination, encodeDestination, encodeDestinationKey } from "./destination-codec.js";
import { encodeGenericHeader, genericAttributes, lookUpFamily } from "./genl-family.js";
import {
  IPVS_CMD_DEL_DAEMON,
  IPVS_CMD_DEL_DEST,
  IPVS_CMD_DEL_SERVICE,
  IPVS_CMD_FLUSH,
  IPVS_CMD_GET_CONFIG,
  IPVS_CMD_GET_DAEMON,
  IPVS_CMD_GET_DEST,
  IPVS_CMD_GET_INFO,
  IPVS_CMD_GET_SERVICE,
  IPVS_CMD_NEW_DAEMON,
  IPVS_CMD_NEW_DEST,
  IPVS_CMD_NEW_SERVICE,
  IPVS_CMD_SET_CONFIG,
  IPVS_CMD_SET_DEST,
  IPVS_CMD_SET_SERVICE,
  IPVS_CMD_ZERO,
  IPVS_GENL_NAME,
  IPVS_GENL_VERSION,
} from "./ip-vs.js";
import { loadIpvsModule } from "./kernel-module.js";
import { decodeService, encodeService, encodeServiceKey, familyOf } from "./service-codec.js";
import type {
  IpvsChange,
  IpvsDaemon,
  IpvsDaemonRequest,
  IpvsDaemonState,
  IpvsDestination,
  IpvsDestinationKey,
  IpvsDestinationRequest,
  IpvsResult,
  IpvsService,
  IpvsServiceKey,
  IpvsServiceRequest,
  IpvsTimeouts,
  IpvsVersion,
} from "./types.js";

export type * from "./types.js";

export interface IpvsClientOptions {
  readonly timeoutMs?: number;
  readonly transport?: TransportFactory;
  /** Called once when the kernel has no IPVS; what is true after it is asked again. */
  readonly loadModule?: () => Promise<boolean>;
}

const defaultTimeoutMs = 2_000;
/** Changes per system call. */
const changesPerCall = 64;

type Encoder = (writer: MessageWriter) => void;
const encodeNothing: Encoder = () => undefined;

export class IpvsClient {
  readonly #connection: NetlinkConnection;
  readonly #family: number;
  #malformed = 0;

  private constructor(connection: NetlinkConnection, family: number) {
    this.#connection = connection;
    this.#family = family;
  }

  /**
   * Throws KeepalivedError: IPVS_UNAVAILABLE if the kernel has no IPVS, IPVS_FORBIDDEN if we may
   * not use it, else the errno name. Loads the kernel's module if that is all that is missing.
   */
  static async open(options: IpvsClientOptions = {}): Promise<IpvsClient> {
    const connection = new NetlinkConnection(
      options.transport ?? openTransport,
      { protocol: NETLINK_GENERIC },
      { timeoutMs: options.timeoutMs ?? defaultTimeoutMs },
    );
    try {
      const family = await findFamily(connection, options.loadModule ?? loadIpvsModule);
      const client = new IpvsClient(connection, family);
      const version = await client.version();
      if (!version.ok) throw refusal(version.errno);
      return client;
    } catch (thrown) {
      connection.close();
      throw thrown;
    }
  }

  get counters(): Readonly<ConnectionCounters> {
    const counters = this.#connection.counters;
    return { ...counters, malformed: counters.malformed + this.#malformed };
  }

  version(): Promise<IpvsResult<IpvsVersion>> {
    return this.#get(IPVS_CMD_GET_INFO, encodeNothing, decodeVersion);
  }

  services(): Promise<IpvsResult<readonly IpvsService[]>> {
    return this.#table(IPVS_CMD_GET_SERVICE, encodeNothing, decodeService);
  }

  /** ESRCH: there is no such service. */
  service(key: IpvsServiceKey): Promise<IpvsResult<IpvsService>> {
    const encode: Encoder = (writer) => encodeServiceKey(writer, key);
    return this.#get(IPVS_CMD_GET_SERVICE, encode, decodeService);
  }

  /** Of a service that does not exist the kernel says that it has no destinations. */
  destinations(service: IpvsServiceKey): Promise<IpvsResult<readonly IpvsDestination[]>> {
    const encode: Encoder = (writer) => encodeServiceKey(writer, service);
    const family = familyOf(service);
    return this.#table(IPVS_CMD_GET_DEST, encode, (message) => decodeDestination(message, family));
  }

  /** EEXIST: it is there already. ENOENT: no such scheduler or persistence engine. */
  addService(service: IpvsServiceRequest): Promise<string | null> {
    return this.#change({ type: "addService", service });
  }

  /** ESRCH: there is no such service. */
  editService(service: IpvsServiceRequest): Promise<string | null> {
    return this.#change({ type: "editService", service });
  }

  /** ESRCH: there is no such service. */
  deleteService(service: IpvsServiceKey): Promise<string | null> {
    return this.#change({ type: "deleteService", service });
  }

  /** EEXIST: it is there already. ESRCH: there is no such service. */
  addDestination(
    service: IpvsServiceKey,
    destination: IpvsDestinationRequest,
  ): Promise<string | null> {
    return this.#change({ type: "addDestination", service, destination });
  }

  /** ENOENT: there is no such destination. ESRCH: there is no such service. */
  editDestination(
    service: IpvsServiceKey,
    destination: IpvsDestinationRequest,
  ): Promise<string | null> {
    return this.#change({ type: "editDestination", service, destination });
  }

  /** ENOENT: there is no such destination. ESRCH: there is no such service. */
  deleteDestination(
    service: IpvsServiceKey,
    destination: IpvsDestinationKey,
  ): Promise<string | null> {
    return this.#change({ type: "deleteDestination", service, destination });
  }

  /** Many changes in few system calls, in order; result i is that of change i. */
  async apply(changes: readonly IpvsChange[]): Promise<readonly (string | null)[]> {
    const results: (string | null)[] = [];
    const perCall = Math.min(changesPerCall, this.#connection.largestBatch);
    for (let first = 0; first < changes.length; first += perCall) {
      const requests = changes
        .slice(first, first + perCall)
        .map((change) => this.#request(...orderOf(change)));
      results.push(...(await this.#connection.batch(requests)));
    }
    return results;
  }

  /** Takes away every service, whoever has made it. */
  flush(): Promise<string | null> {
    return this.#connection.request(this.#request(IPVS_CMD_FLUSH, encodeNothing));
  }

  /** Sets the statistics of one service, or of everything, to zero. */
  zero(service?: IpvsServiceKey): Promise<string | null> {
    const encode: Encoder =
      service === undefined ? encodeNothing : (writer) => encodeServiceKey(writer, service);
    return this.#connection.request(this.#request(IPVS_CMD_ZERO, encode));
  }

  timeouts(): Promise<IpvsResult<IpvsTimeouts>> {
    return this.#get(IPVS_CMD_GET_CONFIG, encodeNothing, decodeTimeouts);
  }

  setTimeouts(timeouts: IpvsTimeouts): Promise<string | null> {
    const encode: Encoder = (writer) => encodeTimeouts(writer, timeouts);
    return this.#connection.request(this.#request(IPVS_CMD_SET_CONFIG, encode));
  }

  daemons(): Promise<IpvsResult<readonly IpvsDaemon[]>> {
    return this.#table(IPVS_CMD_GET_DAEMON, encodeNothing, decodeDaemon);
  }

  /** EEXIST: one of that state is running already. ENODEV: there is no such interface. */
  startDaemon(daemon: IpvsDaemonRequest): Promise<string | null> {
    const encode: Encoder = (writer) => encodeDaemon(writer, daemon);
    return this.#connection.request(this.#request(IPVS_CMD_NEW_DAEMON, encode));
  }

  /** ESRCH: none of that state is running. */
  stopDaemon(state: IpvsDaemonState): Promise<string | null> {
    const encode: Encoder = (writer) => encodeDaemonState(writer, state);
    return this.#connection.request(this.#request(IPVS_CMD_DEL_DAEMON, encode));
  }

  /** What is pending settles with ECANCELED. */
  close(): void {
    this.#connection.close();
  }

  #change(change: IpvsChange): Promise<string | null> {
    return this.#connection.request(this.#request(...orderOf(change)));
  }

  async #get<T>(
    command: number,
    encode: Encoder,
    decode: (message: Attributes) => T | undefined,
  ): Promise<IpvsResult<T>> {
    const values: T[] = [];
    const errno = await this.#connection.request(this.#request(command, encode), (message) =>
      this.#collect(values, message, decode),
    );
    if (errno !== null) return { ok: false, errno };
    const [value] = values;
    return value === undefined ? { ok: false, errno: "EBADMSG" } : { ok: true, value };
  }

  async #table<T>(
    command: number,
    encode: Encoder,
    decode: (message: Attributes) => T | undefined,
  ): Promise<IpvsResult<readonly T[]>> {
    const values: T[] = [];
    const { error } = await this.#connection.dump(this.#request(command, encode), (message) =>
      this.#collect(values, message, decode),
    );
    return error === null ? { ok: true, value: values } : { ok: false, errno: error };
  }

  #collect<T>(
    values: T[],
    message: NetlinkMessage,
    decode: (message: Attributes) => T | undefined,
  ): void {
    const attributes = genericAttributes(message);
    const value = attributes && decode(attributes);
    if (value === undefined) this.#malformed += 1;
    else values.push(value);
  }

  #request(command: number, encode: Encoder): NetlinkRequest {
    return {
      type: this.#family,
      flags: 0,
      encode: (writer) => {
        encodeGenericHeader(writer, command, IPVS_GENL_VERSION);
        encode(writer);
      },
    };
  }
}

async function findFamily(
  connection: NetlinkConnection,
  loadModule: () => Promise<boolean>,
): Promise<number> {
  const first = await lookUpFamily(connection, IPVS_GENL_NAME);
  if (first.ok) return first.id;
  if (first.errno !== "ENOENT") throw refusal(first.errno);
  await loadModule();
  const second = await lookUpFamily(connection, IPVS_GENL_NAME);
  if (second.ok) return second.id;
  throw refusal(second.errno);
}

function refusal(errno: string): KeepalivedError {
  if (errno === "ENOENT") {
    return new KeepalivedError(
      "IPVS_UNAVAILABLE",
      "Cannot use IPVS: the kernel has no module ip_vs; load it with `modprobe ip_vs` (for a " +
        "container, on the host), or use a kernel built with CONFIG_IP_VS",
      { errno },
    );
  }
  if (errno === "EPERM") {
    return new KeepalivedError(
      "IPVS_FORBIDDEN",
      "Cannot use IPVS: run as root or with CAP_NET_ADMIN in the user namespace that owns the " +
        "network namespace (containers: --cap-add NET_ADMIN)",
      { errno },
    );
  }
  return new KeepalivedError(errno, `Cannot use IPVS: the kernel answered ${errno}`, { errno });
}

/** The command of a change, and what is written for it. */
function orderOf(change: IpvsChange): readonly [number, Encoder] {
  switch (change.type) {
    case "addService":
    case "editService": {
      const { type, service } = change;
      const command = type === "addService" ? IPVS_CMD_NEW_SERVICE : IPVS_CMD_SET_SERVICE;
      return [command, (writer) => encodeService(writer, service)];
    }
    case "deleteService": {
      const { service } = change;
      return [IPVS_CMD_DEL_SERVICE, (writer) => encodeServiceKey(writer, service)];
    }
    case "addDestination":
    case "editDestination": {
      const { type, service, destination } = change;
      const command = type === "addDestination" ? IPVS_CMD_NEW_DEST : IPVS_CMD_SET_DEST;
      const encode: Encoder = (writer) => {
        encodeServiceKey(writer, service);
        encodeDestination(writer, destination);
      };
      return [command, encode];
    }
    case "deleteDestination": {
      const { service, destination } = change;
      const encode: Encoder = (writer) => {
        encodeServiceKey(writer, service);
        encodeDestinationKey(writer, destination);
      };
      return [IPVS_CMD_DEL_DEST, encode];
    }
    default:
      return unreachable(change);
  }
}
