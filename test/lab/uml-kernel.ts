// Starts the kernel of User Mode Linux (Debian's package user-mode-linux) as a process group of the
// test's own and waits for its end. What is the root inside and what runs there the caller decides.

import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync, statfsSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";

export interface BootOptions {
  /** Where the kernel keeps its own files. */
  readonly home: string;
  readonly memoryMb: number;
  /** Root, init and the like. */
  readonly kernelArguments: readonly string[];
  /** After that the guest is killed. */
  readonly limitS: number;
}

export interface BootOutcome {
  readonly isTimedOut: boolean;
  readonly console: string;
}

const kernel = "/usr/bin/linux.uml";
export const moduleFolder = "/usr/lib/uml/modules";
/** What lets the guest run on a processor with AMX (see native/uml-xstate.cc). */
const extendedRegisters = fileURLToPath(new URL("uml-xstate.so", import.meta.url));

/** With the owner's pid behind it. Not in /tmp: that is hidden inside. */
const folderPrefix = "/var/tmp/keepalived-ts-uml-";

/** A folder for one guest, which the caller removes; what others left behind goes first. */
export function makeGuestFolder(): string {
  removeOrphans();
  return mkdtempSync(`${folderPrefix}${process.pid}-`);
}

/** Folders of owners that were killed; their guests end by themselves. */
function removeOrphans(): void {
  const parent = dirname(folderPrefix);
  for (const name of readdirSync(parent)) {
    const path = `${parent}/${name}`;
    const owner = path.startsWith(folderPrefix) && path.slice(folderPrefix.length).split("-")[0];
    if (owner && !existsSync(`/proc/${owner}`)) rmSync(path, { recursive: true, force: true });
  }
}

export function bootUml(options: BootOptions): Promise<BootOutcome> {
  const { home, memoryMb, kernelArguments, limitS } = options;
  if (!existsSync(kernel) || !existsSync(moduleFolder)) {
    throw new Error("Cannot boot User Mode Linux: install Debian's package user-mode-linux");
  }
  const fixed = [`mem=${memoryMb}M`, "con=null", "con0=fd:0,fd:1"];
  return new Promise((settle, reject) => {
    // A process group of its own: the guest's processes are processes of the host too.
    const guest = spawn(kernel, [...fixed, ...kernelArguments], {
      detached: true,
      env: {
        PATH: "/usr/bin:/bin",
        HOME: home,
        TMPDIR: memoryFolder(),
        LD_PRELOAD: extendedRegisters,
      },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const console: Buffer[] = [];
    const killGuest = (): void => killGroup(guest.pid);
    let isTimedOut = false;
    const timer = setTimeout(() => {
      isTimedOut = true;
      killGuest();
    }, limitS * 1000);
    process.once("exit", killGuest);
    guest.stdout.on("data", (data: Buffer) => console.push(data));
    guest.stderr.on("data", (data: Buffer) => console.push(data));
    guest.on("error", reject);
    // Its other processes outlive the first one and hold the pipes open.
    guest.on("exit", killGuest);
    guest.on("close", () => {
      clearTimeout(timer);
      process.off("exit", killGuest);
      settle({ isTimedOut, console: Buffer.concat(console).toString("utf8") });
    });
  });
}

/** The guest's memory is a file on the host: in memory, if there is a tmpfs. */
function memoryFolder(): string {
  const tmpfsMagic = 0x01021994;
  return existsSync("/dev/shm") && statfsSync("/dev/shm").type === tmpfsMagic ? "/dev/shm" : "/tmp";
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, "SIGKILL");
  } catch (thrown) {
    // ESRCH: all of them have ended, which is what is wanted.
    if (!(thrown instanceof Error && "code" in thrown && thrown.code === "ESRCH")) throw thrown;
  }
}
