// The log as files, -g: one a process, as keepalived has them, the process's name put in before the
// last dot. Written by the same bounded queue as the console; opened again when asked, so
// that logrotate need not stop the daemon. Follows no link and writes into no file of another user.

import { closeSync, constants, fstatSync, openSync } from "node:fs";
import { errorText, KeepalivedError } from "@keepalived-ts/shared-config/base/error";
import { DescriptorWriter } from "./descriptor-writer.js";

const { O_APPEND, O_CREAT, O_NOCTTY, O_NOFOLLOW, O_NONBLOCK, O_WRONLY } = constants;
const mode = 0o600;

interface OpenFile {
  readonly descriptor: number;
  readonly writer: DescriptorWriter;
}

export class LogFiles {
  readonly #path: string;
  readonly #failed: (text: string) => void;
  readonly #lossText: (lost: number) => string;
  /** By ident; undefined = cannot be opened, which was said. */
  readonly #files: Map<string, OpenFile | undefined> = new Map();
  #lost = 0;

  constructor(path: string, failed: (text: string) => void, lossText: (lost: number) => string) {
    this.#path = path;
    this.#failed = failed;
    this.#lossText = lossText;
  }

  /** Lines that found no file so far. */
  get dropped(): number {
    let dropped = this.#lost;
    for (const file of this.#files.values()) dropped += file?.writer.dropped ?? 0;
    return dropped;
  }

  write(ident: string, line: string): void {
    const file = this.#files.has(ident) ? this.#files.get(ident) : this.#open(ident);
    if (file === undefined) this.#lost += 1;
    else file.writer.write(line);
  }

  /** From the next line on the files are those of that name then. */
  reopen(timeoutMs: number): void {
    const files = [...this.#files.values()];
    this.#files.clear();
    for (const file of files) if (file !== undefined) void closeWritten(file, timeoutMs);
  }

  async drain(timeoutMs: number): Promise<boolean> {
    const files = [...this.#files.values()].filter((file) => file !== undefined);
    const areDrained = await Promise.all(files.map(({ writer }) => writer.drain(timeoutMs)));
    return areDrained.every(Boolean);
  }

  #open(ident: string): OpenFile | undefined {
    const path = pathFor(this.#path, ident);
    let file: OpenFile | undefined;
    try {
      const descriptor = openLog(path);
      file = { descriptor, writer: new DescriptorWriter(descriptor, this.#lossText) };
    } catch (thrown) {
      // Told below, when it is known not to be tried again at once: who tells may log.
      this.#files.set(ident, undefined);
      this.#failed(`Cannot write log file "${path}": ${errorText(thrown)}`);
      return undefined;
    }
    this.#files.set(ident, file);
    return file;
  }
}

/** /tmp/keepalived.log of ident Keepalived_vrrp is /tmp/keepalived_vrrp.log. */
export function pathFor(path: string, ident: string): string {
  const name = /^[^_]*/.exec(ident)?.[0] ?? "";
  const insertion = ident.slice(name.length);
  const dot = path.lastIndexOf(".");
  const isExtension = dot > path.lastIndexOf("/") + 1;
  return isExtension ? `${path.slice(0, dot)}${insertion}${path.slice(dot)}` : path + insertion;
}

function openLog(path: string): number {
  const flags = O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK;
  const descriptor = openSync(path, flags, mode);
  const stats = fstatSync(descriptor);
  if (stats.isFile() && stats.nlink === 1 && stats.uid === process.geteuid?.()) return descriptor;
  closeSync(descriptor);
  throw new KeepalivedError("LOG_FILE_FOREIGN", "it is no file, or not ours alone");
}

async function closeWritten({ descriptor, writer }: OpenFile, timeoutMs: number): Promise<void> {
  // One that hangs keeps its descriptor: another file must not get the lines.
  if (await writer.drain(timeoutMs)) closeSync(descriptor);
}
