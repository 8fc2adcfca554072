// The raw sockets for adverts: one an interface and family, and one an address for instances that
// have no interface. What cannot be opened is logged and tried again when the interface changes.

import {
  AF_INET,
  IPPROTO_AH,
  IPPROTO_VRRP,
  SOCK_RAW,
} from "@keepalived-ts/netops/constants/socket";
import type {
  OutgoingDatagram,
  ReceivedDatagram,
  SendResult,
} from "@keepalived-ts/netops/raw-socket/datagram-socket";
import { DatagramSocket } from "@keepalived-ts/netops/raw-socket/datagram-socket";
import { MonotonicTimer, monotonicUs } from "@keepalived-ts/netops/timer";
import { KeepalivedError } from "@keepalived-ts/shared-config/base/error";
import { ipFamily } from "@keepalived-ts/shared-config/base/ip";
import type { ListenWish, PlaceWish } from "./listen-plan.js";
import type { AdvertPlace, AdvertPort, ReportPort } from "./ports.js";
import { RawVrrpSocket, type RawVrrpSocketOptions } from "./raw-vrrp-socket.js";
import { ReceivePace } from "./receive-pace.js";

const notOpen: SendResult = { sent: 0, error: "ENODEV" };

/** The sockets for one family on an interface, or for one address. */
interface Listener {
  readonly main: RawVrrpSocket;
  /** Receives adverts behind an authentication header; they are sent by `main` too. */
  headers: RawVrrpSocket | undefined;
}

interface ListenerOptions extends RawVrrpSocketOptions {
  /** For the log. */
  readonly name: string;
  readonly heardAt: number;
  readonly mtu: number;
}

export interface OpenedLink {
  readonly index: number;
  readonly mtu: number;
}

interface OpenPlace {
  /** What the sockets on it were made for. */
  readonly heardAt: number;
  readonly sender: string | undefined;
  readonly byFamily: Map<4 | 6, Listener>;
  readonly bySource: Map<string, Listener>;
  /** What was wished for last: others are for farewells only. */
  wish: PlaceWish;
}

export interface AdvertSocketHandlers {
  received(interfaceIndex: number, family: 4 | 6, batch: readonly ReceivedDatagram[]): void;
}

