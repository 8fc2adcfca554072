// The whole configurations of test/golden/realistic: what each asks of the host that it is tried
// on, from its comment lines. `# id: main` is the configuration id, `# absent: PATH` a script that
// is not made, `# not-run: WHY` a file whose daemon cannot start here, `# difference: WHY` one on
// which keepalived 2.2.7 -t and ours differ on purpose.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setting } from "./case-host.js";

export const realisticFolder: string = join(import.meta.dirname, "../../golden/realistic");
/** Where the files lie when they are tried: their includes name this folder. */
export const installedFolder = "/etc/keepalived";

/** Includes every file with virtual servers: Debian's checker process is asked once for all. */
export const allFarms = "all-farms";

export interface RealisticFile {
  /** Without ".conf". */
  readonly name: string;
  readonly text: string;
  readonly path: string;
  readonly configId: string;
  readonly difference: string | undefined;
  /** Whether Debian's VRRP process is started with it. */
  readonly isRun: boolean;
}

/** The samples that Debian's package brings: read there, since they are keepalived's own. */
const sampleFolder = "/usr/share/doc/keepalived/samples";

/** Ours and, where they are installed, those of Debian's package. */
export function realisticFiles(): RealisticFile[] {
  return [...ourFiles(), ...sampleFiles()];
}

/** What the comment lines of ours say. */
const sampleSettings: Readonly<Record<string, Partial<RealisticFile>>> = {
  // Its interfaces are not there, and the process ends.
  "sample-track_interface": { isRun: false },
  // Waits for IPVS.
  "sample-vrrp.lvs_syncd": { isRun: false },
  "sample-vrrp.static_ipaddress": {
    difference: "2.2.7 wants dev in every route to track it, 2.4.3 does not",
  },
};

function sampleFiles(): RealisticFile[] {
  if (!existsSync(sampleFolder)) return [];
  return readdirSync(sampleFolder)
    .filter((name) => name.startsWith("keepalived.conf."))
    .toSorted()
    .map((fileName) => {
      const path = join(sampleFolder, fileName);
      const name = fileName.replace("keepalived.conf.", "sample-");
      const file = realisticFile(fileName, readFileSync(path, "utf8"));
      return { ...file, name, path, ...sampleSettings[name] };
    });
}

function ourFiles(): RealisticFile[] {
  return readdirSync(realisticFolder)
    .filter((name) => name.endsWith(".conf"))
    .toSorted()
    .map((name) => realisticFile(name, readFileSync(join(realisticFolder, name), "utf8")));
}

function realisticFile(fileName: string, text: string): RealisticFile {
  const reason = setting(text, "not-run");
  return {
    name: fileName.slice(0, -".conf".length),
    text,
    path: join(installedFolder, fileName),
    configId: setting(text, "id") ?? "main",
    difference: setting(text, "difference"),
    isRun: /^(vrrp_instance|include)\b/m.test(text) && reason === undefined,
  };
}

/** The scripts below the folder that the files name, but for those that shall not be there. */
export function namedScripts(files: readonly RealisticFile[]): string[] {
  const absent = new Set(files.map(({ text }) => setting(text, "absent")));
  const named = files.flatMap(
    ({ text }) => text.match(/\/etc\/keepalived\/[\w.-]+\.(sh|py)/g) ?? [],
  );
  return [...new Set(named)].filter((path) => !absent.has(path));
}
