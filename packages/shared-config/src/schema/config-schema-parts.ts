// The smallest pieces of the configuration's zod schemas.

import * as z from "zod/mini";
import en from "zod/v4/locales/en.js";

// What zod/mini leaves to its user: without a language every error is "Invalid input".
z.config(en());

export const microseconds: z.ZodMiniNumberFormat = z.int().check(z.nonnegative());
export const ipText: z.ZodMiniString = z.string().check(z.minLength(2), z.maxLength(45));
export const ipFamily: z.ZodMiniType<4 | 6> = z.union([z.literal(4), z.literal(6)]);
export const port: z.ZodMiniNumberFormat = z.int().check(z.minimum(0), z.maximum(65535));
/** IFNAMSIZ less the final NUL (linux/if.h). */
export const interfaceName: z.ZodMiniString = z.string().check(z.minLength(1), z.maxLength(15));
/** A number of 32 bits without sign. */
export const unsigned: z.ZodMiniNumberFormat = z.int().check(z.minimum(0), z.maximum(4294967295));
export const signed: z.ZodMiniNumberFormat = z
  .int()
  .check(z.minimum(-2147483648), z.maximum(2147483647));
export const flag: z.ZodMiniBoolean = z.boolean();
export const text: z.ZodMiniString = z.string().check(z.minLength(1));
/** A table of nftables. */
export const table: z.ZodMiniString = z.string().check(z.minLength(1), z.maxLength(254));

/** A schema for each field of T. */
export type Shape<T> = { readonly [K in keyof T]-?: z.ZodMiniType<T[K]> };
