// The Loader that reads the disk. Refuses what keepalived refuses (directories, devices, pipes,
// files with an execute bit when included) and what would not fit in memory.

import { isUtf8 } from "node:buffer";
import { closeSync, constants, fstatSync, openSync } from "node:fs";
import { errorText } from "../base/error.js";
import { listNames } from "./list-names.js";
import { fileBytesMax, type LoadedText, type Loader, type LoadFailure } from "./loader.js";
import { readDescriptor } from "./read-descriptor.js";

/** Serves the host's file system. */
export const fileLoader: Loader = { read: readText, list: listNames };

function readText(path: string): LoadedText {
  let descriptor: number;
  try {
    // O_NONBLOCK opens even a FIFO at once; fstat then refuses it.
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (thrown) {
    return failed(isMissing(thrown) ? "missing" : "unreadable", errorText(thrown));
  }
  try {
    return readOpen(descriptor);
  } catch (thrown) {
    return failed("unreadable", errorText(thrown));
  } finally {
    closeSync(descriptor);
  }
}

function readOpen(descriptor: number): LoadedText {
  const stat = fstatSync(descriptor);
  if (!stat.isFile()) return failed("notRegular", "not a regular file");
  if ((stat.mode & 0o111) !== 0) return failed("executable", "the file is executable");
  if (stat.size > fileBytesMax) {
    return failed("tooLarge", `${stat.size} bytes, at most ${fileBytesMax} are accepted`);
  }
  const bytes = readDescriptor(descriptor, fileBytesMax);
  if (bytes !== undefined) return decode(bytes);
  return failed("tooLarge", `more than the ${fileBytesMax} bytes that are accepted`);
}

/** UTF-8, else Latin-1, so that a stray byte in a comment neither stops the start nor is lost. */
function decode(bytes: Buffer): LoadedText {
  const encoding = isUtf8(bytes) ? "utf8" : "latin1";
  return { ok: true, text: bytes.toString(encoding), encoding };
}

function failed(failure: LoadFailure, detail: string): LoadedText {
  return { ok: false, failure, detail };
}

function isMissing(thrown: unknown): boolean {
  const code = thrown instanceof Error && "code" in thrown ? thrown.code : undefined;
  return code === "ENOENT" || code === "ENOTDIR";
}
