// Boots Debian's User Mode Linux (package user-mode-linux: Linux as an ordinary process, with IPVS
// and its schedulers as modules), runs one command inside it as root and returns what came of it.
// The host's file system is the root inside and can be written to, so write below /tmp there, which
// is a tmpfs of the guest's own.

import { readFile, rm, writeFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { type BootOutcome, bootUml, makeGuestFolder, moduleFolder } from "./uml-kernel.js";

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

const hostRoot = "root=/dev/root rootfstype=hostfs rootflags=/ rw quiet";
const defaultTimeoutS = 120;
const defaultMemoryMb = 512;
/** Time for the guest to halt by itself before it is killed from outside. */
const haltGraceS = 5;
const projectRoot = resolve(dirname(fileURLToPath(import.meta.url)), "../../..");

/**
 * Rejects if the guest does not boot or does not finish in time; else the command's status decides.
 */
export async function runInUml(options: UmlOptions): Promise<UmlResult> {
  const folder = makeGuestFolder();
  try {
    await writeFile(`${folder}/init`, initScript(folder, options), { mode: 0o755 });
    const outcome = await bootUml({
      home: folder,
      memoryMb: options.memoryMb ?? defaultMemoryMb,
      kernelArguments: [...hostRoot.split(" "), `init=${folder}/init`],
      limitS: (options.timeoutS ?? defaultTimeoutS) + haltGraceS,
    });
    return await collect(folder, outcome, options);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
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

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
