// The zod schemas of config-process.ts.

import * as z from "zod/mini";
import type { ProcessConfig, ProcessesConfig } from "./config-process.js";
import { unsigned } from "./config-schema-parts.js";

/** TASK_COMM_LEN less the final NUL (linux/sched.h). */
export const processName: z.ZodMiniString = z.string().check(z.minLength(1), z.maxLength(15));

const receiveBuffer = z.optional(
  z.strictObject({ receiveBufferBytes: unsigned.check(z.minimum(1)), isBufferForced: z.boolean() }),
);

export const processConfig: z.ZodMiniType<ProcessConfig> = z.strictObject({
  name: processName,
  nicePriority: z.optional(z.int().check(z.minimum(-20), z.maximum(19))),
  noSwap: z.boolean(),
  realTimePriority: z.optional(z.int().check(z.minimum(1), z.maximum(99))),
  realTimeLimitUs: unsigned.check(z.minimum(2)),
  cpuAffinity: z.optional(z.array(z.int().check(z.minimum(0), z.maximum(1023)))),
  autoPriority: z.optional(
    z.strictObject({
      maximum: z.int().check(z.minimum(1), z.maximum(99)),
      delayUs: z.int().check(z.minimum(1), z.maximum(10_000_000)),
    }),
  ),
  requestBuffer: receiveBuffer,
  monitorBuffer: receiveBuffer,
});

export const processesConfig: z.ZodMiniType<ProcessesConfig> = z.strictObject({
  vrrp: processConfig,
  checker: processConfig,
  bfd: processConfig,
});
