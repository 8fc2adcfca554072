// What a vrrp_instance said, before defaults and inheritance.

import type { Located, Span } from "../text/source.js";
import type { AdvertDraft } from "./draft-global.js";
import type { AddressDraft, RouteDraft, RuleDraft } from "./draft-routes.js";
import type { TrackingDraft } from "./draft-track.js";

type Field<T> = Located<T> | undefined;

export interface InstanceDraft extends AdvertDraft, TrackingDraft {
  readonly name: string;
  readonly span: Span;
  state?: Field<"MASTER" | "BACKUP">;
  interface?: Field<string>;
  virtualRouterId?: Field<number>;
  priority?: Field<number>;
  advertIntervalUs?: Field<number>;
  nopreempt?: Field<boolean>;
  preemptDelayUs?: Field<number>;
  authenticationType?: Field<"PASS" | "AH">;
  password?: Field<string>;
  sourceAddress?: Field<string>;
  unicastSourceAddress?: Field<string>;
  multicastGroup?: Field<string>;
  dontTrackPrimary?: Field<boolean>;
  mayHaveNoAddress?: Field<boolean>;
  readonly addresses: AddressDraft[];
  readonly excluded: AddressDraft[];
  routes?: RouteDraft[];
  rules?: RuleDraft[];
}
