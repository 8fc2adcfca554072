// How configuration text is fetched. The stages ask a Loader and never the disk, so that tests,
// fuzzers and a later control socket can hand in text of their own.

import type { TextEncoding } from "./source.js";

/** Why a file gave no text. */
export type LoadFailure = "missing" | "unreadable" | "notRegular" | "executable" | "tooLarge";

export type LoadedText =
  | { readonly ok: true; readonly text: string; readonly encoding: TextEncoding }
  | { readonly ok: false; readonly failure: LoadFailure; readonly detail: string };

export interface Loader {
  /** The text of the file at `path`. Never throws for what the file system does. */
  read(path: string): LoadedText;
  /** Up to `namesMax` names in a directory, for wildcards; empty when it cannot be listed. */
  list(directory: string, namesMax: number): readonly string[];
}

/** A configuration file larger than this is refused: 2,000 virtual servers need about 1 MB. */
export const fileBytesMax: number = 16 * 1024 * 1024;
