// Which form of the version 3 checksum goes with which configuration (keepalived's
// v3_checksum_as_v2 and old_unicast_checksum), and which of a received advert may be taken.

import type { VrrpInstanceConfig } from "@keepalived-ts/shared-config/schema/config";
import type { Advert, ChecksumForm } from "../packet/advert.js";
import type { Instance } from "./instance.js";
import { isUnicast } from "./place.js";
import { forgetAdvert } from "./transition.js";

/** What our adverts carry unless a peer is found to need another. */
export function configuredChecksum(config: VrrpInstanceConfig): ChecksumForm {
  if (config.version === 2 || config.family === 6) return "standard";
  if (config.v3ChecksumAsV2) return "noPseudoHeader";
  const isOld = isUnicast(config) && config.oldUnicastChecksum === "always";
  return isOld ? "multicastPseudoHeader" : "standard";
}

/**
 * keepalived takes any checksum at all with v3_checksum_as_v2; here it has to be one of the forms
 * that are about.
 */
export function isChecksumTaken({ config }: Instance, { checksumForm }: Advert): boolean {
  if (checksumForm === undefined || config.v3ChecksumAsV2) return true;
  if (checksumForm === "noPseudoHeader") return false;
  return isUnicast(config) && config.oldUnicastChecksum !== "never";
}

/** A peer that speaks an old form understands no other: it is answered in its own, for good. */
export function followChecksum(instance: Instance, { checksumForm }: Advert): void {
  const { config } = instance;
  if (checksumForm === undefined || checksumForm === instance.checksumForm) return;
  if (config.v3ChecksumAsV2 || config.oldUnicastChecksum !== "detect") return;
  instance.checksumForm = checksumForm;
  forgetAdvert(instance);
}
