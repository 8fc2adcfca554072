// Boots Debian's User Mode Linux (package user-mode-linux: Linux as an ordinary process, with IPVS
// and its schedulers as modules), runs one command inside it as root and returns what came of it.
// The host's file system is the root inside and can be written to, so write below /tmp there, which
// is a tmpfs of the guest's own.

import { spawn } from "node:child_process";
import { existsSync, readdirSync, rmSync, statfsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";

export interface UmlOptions {
  /** The command, found along PATH; or else `script`. */
  readonly argv?: readonly string[];
  /** Text for bash. */
  readonly script?: string;
  /** After that the guest is killed and {@link runInUml} rejects. */
  readonly timeoutS?: number;
  /** Kernel modules beyond {@link defaultModules}. */
  readonly modules?: readonly string[];
  readonly memoryMb?: number;
  /** Environment of the command beyond PATH and HOME. */
  readonly environment?: Readonly<Record<string, string>>;
}

export interface UmlResult {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

export const defaultModules: readonly string[] = [
  ..."ip_vs ip_vs_rr ip_vs_wrr ip_vs_lc ip_vs_wlc ip_vs_sh ip_vs_dh ip_vs_mh ip_vs_sed".split(" "),
  ..."ip_vs_nq ip_vs_fo ip_vs_ovf dummy veth".split(" "),
];

const kernel = "/usr/bin/linux.uml";
const moduleFolder = "/usr/lib/uml/modules";
/** What lets the guest run on a processor with AMX (see native/uml-xstate.cc). */
const extendedRegisters = fileURLToPath(new URL("uml-xstate.so", import.meta.url));
const defaultTimeoutS = 120;
const defaultMemoryMb = 512;
/** With the owner's pid behind it. Not in /tmp: that is hidden inside. */
const folderPrefix = "/var/tmp/keepalived-ts-uml-";
/** Time for the guest to halt by itself before it is killed from outside. */
const haltGraceS = 5;
const projectRoot = resolve(dirname(fileURLToPath(import.meta.url)), "../../..");

/**
 * Rejects if the guest does not boot or does not finish in time; else the command's status decides.
 */
export async function runInUml(options: UmlOptions): Promise<UmlResult> {
  if (!existsSync(kernel) || !existsSync(moduleFolder)) {
    throw new Error("Cannot boot User Mode Linux: install Debian's package user-mode-linux");
  }
  removeOrphans();
  const folder = await mkdtemp(`${folderPrefix}${process.pid}-`);
  try {
    await writeFile(`${folder}/init`, initScript(folder, options), { mode: 0o755 });
    const outcome = await boot(folder, options);
    return await collect(folder, outcome, options);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
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

interface BootOutcome {
  readonly isTimedOut: boolean;
  readonly console: string;
}

function boot(folder: string, options: UmlOptions): Promise<BootOutcome> {
  const memoryMb = options.memoryMb ?? defaultMemoryMb;
  const root = "root=/dev/root rootfstype=hostfs rootflags=/ rw con=null con0=fd:0,fd:1 quiet";
  return new Promise((settle, reject) => {
    // A process group of its own: the guest's processes are processes of the host too.
    const guest = spawn(kernel, [`mem=${memoryMb}M`, ...root.split(" "), `init=${folder}/init`], {
      detached: true,
      env: {
        PATH: "/usr/bin:/bin",
        HOME: folder,
        TMPDIR: memoryFolder(),
        LD_PRELOAD: extendedRegisters,
      },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const console: Buffer[] = [];
    const killGuest = (): void => killGroup(guest.pid);
    let isTimedOut = false;
    const timer = setTimeout(
      () => {
        isTimedOut = true;
        killGuest();
      },
      ((options.timeoutS ?? defaultTimeoutS) + haltGraceS) * 1000,
    );
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

async function collect(
  folder: string,
  outcome: BootOutcome,
  options: UmlOptions,
): Promise<UmlResult> {
  const read = (name: string): Promise<string> =>
    readFile(`${folder}/${name}`, "utf8").catch(() => "");
  const [status, stdout, stderr, messages] = await Promise.all(
    ["status", "stdout", "stderr", "boot"].map(read),
  );
  const isMissing = status === undefined || status.trim() === "";
  if (outcome.isTimedOut || isMissing) {
    const what = isMissing && !outcome.isTimedOut ? "ended without a status" : "ran out of time";
    const limit = options.timeoutS ?? defaultTimeoutS;
    throw new Error(
      `User Mode Linux ${what} (limit ${limit} s)\n${messages}${outcome.console.slice(-4000)}` +
        `\nstdout: ${stdout?.slice(-4000)}\nstderr: ${stderr?.slice(-4000)}`,
    );
  }
  return { status: Number(status), stdout: stdout ?? "", stderr: `${messages}${stderr}` };
}

/** PID 1 of the guest. */
function initScript(folder: string, options: UmlOptions): string {
  const argv = options.argv ?? ["bash", "-c", options.script ?? "true"];
  const modules = [...defaultModules, ...(options.modules ?? [])];
  const environment = Object.entries(options.environment ?? {});
  const limitS = options.timeoutS ?? defaultTimeoutS;
  return `#!/bin/bash
export PATH=/usr/sbin:/usr/bin:/sbin:/bin:/usr/local/bin HOME=/tmp TERM=dumb
out=${quote(folder)}
exec 2>> $out/boot
mount -t proc proc /proc && mount -t sysfs sys /sys
mount -t tmpfs tmpfs /run && mount -t tmpfs tmpfs /tmp
mountpoint -q /dev || mount -t devtmpfs dev /dev
mkdir -p /dev/shm /dev/pts /run/netns
mount -t tmpfs shm /dev/shm; mount -t devpts pts /dev/pts
ln -sfn /proc/self/fd /dev/fd
ln -sf fd/0 /dev/stdin; ln -sf fd/1 /dev/stdout; ln -sf fd/2 /dev/stderr
${hiddenFolders().map(mountAgain).join("\n")}
mkdir -p /tmp/modules/lib && ln -s ${moduleFolder} /tmp/modules/lib/modules
for module in ${modules.map(quote).join(" ")}; do
  modprobe -d /tmp/modules "$module" || halt -f
done
ip link set lo up
# If whoever has booted this guest dies, nobody else would end it.
( sleep ${limitS}; halt -f ) < /dev/null > /dev/null 2>&1 &
cd /tmp
${environment.map(([name, value]) => `export ${name}=${quote(value)}`).join("\n")}
${argv.map(quote).join(" ")} < /dev/null > $out/stdout 2> $out/stderr
echo $? > $out/status
sync
halt -f
`;
}

/** Folders that the command may need and that the guest's own /tmp and /run would hide. */
function hiddenFolders(): string[] {
  return [projectRoot, resolve(dirname(process.execPath), "..")].filter((folder) =>
    /^\/(tmp|run)\//.test(folder),
  );
}

function mountAgain(folder: string): string {
  return `mkdir -p ${quote(folder)} && mount -t hostfs -o ${quote(folder)} none ${quote(folder)}`;
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

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
