// Whether an interface's medium carries, asked for by ioctl(2): what the kernel's news tell too,
// but for drivers that do not tell it. May wait for the driver: not for a process that must not.
// netdevice(7), linux/mii.h, linux/ethtool.h

import { errnoName } from "./errno.js";
import { native } from "./native.js";

/** MII: the transceiver's register; ETHTOOL: the driver; IOCTL: the kernel's IFF_RUNNING. */
export const linkBeatMethods = ["MII", "ETHTOOL", "IOCTL"] as const;
export type LinkBeatMethod = (typeof linkBeatMethods)[number];

/** IFNAMSIZ of linux/if.h, without the final NUL. */
const nameLengthMax = 15;

/** Or the errno's name: EOPNOTSUPP when the driver does not know the method, ENODEV ... */
export function linkBeat(name: string, method: LinkBeatMethod): boolean | string {
  if (Buffer.byteLength(name) > nameLengthMax) return "ENODEV";
  const result = native.linkBeat(name, linkBeatMethods.indexOf(method));
  return result < 0 ? errnoName(result) : result === 1;
}
