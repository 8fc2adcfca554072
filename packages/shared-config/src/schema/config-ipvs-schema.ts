// The zod schemas of what config-global.ts says of IPVS.

import * as z from "zod/mini";
import type { CheckerIpvsConfig, LvsSettings, LvsSyncDaemonConfig } from "./config-global.js";
import {
  flag,
  interfaceName,
  ipText,
  microseconds,
  port,
  type Shape,
  signed,
  table,
  text,
  unsigned,
} from "./config-schema-parts.js";

const lvsTimeout = z.optional(z.int().check(z.minimum(0), z.maximum(2678400)));

export const lvsShape: Shape<LvsSettings> = {
  lvsBackend: z.enum(["ipvs", "none"]),
  drainTimeoutUs: z.optional(microseconds),
  lvsTcpTimeoutS: lvsTimeout,
  lvsTcpFinTimeoutS: lvsTimeout,
  lvsUdpTimeoutS: lvsTimeout,
  lvsFlush: flag,
  lvsFlushOnStop: z.enum(["no", "all", "VS"]),
  rsInitNotifies: flag,
  checkerLogAllFailures: flag,
  lvsNetlinkCommandBufferBytes: z.optional(unsigned),
  lvsNetlinkCommandBufferForce: flag,
  lvsNetlinkMonitorBufferBytes: z.optional(unsigned),
  lvsNetlinkMonitorBufferForce: flag,
};

export const lvsSyncDaemon: z.ZodMiniType<LvsSyncDaemonConfig> = z.strictObject({
  interface: interfaceName,
  instance: z.optional(text),
  syncId: z.int().check(z.minimum(0), z.maximum(255)),
  packetLengthMax: z.optional(z.int().check(z.minimum(1), z.maximum(65507))),
  port: z.optional(port.check(z.minimum(1))),
  timeToLive: z.optional(z.int().check(z.minimum(1), z.maximum(255))),
  multicastGroup: z.optional(ipText),
});

const { lvsBackend, lvsTcpTimeoutS, lvsTcpFinTimeoutS, lvsUdpTimeoutS } = lvsShape;
const { lvsFlush, lvsFlushOnStop, rsInitNotifies } = lvsShape;

export const checkerIpvs: z.ZodMiniType<CheckerIpvsConfig> = z.strictObject({
  ...{ lvsBackend, lvsTcpTimeoutS, lvsTcpFinTimeoutS, lvsUdpTimeoutS },
  ...{ lvsFlush, lvsFlushOnStop, rsInitNotifies },
  lvsSyncDaemon: z.optional(lvsSyncDaemon),
  groupMarks: z.optional(
    z.strictObject({ table, priority: signed, firstMark: unsigned.check(z.minimum(1)) }),
  ),
});
