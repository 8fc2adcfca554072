// Carries out what the core orders, in order: adverts leave at once and together, addresses and
// their announcements go through the address queue, reports go to the parent when nothing is
// urgent. Decides nothing of its own but how work is batched.

import type { OutgoingDatagram } from "@keepalived-ts/netops/raw-socket/datagram-socket";
import { unreachable } from "@keepalived-ts/shared-config/base/assert";
import type {
  VirtualAddress,
  VrrpInstanceConfig,
} from "@keepalived-ts/shared-config/schema/config";
import type { SendAdvertAction, VrrpAction } from "../core/action.js";
import { AddressQueue } from "./address-queue.js";
import { AdvertCache, placesMax } from "./advert-cache.js";
import { announcementName, announceSource } from "./announcement.js";
import { Losses } from "./losses.js";
import type { AdvertPlace, Ports } from "./ports.js";
import { RepairPolicy } from "./repair-policy.js";
import { RoutingQueue } from "./routing-queue.js";

const announcementsToldMax = 16;

interface Outgoing {
  /** One for each packet. */
  readonly orders: SendAdvertAction[];
  readonly packets: OutgoingDatagram[];
}

export class Executor {
  readonly #ports: Ports;
  readonly #adverts = new AdvertCache();
  readonly #repairs = new RepairPolicy();
  readonly addresses: AddressQueue;
  readonly routing: RoutingQueue;
  /** Adverts collected from one list of actions; emptied before it ends. */
  readonly #outgoing: Map<AdvertPlace, Outgoing> = new Map();

  /** `lost`: an instance has lost something to somebody else. */
  constructor(ports: Ports, lost: (instance: string, what: string) => void) {
    this.#ports = ports;
    const { now, later, parent } = ports;
    const isOwnPort = (port: number): boolean => ports.addresses.isOwnPort(port);
    const losses = new Losses({ now, later, parent, lost }, this.#repairs, isOwnPort);
    this.addresses = new AddressQueue(ports, losses, () => this.routing.pump());
    this.routing = new RoutingQueue(ports, losses, () => this.addresses.isSettled);
  }

  /**
   * Adverts go first: until the peers hear one, two routers may think that they are MASTER. Telling
   * comes last. In the kernel routes and rules go before addresses and come after them.
   */
  run(actions: readonly VrrpAction[]): void {
    if (this.#collectAdverts(actions)) this.#flushAdverts();
    if (this.#orderHoldings(actions)) this.pump();
    this.#tell(actions);
  }

  /** These instances count from now on. */
  configure(instances: readonly VrrpInstanceConfig[]): void {
    this.#repairs.configure(instances);
    this.addresses.prune();
    this.addresses.prepare(instances);
    this.routing.prepare(instances);
  }

  /** Starts what was ordered of addresses, routes and rules. */
  pump(): void {
    this.routing.withdraw(() => this.addresses.pump());
  }

  /** An interface of that name is there (again): what is wanted on it is asked for anew. */
  linkAppeared(name: string): void {
    this.addresses.linkAppeared(name);
    this.routing.retry();
  }

  /** What is wanted by way of that interface and is missing is asked for again. */
  linkImproved(name: string): void {
    this.addresses.renew(name);
    this.routing.retry();
  }

  /** Resolves when nothing waits for the kernel any more. */
  async idle(): Promise<void> {
    await this.addresses.idle();
    await this.routing.idle();
  }

  #collectAdverts(actions: readonly VrrpAction[]): boolean {
    let hasAdverts = false;
    for (const action of actions) {
      if (action.type !== "sendAdvert") continue;
      this.#collect(action);
      hasAdverts = true;
    }
    return hasAdverts;
  }

  #orderHoldings(actions: readonly VrrpAction[]): boolean {
    let hasOrders = false;
    for (const action of actions) {
      if (action.type === "blockAddresses") {
        this.#ports.firewall.block(action.instance, action.addresses);
      } else if (action.type === "freeAddresses") {
        this.#ports.firewall.free(action.instance, action.addresses);
      } else if (action.type === "addAddresses") {
        this.addresses.add(action.instance, action.addresses);
      } else if (action.type === "removeAddresses") {
        this.addresses.remove(action.instance, action.addresses);
      } else if (action.type === "addRouting") {
        this.routing.add(action.instance, action);
      } else if (action.type === "removeRouting") {
        this.routing.remove(action.instance, action);
      } else if (action.type === "sendGratuitousArp") {
        this.addresses.announce(action.instance, action.addresses, action.repeat);
      } else {
        continue;
      }
      hasOrders = true;
    }
    return hasOrders;
  }

  #tell(actions: readonly VrrpAction[]): void {
    for (const action of actions) {
      switch (action.type) {
        case "sendAdvert":
        case "addAddresses":
        case "removeAddresses":
        case "blockAddresses":
        case "freeAddresses":
        case "addRouting":
        case "removeRouting":
          break;
        case "announceSource":
          announceSource(this.#ports, action);
          break;
        case "sendGratuitousArp":
          this.#tellAnnouncement(action.addresses);
          break;
        case "reportInstance": {
          const { previous, snapshot } = action;
          this.#ports.parent.report({ type: "instanceState", previous, snapshot });
          break;
        }
        case "reportInstanceRemoved":
          this.#ports.parent.report({ type: "instanceRemoved", instance: action.instance });
          break;
        case "reportFailover": {
          const { instance, successor } = action;
          this.#ports.parent.report({ type: "failoverEnded", instance, successor });
          break;
        }
        case "reportLowerPriority":
          this.#ports.parent.report({ type: "lowerPriorityReceived", instance: action.instance });
          break;
        case "reportRefusal": {
          const { instance, cause, source } = action;
          this.#ports.parent.report({ type: "advertRefused", instance, cause, source });
          break;
        }
        case "reportGroup": {
          const { group, previous, state } = action;
          this.#ports.parent.report({ type: "groupState", group, previous, state });
          break;
        }
        case "reportGroupRemoved":
          this.#ports.parent.report({ type: "groupRemoved", group: action.group });
          break;
        case "log":
          this.#ports.parent.log(action.record);
          break;
        default:
          unreachable(action);
      }
    }
  }

  /** keepalived writes a line a packet; thousands of them would cost more than the packets. */
  #tellAnnouncement(addresses: readonly VirtualAddress[]): void {
    addresses.slice(0, announcementsToldMax).forEach(({ device, address }, i) => {
      const others = addresses.length - announcementsToldMax;
      const isLast = others > 0 && i === announcementsToldMax - 1;
      const text = `Sending ${announcementName(address)} on ${device} for ${address}`;
      const more = isLast ? ` and ${others} more` : "";
      this.#ports.parent.log({ level: "detail", text: `${text}${more}` });
    });
  }

