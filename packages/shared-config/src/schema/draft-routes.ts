// What lines of addresses, routes and rules said: names resolved, interfaces not yet looked for.

import type { Located, Span } from "../text/source.js";
import type { RouteConfig, RuleConfig, StaticAddress } from "./config-routes.js";

/** A line of virtual_ipaddress or static_ipaddress. */
export interface AddressDraft extends Omit<StaticAddress, "device"> {
  readonly device: string | undefined;
  readonly family: 4 | 6;
  readonly span: Span;
}

/** A line that is finished but for the interfaces it names. */
export interface LineDraft<T> {
  readonly value: T;
  readonly links: readonly Located<string>[];
}

export type RouteDraft = LineDraft<RouteConfig>;
export type RuleDraft = LineDraft<RuleConfig>;

export interface TrackGroupDraft {
  readonly name: string;
  readonly span: Span;
  /** Present once a group block was read. */
  members?: Located<string>[];
}

/** The static blocks of the top level, and what static and virtual lines share. */
export interface StaticDraft {
  /** By name, in the order of the text. */
  readonly trackGroups: Map<string, TrackGroupDraft>;
  readonly addresses: AddressDraft[];
  readonly routes: RouteDraft[];
  readonly rules: RuleDraft[];
  /** What the next rule without a preference gets, by family. */
  readonly freePreference: { 4: number; 6: number };
}

/** keepalived's vrrp/vrrp_iprule.c starts here and counts down. */
const preferenceStart = 16384;

export function emptyStatics(): StaticDraft {
  return {
    trackGroups: new Map(),
    addresses: [],
    routes: [],
    rules: [],
    freePreference: { 4: preferenceStart, 6: preferenceStart },
  };
}
