// A clean Debian of the machine's own release as an image of a file system, made by debootstrap and
// kept, for it takes a minute: systemd, no compiler, no Node, Debian's keepalived. A guest never
// writes to it (see debian-guest.ts). The mounts that debootstrap makes are in a namespace of its
// own, so that they end with it.

import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { makeGuestFolder } from "./uml-kernel.js";

const cacheFolder = "/var/tmp/keepalived-ts-cache";
const imageMb = 1500;
const packages = ["systemd", "systemd-sysv", "dbus", "iproute2", "kmod", "keepalived"];
/** In the guest: what runs the steps of a test, in the folder of the host that the kernel names. */
const stepsUnit = `[Unit]
Description=Steps of a test
After=multi-user.target
[Service]
Type=oneshot
TimeoutStartSec=infinity
ExecStart=/bin/mkdir -p /outside
ExecStart=/bin/bash -c 'folder=$(grep -o "steps=[^ ]*" /proc/cmdline); \\
  mount -t hostfs -o "$(echo "$folder" | cut -c7-)" none /outside'
ExecStart=/bin/bash /outside/run
`;

/** The path of the image; `libraries` are packages that it is to have besides. */
export function debianRoot(libraries: readonly string[]): string {
  const suite = hostSuite();
  const recipe = JSON.stringify([suite, [...packages, ...libraries], stepsUnit, imageMb]);
  const hash = createHash("sha256").update(recipe).digest("hex").slice(0, 12);
  const image = join(cacheFolder, `debian-${suite}-${hash}.img`);
  if (existsSync(image)) return image;
  mkdirSync(cacheFolder, { recursive: true });
  const folder = makeGuestFolder();
  try {
    makeImage(folder, suite, [...packages, ...libraries]);
    // Of earlier recipes nobody needs any more.
    for (const name of readdirSync(cacheFolder)) rmSync(join(cacheFolder, name), { force: true });
    renameSync(join(folder, "image"), image);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return image;
}

function makeImage(folder: string, suite: string, included: readonly string[]): void {
  const root = join(folder, "root");
  // A file system that is thrown away needs no care for power cuts.
  mkdirSync(join(root, "etc/dpkg/dpkg.cfg.d"), { recursive: true });
  writeFileSync(join(root, "etc/dpkg/dpkg.cfg.d/unsafe"), "force-unsafe-io\n");
  must(
    ...[
      "setpriv",
      "--pdeathsig",
      "KILL",
      "unshare",
      "--mount",
      "--pid",
      "--fork",
      "--kill-child",
      "--mount-proc",
    ],
    ...["debootstrap", "--variant=minbase", `--include=${included.join(",")}`],
    ...[suite, root, mirror(suite)],
  );
  rmSync(join(root, "var/cache/apt"), { recursive: true });
  rmSync(join(root, "var/lib/apt/lists"), { recursive: true });
  writeFileSync(join(root, "etc/systemd/system/steps.service"), stepsUnit);
  const image = join(folder, "image");
  must("mkfs.ext4", "-q", "-F", "-O", "^has_journal", "-d", root, image, `${imageMb}M`);
}

function hostSuite(): string {
  const suite = /^VERSION_CODENAME=(\w+)$/m.exec(readFileSync("/etc/os-release", "utf8"))?.[1];
  if (suite === undefined)
    throw new Error("Cannot make a Debian root: /etc/os-release has no code");
  return suite;
}

/** Where the machine itself gets its packages. */
function mirror(suite: string): string {
  const format = ["--format", "$(SITE)", `Codename: ${suite}`, "Component: main"];
  const sites = must("apt-get", "indextargets", ...format).split("\n");
  return sites.find((site) => site !== "") ?? "http://deb.debian.org/debian";
}

function must(command: string, ...words: string[]): string {
  const { status, stdout, stderr } = spawnSync(command, words, { encoding: "utf8" });
  if (status === 0) return stdout;
  throw new Error(`Cannot run ${command} ${words.join(" ")}: ${status}\n${stdout}${stderr}`);
}