  #collect(order: SendAdvertAction): void {
    const { place, packets } = this.#adverts.encoded(order);
    let outgoing = this.#outgoing.get(place);
    if (outgoing === undefined) {
      outgoing = { orders: [], packets: [] };
      this.#outgoing.set(place, outgoing);
    }
    for (const packet of packets) {
      outgoing.orders.push(order);
      outgoing.packets.push(packet);
    }
  }

  #flushAdverts(): void {
    for (const [place, { orders, packets }] of this.#outgoing) {
      if (packets.length === 0) continue;
      this.#send(place, orders, packets);
      orders.length = 0;
      packets.length = 0;
    }
    if (this.#outgoing.size > placesMax) this.#outgoing.clear();
  }

  /** One that is refused must not hold up the others; the next try is an advert interval away. */
  #send(
    place: AdvertPlace,
    orders: readonly SendAdvertAction[],
    packets: readonly OutgoingDatagram[],
  ): void {
    let first = 0;
    while (first < packets.length) {
      const rest = first === 0 ? packets : packets.slice(first);
      const { sent, error } = this.#ports.adverts.send(place, rest);
      first += sent;
      const refused = orders[first];
      if (refused === undefined) return;
      this.#reportFailure(refused, error ?? "EAGAIN");
      first += 1;
    }
  }

  #reportFailure({ instance, config, source }: SendAdvertAction, errno: string): void {
    const where = config.interface === "" ? `from ${source}` : `on ${config.interface}`;
    this.#ports.parent.log({
      level: "warn",
      text: `(${instance}) Cannot send advertisement ${where}: ${errno}`,
      data: { instance, device: config.interface, errno },
    });
  }
}
