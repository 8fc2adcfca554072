// Boots a clean Debian with systemd (debian-root.ts) under User Mode Linux, runs commands in it one
// after the other and returns what came of each. The guest's disk is thrown away; the host is
// reached by one folder only.

import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { bootUml, makeGuestFolder, moduleFolder } from "./uml-kernel.js";

export interface GuestOptions {
  readonly image: string;
  /** Files of the host, which the guest sees in /outside. */
  readonly files: readonly string[];
  /** Bash, run one after the other whatever becomes of them. */
  readonly steps: Readonly<Record<string, string>>;
  readonly timeoutS: number;
  readonly memoryMb?: number;
}

export interface StepResult {
  readonly status: number;
  /** Of both streams. */
  readonly output: string;
}

const stepLimitS = 90;
const defaultMemoryMb = 768;

export async function runInDebian(options: GuestOptions): Promise<Map<string, StepResult>> {
  const folder = makeGuestFolder();
  try {
    const shared = join(folder, "shared");
    mkdirSync(shared);
    for (const file of options.files) copyFileSync(file, join(shared, basename(file)));
    const names = Object.keys(options.steps);
    for (const [i, text] of Object.values(options.steps).entries()) {
      writeFileSync(join(shared, `${i}.sh`), text);
    }
    writeFileSync(join(shared, "run"), runner(names.length, options.timeoutS));
    const disk = `ubd0=${join(folder, "changes")},${options.image}`;
    const outcome = await bootUml({
      home: folder,
      memoryMb: options.memoryMb ?? defaultMemoryMb,
      limitS: options.timeoutS,
      kernelArguments: [
        ...[disk, "root=/dev/ubda", "rw", "quiet", "init=/lib/systemd/systemd"],
        ...["systemd.wants=steps.service", "systemd.show_status=0", `steps=${shared}`],
        ...["apt-daily.timer", "apt-daily-upgrade.timer", "e2scrub_reap.service"].map(
          (unit) => `systemd.mask=${unit}`,
        ),
      ],
    });
    return collect(shared, names, outcome.console);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function collect(shared: string, names: string[], console: string): Map<string, StepResult> {
  return new Map(
    names.map((name, i) => {
      const read = (kind: string): string => {
        try {
          return readFileSync(join(shared, `${i}.${kind}`), "utf8");
        } catch {
          throw new Error(
            `Cannot tell of step "${name}": it has no ${kind}\n${console.slice(-4000)}`,
          );
        }
      };
      return [name, { status: Number(read("status")), output: read("output") }];
    }),
  );
}

/** The guest's end, whatever happens, is that of its first process. */
function runner(steps: number, limitS: number): string {
  return `export HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C
( sleep ${limitS}; halt -f ) < /dev/null > /dev/null 2>&1 &
mkdir -p /lib/modules && mount -t hostfs -o ${moduleFolder} none /lib/modules
cd /root
for i in $(seq 0 ${steps - 1}); do
  timeout ${stepLimitS} bash /outside/$i.sh < /dev/null > /outside/$i.output 2>&1
  echo $? > /outside/$i.status
done
sync
systemctl poweroff --force --force
`;
}