export class AdvertSockets implements AdvertPort {
  readonly #handlers: AdvertSocketHandlers;
  readonly #parent: ReportPort;
  readonly #byIndex: Map<number, OpenPlace> = new Map();
  readonly #timer: MonotonicTimer = new MonotonicTimer(() => this.#pace.tick());
  readonly #pace: ReceivePace = new ReceivePace({
    now: monotonicUs,
    wakeAt: (atUs) => this.#timer.armAt(atUs),
  });

  constructor(handlers: AdvertSocketHandlers, parent: ReportPort) {
    this.#handlers = handlers;
    this.#parent = parent;
  }

  /** The shortest advert interval of any instance. */
  useInterval(advertIntervalUs: number): void {
    this.#pace.useInterval(advertIntervalUs);
  }

  lookAgain(): void {
    this.#pace.lookAgain();
  }

  /** Throws unless this process may use raw sockets at all. */
  static probe(): void {
    DatagramSocket.open({ family: AF_INET, type: SOCK_RAW, protocol: IPPROTO_VRRP }).close();
  }

  /**
   * Sees to it that what is wished for is received there, as if on the interface of index
   * `heardAt`; false if it cannot be.
   */
  open(
    name: string,
    { index, mtu }: OpenedLink,
    wish: PlaceWish,
    heardAt: number = index,
  ): boolean {
    try {
      const place = this.#place(index, heardAt, wish);
      const { sender } = place;
      for (const [family, each] of wish.byFamily) {
        const options = { name, family, interfaceIndex: index, heardAt, sender, mtu };
        this.#listen(place.byFamily, family, each, options);
      }
      for (const [source, each] of wish.bySource) {
        const family = ipFamily(source);
        const options = { name: source, family, interfaceIndex: index, heardAt, source, mtu };
        this.#listen(place.bySource, source, each, options);
      }
      return true;
    } catch (thrown) {
      if (!(thrown instanceof KeepalivedError)) throw thrown;
      this.close(index);
      const where = name === "" ? "any interface" : name;
      this.#parent.log({
        level: "error",
        text: `Cannot open VRRP socket on ${where}: ${thrown.message}`,
        data: { device: name, errno: thrown.code },
      });
      return false;
    }
  }

  close(index: number): void {
    const place = this.#byIndex.get(index);
    if (place === undefined) return;
    for (const listener of place.byFamily.values()) closeListener(listener);
    for (const listener of place.bySource.values()) closeListener(listener);
    this.#byIndex.delete(index);
  }

  /**
   * Closes the sockets of interfaces that are not in `indexes`, and what is not wished for any more
   * on the others. To be called when whoever used them has said farewell.
   */
  closeOthers(indexes: ReadonlySet<number>): void {
    for (const [index, { byFamily, bySource, wish }] of this.#byIndex) {
      if (indexes.has(index)) {
        closeUnwished(byFamily, wish.byFamily);
        closeUnwished(bySource, wish.bySource);
      } else this.close(index);
    }
  }

  send(
    { interfaceIndex, family, source }: AdvertPlace,
    packets: readonly OutgoingDatagram[],
  ): SendResult {
    const place = this.#byIndex.get(interfaceIndex);
    const listener = source === null ? place?.byFamily.get(family) : place?.bySource.get(source);
    return listener?.main.send(packets) ?? notOpen;
  }

  /** Sockets that were made for something else are of no use. */
  #place(index: number, heardAt: number, wish: PlaceWish): OpenPlace {
    const sender = wish.above?.hardwareAddress;
    const former = this.#byIndex.get(index);
    if (former?.heardAt === heardAt && former.sender === sender) {
      former.wish = wish;
      return former;
    }
    this.close(index);
    const place = { heardAt, sender, byFamily: new Map(), bySource: new Map(), wish };
    this.#byIndex.set(index, place);
    return place;
  }

  #listen<K>(
    listeners: Map<K, Listener>,
    key: K,
    { groups, hasHeaders, buffer }: ListenWish,
    options: Omit<ListenerOptions, "protocol">,
  ): void {
    let listener = listeners.get(key);
    if (listener === undefined) {
      listener = { main: this.#open({ ...options, protocol: IPPROTO_VRRP }), headers: undefined };
      listeners.set(key, listener);
    }
    const bytes = buffer.bytes + buffer.mtus * options.mtu;
    listener.main.size(bytes);
    listener.main.joinOnly(groups);
    if (!hasHeaders) {
      listener.headers?.close();
      listener.headers = undefined;
      return;
    }
    listener.headers ??= this.#open({ ...options, protocol: IPPROTO_AH });
    listener.headers.size(bytes);
    listener.headers.joinOnly(groups);
  }

  #open({ name, heardAt, mtu: _, ...options }: ListenerOptions): RawVrrpSocket {
    const socket = new RawVrrpSocket(options);
    const { family } = options;
    socket.receive(
      this.#pace,
      (batch) => this.#handlers.received(heardAt, family, batch),
      // ENETDOWN and the like are one-time notices of the socket, which goes on receiving.
      (errno) =>
        this.#parent.log({
          level: "detail",
          text: `Cannot receive advertisements on ${name}: ${errno}`,
          data: { device: name, errno },
        }),
    );
    return socket;
  }
}

function closeUnwished<K>(listeners: Map<K, Listener>, wishes: ReadonlyMap<K, ListenWish>): void {
  for (const [key, listener] of listeners) {
    if (wishes.has(key)) continue;
    closeListener(listener);
    listeners.delete(key);
  }
}

function closeListener({ main, headers }: Listener): void {
  main.close();
  headers?.close();
}
