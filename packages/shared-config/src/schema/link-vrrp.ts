// From drafts to the VRRP configuration: defaults, inheritance from global_defs, and what only the
// whole instance shows. Follows vrrp_complete_instance of keepalived's vrrp/vrrp.c.

import { ipFamily } from "../base/ip.js";
import { usPerCs, usPerSecond } from "../base/units.js";
import type { Diagnostics, Report } from "../text/diagnostic.js";
import type { Located, Span } from "../text/source.js";
import type {
  GarpConfig,
  PassAuthentication,
  VirtualAddress,
  VrrpInstanceConfig,
} from "./config.js";
import type { AddressDraft, GlobalDraft, InstanceDraft } from "./draft.js";
import { formatSeconds } from "./number.js";

/** RFC 9568 section 5.2.4: the count of addresses is one byte. */
const addressesMax = 255;
/** RFC 9568 section 5.2.7: 12 bits of centiseconds. */
const advertIntervalMaxUs = 4095 * usPerCs;
const ownerPriority = 255;

export interface LinkOptions {
  readonly diagnostics: Diagnostics;
  /** Whether an interface exists; absent = do not look. */
  readonly linkExists?: ((name: string) => boolean) | undefined;
}

/** The configuration of one instance, or undefined when it cannot be built (a report says why). */
export function linkInstance(
  draft: InstanceDraft,
  global: GlobalDraft,
  options: LinkOptions,
): VrrpInstanceConfig | undefined {
  const link = new InstanceLink(draft, global, options);
  return link.build();
}

class InstanceLink {
  readonly #draft: InstanceDraft;
  readonly #global: GlobalDraft;
  readonly #options: LinkOptions;

  constructor(draft: InstanceDraft, global: GlobalDraft, options: LinkOptions) {
    this.#draft = draft;
    this.#global = global;
    this.#options = options;
  }

