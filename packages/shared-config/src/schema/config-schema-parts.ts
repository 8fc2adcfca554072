// The smallest pieces of the configuration's zod schemas.

import * as z from "zod";

export const microseconds: z.ZodNumber = z.number().int().nonnegative();
export const ipText: z.ZodString = z.string().min(2).max(45);
export const ipFamily: z.ZodType<4 | 6> = z.union([z.literal(4), z.literal(6)]);
export const port: z.ZodNumber = z.number().int().min(0).max(65535);
/** IFNAMSIZ less the final NUL (linux/if.h). */
export const interfaceName: z.ZodString = z.string().min(1).max(15);
/** A number of 32 bits without sign. */
export const unsigned: z.ZodNumber = z.number().int().min(0).max(4294967295);
