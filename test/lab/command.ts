// Runs the programs of the laboratory (ip, tcpdump, daemons) and tells what they said. Knows
// nothing of namespaces; a program that fails is a result for `run` and an error with its output
// for `must`.

import { execFile, execFileSync } from "node:child_process";
import { KeepalivedError } from "@keepalived-ts/shared-config/base/error";

/** How a program ended. */
export interface CommandResult {
  /** Exit status, or -1 when a signal or the time limit ended it. */
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CommandOptions {
  readonly timeoutMs?: number;
  /** What the program reads from its standard input. */
  readonly input?: string;
}

const DEFAULT_TIMEOUT_MS = 30_000;
const OUTPUT_BYTES_MAX = 256 * 1024 * 1024;

function commandError(argv: readonly string[], output: string): KeepalivedError {
  const command = argv.join(" ");
  return new KeepalivedError("LAB_COMMAND_FAILED", `Cannot run "${command}": ${output.trim()}`);
}

/** Runs a program to its end. A failure is part of the result. */
export function run(argv: readonly string[], options: CommandOptions = {}): Promise<CommandResult> {
  const [file, ...rest] = argv;
  if (file === undefined) throw new KeepalivedError("LAB_COMMAND_FAILED", "Cannot run nothing");
  return new Promise((resolve) => {
    const child = execFile(
      file,
      rest,
      {
        timeout: options.timeoutMs ?? DEFAULT_TIMEOUT_MS,
        killSignal: "SIGKILL",
        maxBuffer: OUTPUT_BYTES_MAX,
      },
      (error, stdout, stderr) => {
        const status = error === null ? 0 : typeof error.code === "number" ? error.code : -1;
        const reason = status === -1 ? `${stderr}${error?.message ?? ""}` : stderr;
        resolve({ status, stdout, stderr: reason });
      },
    );
    // A program that ends without reading its input is judged by its status, not by our EPIPE.
    child.stdin?.on("error", () => child.stdin?.destroy());
    child.stdin?.end(options.input ?? "");
  });
}

/** Runs a program that has to succeed, and gives its standard output. */
export async function must(argv: readonly string[], options: CommandOptions = {}): Promise<string> {
  const result = await run(argv, options);
  if (result.status !== 0) throw commandError(argv, result.stderr || result.stdout);
  return result.stdout;
}

/** For tidy-up at exit, where nothing can be awaited: the output, or an empty text on failure. */
export function outputNow(argv: readonly string[]): string {
  const [file, ...rest] = argv;
  if (file === undefined) return "";
  try {
    return execFileSync(file, rest, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
  } catch {
    return "";
  }
}
