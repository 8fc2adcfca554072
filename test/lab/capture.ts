// Records what goes over a segment, with the kernel's own time stamps: tcpdump writes a pcap file,
// which is there for tshark and decoded here. The decoders are independent of the ones under test.
//
//   pcap file header, 24 bytes: magic 0xa1b23c4d for nanoseconds, then what is not needed here
//   each record, 16 bytes: seconds, nanoseconds, captured length, original length; then the frame

import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { KeepalivedError } from "@keepalived-ts/shared-config/base/error";
import type { Segment } from "./host.js";
import { waitFor, within } from "./wait.js";

const FILE_HEADER_BYTES = 24;
const RECORD_HEADER_BYTES = 16;
const MAGIC_NANOSECONDS = 0xa1b23c4d;
const STOP_LIMIT_MS = 5_000;

/** One frame. */
export interface CapturedFrame {
  /** CLOCK_REALTIME, microseconds, taken by the kernel. */
  readonly atUs: number;
  readonly bytes: Buffer;
}

/** Decodes a pcap stream as far as it has come. */
export function parsePcap(stream: Buffer): readonly CapturedFrame[] {
  if (stream.length < FILE_HEADER_BYTES) return [];
  if (stream.readUInt32LE(0) !== MAGIC_NANOSECONDS) {
    throw new KeepalivedError("LAB_CAPTURE", "Cannot read the capture: want nanosecond pcap");
  }
  const frames: CapturedFrame[] = [];
  let offset = FILE_HEADER_BYTES;
  while (offset + RECORD_HEADER_BYTES <= stream.length) {
    const seconds = stream.readUInt32LE(offset);
    const nanoseconds = stream.readUInt32LE(offset + 4);
    const end = offset + RECORD_HEADER_BYTES + stream.readUInt32LE(offset + 8);
    if (end > stream.length) break;
    const bytes = stream.subarray(offset + RECORD_HEADER_BYTES, end);
    frames.push({ atUs: seconds * 1e6 + nanoseconds / 1000, bytes });
    offset = end;
  }
  return frames;
}

/** A running or finished recording. */
export class Capture {
  /** The pcap file. */
  readonly path: string;
  readonly #child: ChildProcess;
  #complaints = "";
  #hasEnded = false;

  constructor(child: ChildProcess, path: string) {
    this.path = path;
    this.#child = child;
    child.stderr?.on("data", (chunk: Buffer) => {
      this.#complaints += chunk.toString();
    });
    child.on("exit", () => {
      this.#hasEnded = true;
    });
  }

  async ready(): Promise<void> {
    const isListening = (): boolean => {
      if (!this.#hasEnded) return this.#complaints.includes("listening on");
      throw new KeepalivedError("LAB_CAPTURE", `Cannot capture: ${this.#complaints.trim()}`);
    };
    await waitFor("tcpdump to listen", isListening);
  }

  frames(): readonly CapturedFrame[] {
    return parsePcap(readFileSync(this.path));
  }

  /**
   * Ends the recording once everything the kernel has queued is here; fails if frames were lost.
   */
  async stop(): Promise<readonly CapturedFrame[]> {
    const closed = new Promise((resolve) => this.#child.on("close", resolve));
    if (!this.#hasEnded) {
      this.#child.kill("SIGINT");
      await within("tcpdump to end", closed, STOP_LIMIT_MS);
    }
    const lost = /(\d+) packets? dropped by kernel/.exec(this.#complaints)?.[1];
    if (lost !== "0") {
      throw new KeepalivedError("LAB_CAPTURE", `Lost ${lost ?? "unknown"} frames of a capture`);
    }
    return this.frames();
  }
}

let captureCount = 0;

/** Starts recording what the switch of a segment sees; `filter` is a pcap-filter(7) expression. */
export async function startCapture(
  segment: Segment,
  filter: string = "ip proto 112 or ip proto 51 or ip6 proto 112 or icmp6 or arp",
): Promise<Capture> {
  captureCount += 1;
  const path = join(segment.scratch, `${segment.name}-${captureCount}.pcap`);
  const options = ["-n", "-U", "--immediate-mode", "-B", "65536", "-s", "2048"];
  const stamps = ["--time-stamp-precision=nano", "-w", "-"];
  const argv = ["netns", "exec", segment.switchNamespace, "tcpdump", "-i", segment.name];
  // By descriptor: tcpdump drops its privileges before it would open a file.
  const output = openSync(path, "w");
  const child = spawn("ip", [...argv, ...options, ...stamps, filter], {
    stdio: ["ignore", output, "pipe"],
    detached: true,
  });
  closeSync(output);
  const capture = new Capture(child, path);
  await capture.ready();
  return capture;
}
