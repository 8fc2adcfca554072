// A settings object as the text gives it: every field optional, every value with its place. Derived
// from the configuration's own types, so a field is declared once.

import type { Located } from "../text/source.js";

/** The fields of `T` before defaults and inheritance. */
export type Drafted<T> = {
  -readonly [K in keyof T]?: Located<Exclude<T[K], undefined>> | undefined;
};

/** The value of a field that the text gave, else `otherwise`. */
export function givenOr<T>(field: Located<T> | undefined, otherwise: T): T {
  return field === undefined ? otherwise : field.value;
}

/** A settings object while the linker builds it. */
export type Mutable<T> = { -readonly [K in keyof T]: T[K] };