  build(): VrrpInstanceConfig | undefined {
    const draft = this.#draft;
    const identity = this.#identity();
    const family = this.#family();
    if (identity === undefined || family === undefined) return undefined;
    const wantedState = draft.state?.value ?? this.#stateByPriority();
    const basePriority = draft.priority?.value ?? (wantedState === "MASTER" ? ownerPriority : 100);
    const version = (draft.version ?? this.#global.version)?.value === 3 ? 3 : 2;
    const addresses = this.#addresses(identity.interface);
    const authentication = this.#authentication(version);
    const sourceAddress = this.#sourceAddress(family);
    return {
      name: draft.name,
      wantedState,
      ...identity,
      family,
      version,
      basePriority,
      advertIntervalUs: this.#advertInterval(version),
      ...this.#preemption(wantedState, basePriority),
      downTimerAdverts: this.#inherited("downTimerAdverts") ?? 3,
      ...(authentication === undefined ? {} : { authentication }),
      ...addresses,
      ...(sourceAddress === undefined ? {} : { sourceAddress }),
      multicastGroup: this.#multicastGroup(family),
      trackPrimary: draft.dontTrackPrimary?.value !== true,
      lowerPriorityNoAdvert: this.#inherited("lowerPriorityNoAdvert") ?? false,
      higherPrioritySendAdvert: this.#inherited("higherPrioritySendAdvert") ?? false,
      ownerIgnoreAdverts: this.#ownerIgnoreAdverts(basePriority),
      skipCheckAdvertAddresses: this.#inherited("skipCheckAdvertAddresses") ?? false,
      garp: this.#garp(),
    };
  }

  /** What an instance cannot be without. */
  #identity(): Pick<VrrpInstanceConfig, "interface" | "virtualRouterId"> | undefined {
    const { interface: device, virtualRouterId } = this.#draft;
    if (device === undefined) this.#missing("interface");
    if (virtualRouterId === undefined) this.#missing("virtual_router_id");
    if (device === undefined || virtualRouterId === undefined) return undefined;
    if (!this.#hasLink(device.value, device.span)) return undefined;
    return { interface: device.value, virtualRouterId: virtualRouterId.value };
  }

  #missing(keyword: string): void {
    this.#report(this.#draft.span, {
      severity: "fatal",
      code: "MISSING_KEYWORD",
      message: `Cannot build ${this.#owner()} without a valid ${keyword}`,
      hint: `add a line "${keyword} ..." to the block`,
    });
  }

  #hasLink(name: string, span: Span): boolean {
    if (this.#options.linkExists?.(name) !== false) return true;
    this.#report(span, {
      severity: "fatal",
      code: "INTERFACE_NOT_FOUND",
      message: `Cannot build ${this.#owner()}: the interface "${name}" does not exist`,
      hint: "ip link shows the interfaces of this host",
    });
    return false;
  }

  #stateByPriority(): "MASTER" | "BACKUP" {
    return this.#draft.priority?.value === ownerPriority ? "MASTER" : "BACKUP";
  }

  /** The family of the addresses; without any, IPv4. IPv6 is not built and never half built. */
  #family(): 4 | undefined {
    const { addresses, excluded } = this.#draft;
    const first = addresses[0];
    const other = addresses.find((each) => each.family !== first?.family);
    const sixth = [...addresses, ...excluded].find((each) => each.family === 6);
    if (other !== undefined) this.#reportMix(other);
    else if (sixth !== undefined) {
      this.#report(sixth.span, {
        severity: "fatal",
        code: "NOT_SUPPORTED_YET",
        message: `Cannot hold ${sixth.address} in ${this.#owner()}: IPv6 is not supported yet`,
      });
    }
    return sixth === undefined ? 4 : undefined;
  }

  #reportMix(other: AddressDraft): void {
    this.#report(other.span, {
      severity: "fatal",
      code: "FAMILY_MIX",
      message: `Cannot hold IPv4 and IPv6 addresses together in ${this.#owner()}`,
      hint: "make one instance for each family, or use virtual_ipaddress_excluded",
    });
  }

  #addresses(device: string): Pick<VrrpInstanceConfig, "virtualAddresses" | "excludedAddresses"> {
    const all = this.#draft.addresses;
    for (const each of [...all, ...this.#draft.excluded]) {
      if (each.device !== undefined) this.#hasLink(each.device, each.span);
    }
    if (all.length === 0 && this.#draft.mayHaveNoAddress === undefined) this.#reportNoAddress();
    const surplus = all[addressesMax];
    if (surplus !== undefined) this.#reportSurplus(surplus.span, all.length);
    this.#reportTwins();
    const place = (each: AddressDraft): VirtualAddress => placed(each, device);
    return {
      virtualAddresses: all.slice(0, addressesMax).map(place),
      excludedAddresses: [...all.slice(addressesMax), ...this.#draft.excluded].map(place),
    };
  }

  #reportNoAddress(): void {
    this.#report(this.#draft.span, {
      severity: "warning",
      code: "NO_VIRTUAL_ADDRESS",
      message: `Cannot find an address in ${this.#owner()}; it runs without one`,
      hint: "add virtual_ipaddress { ... }, or no_virtual_ipaddress if that is meant",
    });
  }

  #reportSurplus(span: Span, count: number): void {
    this.#report(span, {
      severity: "error",
      code: "TOO_MANY_ADDRESSES",
      message: `Cannot advertise all ${count} addresses of ${this.#owner()}; from here on they are excluded`,
      expected: `at most ${addressesMax} in virtual_ipaddress`,
    });
  }

  #reportTwins(): void {
    const seen = new Set<string>();
    for (const each of [...this.#draft.addresses, ...this.#draft.excluded]) {
      const key = `${each.address}/${each.prefixLength} ${each.device ?? ""}`;
      if (seen.has(key)) {
        this.#report(each.span, {
          severity: "hint",
          code: "DUPLICATE_ADDRESS",
          message: `Cannot hold ${each.address} twice in ${this.#owner()}`,
        });
      }
      seen.add(key);
    }
  }

  #sourceAddress(family: 4 | 6): string | undefined {
    const { sourceAddress, unicastSourceAddress } = this.#draft;
    if (unicastSourceAddress !== undefined) {
      this.#report(unicastSourceAddress.span, {
        severity: "warning",
        code: "UNICAST_WITHOUT_PEERS",
        message: `Cannot find unicast_peer in ${this.#owner()}; adverts go to the multicast group`,
        hint: "write mcast_src_ip for the source address of multicast adverts",
      });
    }
    return this.#ofFamily(unicastSourceAddress ?? sourceAddress, family);
  }

  #multicastGroup(family: 4 | 6): string {
    const own = this.#ofFamily(this.#draft.multicastGroup, family);
    const { multicastGroup4, multicastGroup6 } = this.#global;
    if (own !== undefined) return own;
    if (family === 6) return multicastGroup6?.value ?? "ff02::12";
    return multicastGroup4?.value ?? "224.0.0.18";
  }

  #ofFamily(address: Located<string> | undefined, family: 4 | 6): string | undefined {
    if (address === undefined || ipFamily(address.value) === family) return address?.value;
    this.#report(address.span, {
      severity: "error",
      code: "FAMILY_MISMATCH",
      message: `Cannot use ${address.value} in ${this.#owner()}; the line is ignored`,
      expected: `an IPv${family} address, as the virtual addresses are`,
    });
    return undefined;
  }

  #advertInterval(version: 2 | 3): number {
    const given = this.#draft.advertIntervalUs;
    if (given === undefined) return usPerSecond;
    const unitUs = version === 2 ? usPerSecond : usPerCs;
    const rounded = Math.max(unitUs, Math.round(given.value / unitUs) * unitUs);
    const used = version === 2 ? rounded : Math.min(rounded, advertIntervalMaxUs);
    if (used !== given.value) {
      const wanted = version === 2 ? "whole seconds, 1 to 255" : "steps of 0.01 s, up to 40.95 s";
      this.#report(given.span, {
        severity: "error",
        code: "INTERVAL_ROUNDED",
        message: `Cannot use advert_int "${formatSeconds(given.value)}" in ${this.#owner()} with VRRP version ${version}; ${formatSeconds(used)} is used`,
        expected: wanted,
      });
    }
    return used;
  }

  #preemption(
    wantedState: "MASTER" | "BACKUP",
    basePriority: number,
  ): Pick<VrrpInstanceConfig, "preempt" | "preemptDelayUs"> {
    const { nopreempt, preemptDelayUs } = this.#draft;
    let preempt = nopreempt?.value !== true;
    if (nopreempt?.value && (wantedState === "MASTER" || basePriority === ownerPriority)) {
      const because = wantedState === "MASTER" ? "state MASTER" : "priority 255";
      this.#reportDropped(nopreempt.span, "nopreempt", because);
      preempt = true;
    }
    const delayUs = preemptDelayUs?.value ?? 0;
    const because = preempt ? "state MASTER" : "nopreempt";
    if (delayUs > 0 && preemptDelayUs && (!preempt || wantedState === "MASTER")) {
      this.#reportDropped(preemptDelayUs.span, "preempt_delay", because);
      return { preempt, preemptDelayUs: 0 };
    }
    return { preempt, preemptDelayUs: delayUs };
  }

  #reportDropped(span: Span, keyword: string, because: string): void {
    this.#report(span, {
      severity: "error",
      code: "CONFLICT",
      message: `Cannot use ${keyword} together with ${because} in ${this.#owner()}; it is ignored`,
    });
  }

  #authentication(version: 2 | 3): PassAuthentication | undefined {
    const { authenticationType: type, password } = this.#draft;
    const given = type ?? password;
    if (given === undefined) return undefined;
    if (version === 3) return this.#withoutAuthentication(given.span, "VRRP version 3 has none");
    if (type?.value === "AH") {
      this.#report(type.span, {
        severity: "fatal",
        code: "NOT_SUPPORTED_YET",
        message: `Cannot build ${this.#owner()}: auth_type AH is not supported yet`,
        hint: "use auth_type PASS on all routers",
      });
      return undefined;
    }
    if (type === undefined) return this.#withoutAuthentication(given.span, "auth_type is missing");
    if (password === undefined || password.value === "") {
      return this.#withoutAuthentication(type.span, "auth_pass is missing");
    }
    return { type: "PASS", data: password.value.padEnd(16, "0") };
  }

  #withoutAuthentication(span: Span, why: string): undefined {
    // keepalived keeps quiet about a password without a type.
    const isOurs = this.#draft.authenticationType === undefined;
    this.#report(span, {
      severity: isOurs ? "hint" : "error",
      code: "AUTHENTICATION_DROPPED",
      message: `Cannot use authentication in ${this.#owner()}: ${why}; adverts go without`,
    });
    return undefined;
  }

  #ownerIgnoreAdverts(basePriority: number): boolean {
    const own = this.#draft.ownerIgnoreAdverts;
    if (basePriority !== ownerPriority) return own?.value ?? false;
    if (own?.value === false) {
      this.#reportDropped(own.span, "owner_ignore_adverts false", "priority 255");
      return true;
    }
    return this.#inherited("ownerIgnoreAdverts") ?? false;
  }

  #garp(): GarpConfig {
    const global = this.#global;
    const masterDelayUs = this.#inherited("garpMasterDelayUs") ?? 5 * usPerSecond;
    return {
      masterDelayUs,
      masterRepeat: this.#inherited("garpMasterRepeat") ?? 5,
      masterRefreshUs: this.#inherited("garpMasterRefreshUs") ?? 0,
      masterRefreshRepeat: this.#inherited("garpMasterRefreshRepeat") ?? 1,
      lowerPriorityDelayUs:
        this.#inherited("garpLowerPriorityDelayUs") ??
        global.garpMasterDelayUs?.value ??
        5 * usPerSecond,
      lowerPriorityRepeat:
        this.#inherited("garpLowerPriorityRepeat") ?? global.garpMasterRepeat?.value ?? 5,
    };
  }

  #inherited<K extends InheritedField>(field: K): InheritedValue<K> | undefined {
    const located = this.#draft[field] ?? this.#global[field];
    return located?.value as InheritedValue<K> | undefined;
  }

  #owner(): string {
    return `vrrp_instance "${this.#draft.name}"`;
  }

  #report(span: Span, report: Report): void {
    this.#options.diagnostics.report(span, report);
  }
}

type InheritedField = keyof GlobalDraft & keyof InstanceDraft;
type InheritedValue<K extends InheritedField> = InstanceDraft[K] extends
  | Located<infer T>
  | undefined
  ? T
  : never;

function placed(draft: AddressDraft, device: string): VirtualAddress {
  const { span: _, family: __, device: own, ...rest } = draft;
  return { ...rest, device: own ?? device };
}
