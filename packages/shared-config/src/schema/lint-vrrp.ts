// Hints about the addresses of one instance: whether the interface has them already, and whether
// adverts can leave with the source address that is asked for.

import { ipFamily } from "../base/ip.js";
import type { VirtualAddress, VrrpInstanceConfig } from "./config.js";
import type { InstanceDraft } from "./draft.js";
import { shorten } from "./keyword.js";
import { addressFinder } from "./link-addresses.js";
import type { LinkContext } from "./link-context.js";
import { isOwner } from "./link-vrrp-facts.js";

/** Shown of the addresses of an interface. */
const shownMax = 4;
const lookedAtMax = 1000;

/** `statics` are the addresses of static_ipaddress. */
export function lintInstance(
  context: LinkContext,
  instance: VrrpInstanceConfig,
  draft: InstanceDraft,
  statics: ReadonlySet<string>,
): void {
  if (!isOwner(instance)) lintVirtualAddresses(context, instance, draft, statics);
  lintSourceAddress(context, instance, draft);
}

/** An interface that has the address by itself keeps it when another router is MASTER. */
function lintVirtualAddresses(
  context: LinkContext,
  instance: VrrpInstanceConfig,
  draft: InstanceDraft,
  statics: ReadonlySet<string>,
): void {
  const spanOf = addressFinder(draft);
  for (const held of [...instance.virtualAddresses, ...instance.excludedAddresses]) {
    const { address, device } = held;
    const isStatic = statics.has(address);
    if (!isStatic && !isAlreadyThere(context, held)) continue;
    const where = isStatic ? "static_ipaddress sets it" : `${device} has it by itself`;
    const name = shorten(instance.name);
    context.report(spanOf(address), {
      severity: "hint",
      code: "ADDRESS_ALREADY_CONFIGURED",
      message: `Cannot leave ${address} to another router in vrrp_instance "${name}": ${where}`,
      hint: isStatic
        ? "take it out of static_ipaddress: the instance sets it when it is MASTER"
        : "take it off the interface, or use priority 255 if this router owns it",
    });
  }
}

/**
 * A MASTER that runs with this file has the address too, with the length that the file says. So the
 * same length proves nothing, unless nobody runs here.
 */
function isAlreadyThere(
  { host }: LinkContext,
  { address, device, prefixLength }: VirtualAddress,
): boolean {
  const length = host.linkAddresses?.(device).get(address);
  if (length === undefined) return false;
  return length !== prefixLength || host.isDaemonRunning?.() === false;
}

/** Peers that list the other address drop the adverts; often the file of another router. */
function lintSourceAddress(
  { host, report }: LinkContext,
  { interface: device, sourceAddress, name }: VrrpInstanceConfig,
  draft: InstanceDraft,
): void {
  const at = draft.sourceAddress;
  if (at === undefined || sourceAddress === undefined || device === "") return;
  const held = host.linkAddresses?.(device);
  // The host tells nothing of an interface that is down.
  if (held === undefined || held.size === 0 || held.has(sourceAddress)) return;
  const alike = addressesLike(sourceAddress, held.keys());
  report(at.span, {
    severity: "hint",
    code: "SOURCE_ADDRESS_NOT_HERE",
    message: `Cannot find ${sourceAddress} on ${device}: "${shorten(name)}" sends adverts from it`,
    ...(alike.length === 0 ? {} : { expected: alike.join(", ") }),
    hint: "with another address on each router, keep the lines apart by @id",
  });
}

/** Some of the same family. */
function addressesLike(sourceAddress: string, held: Iterable<string>): string[] {
  const family = ipFamily(sourceAddress);
  const alike: string[] = [];
  let seen = 0;
  for (const address of held) {
    if (alike.length === shownMax || seen++ === lookedAtMax) break;
    if (ipFamily(address) === family) alike.push(address);
  }
  return alike;
}
