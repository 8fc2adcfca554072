// Everything that can happen to the VRRP core: facts in the past, plain JSON values, so that a
// recording of events is a bug report that can be replayed. Decides nothing.

import type { InstanceSnapshot, TrackerReport } from "@keepalived-ts/shared-config/ipc/messages";
import type { VrrpConfig } from "@keepalived-ts/shared-config/schema/config";
import type { DecodedAdvert } from "../packet/advert.js";
import type { AuthenticationHeader } from "../packet/authentication-header.js";

/** What the core knows of an interface. */
export interface LinkFact {
  readonly index: number;
  readonly name: string;
  /** IFF_UP and IFF_RUNNING. */
  readonly isRunning: boolean;
  /**
   * First IPv4 address in the kernel's order that is not one of our virtual addresses; null = none.
   */
  readonly ipv4Address: string | null;
  /** First IPv6 link-local address, likewise, that can be sent from; null = none. */
  readonly ipv6Address: string | null;
  /** Of the sources that `track_src_ip` is about those that are there now. */
  readonly presentSources: readonly string[];
}

export type VrrpEvent =
  /** First configuration, or a new one (reload). `resume` names what a dead predecessor held. */
  | {
      readonly type: "configured";
      readonly config: VrrpConfig;
      readonly links: readonly LinkFact[];
      readonly resume: readonly InstanceSnapshot[];
      /** All that the watchers know; what is missing has not reported yet. */
      readonly trackers: readonly TrackerReport[];
      readonly isInMaintenance?: boolean;
    }
  | {
      readonly type: "advertReceived";
      readonly interfaceIndex: number;
      readonly source: string;
      readonly destination: string;
      /** IPv4 TTL or IPv6 hop limit. */
      readonly ttl: number;
      readonly decoded: DecodedAdvert;
      /** How long ago it arrived, at most a few ms; absent = just now. */
      readonly ageUs?: number;
      /** Of an advert that came behind one. */
      readonly authenticationHeader?: AuthenticationHeader;
      /** Seconds since 1970, with a signed advert: the core reads no clock. */
      readonly wallClockS?: number;
    }
  | { readonly type: "linkChanged"; readonly link: LinkFact }
  | { readonly type: "linkRemoved"; readonly index: number }
  /** A watcher of a script, file or process has found something new. */
  | { readonly type: "trackerChanged"; readonly report: TrackerReport }
  /** Somebody wants the neighbours to hear once more where the addresses of a MASTER are. */
  | { readonly type: "announceRequested"; readonly instance: string }
  /** Somebody has taken away what a MASTER holds: `what` says so. */
  | { readonly type: "holdingLost"; readonly instance: string; readonly what: string }
  /** An operator wants another router to be master of what `instance` and its sync group hold. */
  | { readonly type: "failoverRequested"; readonly instance: string }
  /** While it is on this router takes no part, whatever the configuration says. */
  | { readonly type: "maintenanceChanged"; readonly isOn: boolean }
  /** The clock has reached `nextDeadline`; nothing else is implied. */
  | { readonly type: "deadlineReached" }
  | { readonly type: "stopRequested" };
