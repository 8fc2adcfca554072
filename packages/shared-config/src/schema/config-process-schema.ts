// The zod schemas of config-process.ts.

import * as z from "zod";
import type { ProcessConfig, ProcessesConfig } from "./config-process.js";
import { unsigned } from "./config-schema-parts.js";

/** TASK_COMM_LEN less the final NUL (linux/sched.h). */
export const processName: z.ZodString = z.string().min(1).max(15);

const receiveBuffer = z
  .strictObject({ receiveBufferBytes: unsigned.min(1), isBufferForced: z.boolean() })
  .optional();

export const processConfig: z.ZodType<ProcessConfig> = z.strictObject({
  name: processName,
  nicePriority: z.number().int().min(-20).max(19).optional(),
  noSwap: z.boolean(),
  realTimePriority: z.number().int().min(1).max(99).optional(),
  realTimeLimitUs: unsigned.min(2),
  cpuAffinity: z.array(z.number().int().min(0).max(1023)).optional(),
  autoPriority: z
    .strictObject({
      maximum: z.number().int().min(1).max(99),
      delayUs: z.number().int().min(1).max(10_000_000),
    })
    .optional(),
  requestBuffer: receiveBuffer,
  monitorBuffer: receiveBuffer,
});

export const processesConfig: z.ZodType<ProcessesConfig> = z.strictObject({
  vrrp: processConfig,
  checker: processConfig,
  bfd: processConfig,
});
