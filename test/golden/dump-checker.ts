// The data file of Debian's checker process just after its start beside ours, line by line, but for
// lines that ours does not have.

import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type CheckerView, checkerText } from "@keepalived-ts/parent/data/checker-data";
import { realServerName } from "@keepalived-ts/shared-config/base/service-name";
import type {
  RealServerSnapshot,
  VirtualServerSnapshot,
} from "@keepalived-ts/shared-config/ipc/messages";
import type {
  Config,
  RealServerConfig,
  VirtualServerConfig,
} from "@keepalived-ts/shared-config/schema/config";

/** What nobody but keepalived itself knows: docs/internals/data-files.md has their kinds. */
const leftOut: readonly string[] = [
  ...["System is compiled", "Alive:", "reloaded = ", "Hashed", "previous effective", "RS set"],
  ...["connection timeout", "alpha is", "Alpha is", "Retry count", "Retry delay"],
  ...["Enabled", "Current weight", "Retries iterations", "Default delay before", "Last ran"],
  ...["Last status", "Regex options", "Regex ref", "Reply data", "Reloaded"],
];
/** What a real server says to its checks, which show it; theirs end in " us". */
const inherited = /^ *(Warmup|Delay loop) = [0-9.]+$/;
/** How they begin depends on who is alpha; with ours the test says so itself. */
const quorum = /^ *quorum_state_up/;

/** The lines that only one of them has: "< theirs", "> ours". */
export function compareCheckers(theirs: string, config: Config): string[] {
  const folder = mkdtempSync(join(tmpdir(), "keepalived-ts-dump-"));
  try {
    const paths = [shown(theirs), shown(checkerText(startOf(config)) ?? "")].map((text, i) => {
      const path = join(folder, `${i}`);
      writeFileSync(path, text);
      return path;
    });
    const { stdout } = spawnSync("diff", paths, { encoding: "utf8" });
    return stdout.split("\n").filter((line) => /^[<>]/.test(line));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Global definitions are compared with those of the VRRP process. */
function shown(text: string): string {
  const checker = text.slice(text.indexOf("------< SSL definitions"));
  const lines = checker.split("\n").filter((line) => {
    const isLeftOut = leftOut.some((start) => line.trimStart().startsWith(start));
    return !isLeftOut && !inherited.test(line) && !quorum.test(line);
  });
  // A virtual server's own, which its real servers take over, and whether it is in the kernel.
  return lines
    .filter((line, i) => {
      const isOwn = /^ *omega is/.test(lines[i - 1] ?? "") && /Inhibit on failure/.test(line);
      return !isOwn && !(/^ *alive = /.test(line) && !isRealServer(lines, i));
    })
    .join("\n");
}

/** Whether line `i` is of a real server. */
function isRealServer(lines: readonly string[], i: number): boolean {
  const title = lines.slice(0, i).findLast((line) => /-----< /.test(line));
  return title?.includes("Real server") ?? false;
}

/** Who is alpha waits for its first success; all others count as up. */
function startOf(config: Config): CheckerView {
  const servers = config.checker?.virtualServers ?? [];
  return {
    config,
    trackers: new Map(),
    virtualServers: new Map<string, VirtualServerSnapshot>(),
    realServers: new Map(servers.map((server) => [server.name, realServersOf(server)] as const)),
  };
}

function realServersOf(server: VirtualServerConfig): ReadonlyMap<string, RealServerSnapshot> {
  return new Map(
    server.realServers.map((real) => {
      const name = realServerName(server.key, real);
      return [name, snapshotOf(server.name, name, real)] as const;
    }),
  );
}

function snapshotOf(
  virtualServer: string,
  realServer: string,
  { checks, weight }: RealServerConfig,
): RealServerSnapshot {
  const isUp = !checks.some((check) => "alpha" in check && check.alpha);
  const results = checks.map(({ kind }) => (kind === "FILE_CHECK" ? true : null));
  return { virtualServer, realServer, isUp, weight, checks: results };
}
