// What goes from one release of the daemon to the next over an exec: an unlinked file that stays
// open, named by an environment variable. Checked on receipt like everything else that comes from
// another program. Decides nothing.

import {
  closeSync,
  constants,
  fstatSync,
  openSync,
  readSync,
  unlinkSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { deserialize, serialize } from "node:v8";
import type { SysctlMemory } from "@keepalived-ts/netops/sysctl";
import { errorText, KeepalivedError } from "@keepalived-ts/shared-config/base/error";
import {
  nameAnswerSchema,
  realServerSnapshot,
  virtualServerSnapshot,
} from "@keepalived-ts/shared-config/ipc/checker-snapshot-schema";
import { watchReport } from "@keepalived-ts/shared-config/ipc/order-parts-schema";
import { instanceSnapshot, vrrpState } from "@keepalived-ts/shared-config/ipc/vrrp-snapshot-schema";
import { configSchema } from "@keepalived-ts/shared-config/schema/config-schema";
import * as z from "zod/mini";
import type { Estate } from "../core/estate.js";

/** What the next release is to find, beside the command line and the environment. */
export interface Inheritance {
  /** Of the release that leaves it. */
  readonly version: string;
  /** Relative names on the command line begin here. */
  readonly startFolder: string;
  readonly estate: Estate;
  readonly settings: readonly SysctlMemory[];
  /** What disable_local_igmp is to put back; null = nothing. */
  readonly formerLocalIgmp: string | null;
}

/** 65,024 instances need some 60 MB. */
const bytesMax = 512 * 1024 * 1024;
const { O_CREAT, O_EXCL, O_NOFOLLOW, O_RDWR } = constants;

const sysctlMemory: z.ZodMiniType<SysctlMemory> = z.strictObject({
  sysctl: z.strictObject({
    family: z.enum(["ipv4", "ipv6"]),
    interface: z.string(),
    name: z.string(),
  }),
  formerValue: z.int(),
  ourValue: z.int(),
});

const inheritance: z.ZodMiniType<Inheritance> = z.strictObject({
  version: z.string(),
  startFolder: z.string(),
  estate: z.strictObject({
    generation: z.int().check(z.positive()),
    config: configSchema,
    kinds: z.array(z.enum(["vrrp", "checker"])),
    idleSince: z.number().check(z.nonnegative()),
    isStopOwed: z.boolean(),
    instances: z.array(instanceSnapshot),
    realServers: z.array(realServerSnapshot),
    virtualServers: z.array(virtualServerSnapshot),
    answers: z.array(nameAnswerSchema),
    trackers: z.array(watchReport),
    groups: z.array(z.strictObject({ group: z.string(), state: vrrpState })),
  }),
  settings: z.array(sysctlMemory),
  formerLocalIgmp: z.nullable(z.string()),
});

/** An open file that nobody else can find; it holds secrets of the configuration. */
export function writeInheritance(folder: string, left: Inheritance): number {
  const path = join(folder, `.keepalived-ts-${process.pid}-${Date.now()}`);
  const descriptor = openSync(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
  try {
    unlinkSync(path);
    const bytes = serialize(left);
    for (let at = 0; at < bytes.length; ) at += writeSync(descriptor, bytes, at);
    return descriptor;
  } catch (thrown) {
    closeSync(descriptor);
    throw thrown;
  }
}

/** Closes it. Returns the error when this release does not understand it. */
export function readInheritance(descriptor: number): Inheritance | KeepalivedError {
  let read: unknown;
  try {
    read = deserialize(allOf(descriptor));
    closeSync(descriptor);
  } catch (thrown) {
    return new KeepalivedError("HEIR", `Cannot read what is left behind: ${errorText(thrown)}`);
  }
  const checked = inheritance.safeParse(read);
  if (checked.success) return checked.data;
  const [first] = checked.error.issues;
  const where = first === undefined ? "" : ` (${first.path.join(".")}: ${first.message})`;
  const text = `Cannot go on from the running release: it keeps its state in another form${where}`;
  return new KeepalivedError("HEIR", text);
}

function allOf(descriptor: number): Buffer {
  const { size } = fstatSync(descriptor);
  if (size > bytesMax) throw new Error(`${size} bytes are more than ${bytesMax}`);
  const bytes = Buffer.alloc(size);
  for (let at = 0; at < size; ) {
    const count = readSync(descriptor, bytes, at, size - at, at);
    if (count === 0) throw new Error(`it ends after ${at} bytes of ${size}`);
    at += count;
  }
  return bytes;
}
