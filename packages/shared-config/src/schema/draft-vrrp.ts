// What a vrrp_instance said, before defaults and inheritance.

import type { Located, Span } from "../text/source.js";
import type {
  AuthenticationConfig,
  HmacAuthentication,
  InstanceScripts,
  IpvlanConfig,
  VmacConfig,
  VrrpInstanceConfig,
} from "./config.js";
import type { AdvertDraft } from "./draft-global.js";
import type { AddressDraft, RouteDraft, RuleDraft } from "./draft-routes.js";
import type { TrackingDraft } from "./draft-track.js";
import type { Drafted } from "./drafted.js";
import type { ScriptDraft } from "./script.js";

/** Fields whose draft is of another kind, or that no keyword sets. */
type OtherFields =
  | keyof AdvertDraft
  | keyof AuthenticationConfig
  | keyof InstanceScripts
  | "name"
  | "family"
  | "garp"
  | "virtualAddresses"
  | "excludedAddresses"
  | "virtualRoutes"
  | "virtualRules"
  | "unicastPeers"
  | "vmac"
  | "ipvlan"
  | "track"
  | "staysInFault";

type ScriptDrafts = { -readonly [K in keyof InstanceScripts]?: Located<ScriptDraft> | undefined };

/** A line of unicast_peer. */
export interface UnicastPeerDraft {
  readonly address: string;
  readonly span: Span;
  readonly minTtl: number | undefined;
  readonly maxTtl: number | undefined;
}

/** A MAC address of use_vmac; one of five octets ends with the virtual_router_id. */
export type HardwareAddressDraft = Located<readonly number[]>;

export interface VmacDraft extends Drafted<Pick<VmacConfig, "name" | "netlinkNotify">> {
  hardwareAddress?: HardwareAddressDraft | undefined;
  group?: Located<string> | undefined;
}

export interface IpvlanDraft extends Drafted<Omit<IpvlanConfig, "group" | "prefixLength">> {
  prefixLength?: number;
  group?: Located<string> | undefined;
}

/** The value of a key is its text, its bytes in hexadecimal or a file. */
export interface HmacKeyDraft {
  readonly id: number;
  readonly span: Span;
  readonly key?: string;
  readonly file?: string;
}

export interface HmacDraft
  extends Drafted<Pick<HmacAuthentication, "antiReplay" | "mode" | "timeWindowUs" | "activeKey">> {
  readonly span: Span;
  readonly keys: HmacKeyDraft[];
}

export interface InstanceDraft
  extends AdvertDraft,
    TrackingDraft,
    ScriptDrafts,
    Drafted<Omit<VrrpInstanceConfig, OtherFields>> {
  readonly name: string;
  readonly span: Span;
  nativeIpv6?: Located<boolean> | undefined;
  /** The first keyword that asks for unicast. */
  unicastKeyword?: Located<string> | undefined;
  authenticationType?: Located<"PASS" | "AH"> | undefined;
  /** In hexadecimal. */
  password?: Located<string> | undefined;
  hmac?: HmacDraft | undefined;
  vmac?: Located<VmacDraft> | undefined;
  ipvlan?: Located<IpvlanDraft> | undefined;
  readonly unicastPeers: UnicastPeerDraft[];
  readonly addresses: AddressDraft[];
  readonly excluded: AddressDraft[];
  routes?: RouteDraft[];
  rules?: RuleDraft[];
}
