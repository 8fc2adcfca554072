// What all includes of one load may ask of the disk: so many files, characters, paths and names of
// directories. When one of them is used up nothing more is given, and it is said which.

import {
  charactersMax,
  filesMax,
  includeDepthMax,
  includesMax,
  matchesMax,
  namesMax,
  pathsMax,
} from "./limits.js";
import type { LoadedText, Loader } from "./loader.js";

export type IncludeBound =
  | "levels"
  | "includes"
  | "files"
  | "characters"
  | "matches"
  | "paths"
  | "names";

const bounds: Readonly<Record<IncludeBound, string>> = {
  levels: `at most ${includeDepthMax} files in each other`,
  includes: `at most ${includesMax} includes`,
  files: `at most ${filesMax} files`,
  characters: `at most ${charactersMax} characters in all files`,
  matches: `at most ${matchesMax} matches of one pattern`,
  paths: `at most ${pathsMax} paths to look at in all`,
  names: `at most ${namesMax} names in all directories that wildcards lead through`,
};

export class IncludeDisk {
  readonly #loader: Loader;
  /** The main file is one of them. */
  #files = 1;
  #characters: number;
  #includes = 0;
  #paths = 0;
  #names = 0;
  #refusal: string | undefined;

  /** `characters` are those of the main file. */
  constructor(loader: Loader, characters: number) {
    this.#loader = loader;
    this.#characters = characters;
  }

  /** What would have been accepted; absent while all is well. Then nothing more is to be had. */
  get refusal(): string | undefined {
    return this.#refusal;
  }

  refuse(bound: IncludeBound): void {
    this.#refusal ??= bounds[bound];
  }

  /** Counts an include in a file that `levels` others led to, itself included. */
  begin(levels: number): void {
    if (++this.#includes > includesMax) this.refuse("includes");
    else if (levels > includeDepthMax) this.refuse("levels");
  }

  /** The names in `directory`; undefined when there are too many. */
  list(directory: string): readonly string[] | undefined {
    if (!this.#takePath()) return undefined;
    const left = namesMax - this.#names;
    const names = this.#loader.list(directory, left + 1);
    this.#names += names.length;
    if (names.length <= left) return names;
    this.refuse("names");
    return undefined;
  }

  /** The file at `path`; undefined when it must not be read any more. */
  read(path: string): LoadedText | undefined {
    if (!this.#takePath()) return undefined;
    if (this.#files >= filesMax) this.refuse("files");
    if (this.#refusal !== undefined) return undefined;
    const loaded = this.#loader.read(path);
    if (!loaded.ok) return loaded;
    this.#files++;
    this.#characters += loaded.text.length;
    if (this.#characters <= charactersMax) return loaded;
    this.refuse("characters");
    return undefined;
  }

  #takePath(): boolean {
    if (this.#refusal === undefined && ++this.#paths > pathsMax) this.refuse("paths");
    return this.#refusal === undefined;
  }
}
