// The data file of the checker process (keepalived_check.data, SIGUSR1): settings, and the state
// that the parent's mirror has of it, as text in keepalived's form. Touches no disk.

import { realServerName } from "@keepalived-ts/shared-config/base/service-name";
import type {
  RealServerSnapshot,
  VirtualServerSnapshot,
} from "@keepalived-ts/shared-config/ipc/messages";
import type {
  CheckerConfig,
  Config,
  VirtualServerConfig,
} from "@keepalived-ts/shared-config/schema/config";
import { checkLines } from "./check-table.js";
import { groupLines, realServerTable, serverTable, serverTitle } from "./server-table.js";
import { globalText } from "./state-data.js";
import { tableLines, title } from "./table.js";

export interface CheckerView {
  readonly config: Config;
  /** By the names of the virtual and of the real server. */
  readonly realServers: ReadonlyMap<string, ReadonlyMap<string, RealServerSnapshot>>;
  readonly virtualServers: ReadonlyMap<string, VirtualServerSnapshot>;
  /** What watchers have found, by kind and name ("file drain"). */
  readonly trackers: ReadonlyMap<string, { readonly value: number }>;
}

/** undefined = there is no checker. */
export function checkerText(view: CheckerView): string | undefined {
  const { checker } = view.config;
  if (checker === undefined) return undefined;
  const lines = [
    ...sslLines(checker),
    title("LVS Topology"),
    ...checker.groups.flatMap((group) => [
      ` ${title("Virtual server group")}`,
      ...groupLines(group).map((line) => ` ${line}`),
    ]),
    ...checker.virtualServers.flatMap((server) => serverLines(view, server)),
    ...section("Health checkers", checksLines(view, checker)),
    ...section("Checker track files", trackLines(view, checker)),
  ];
  return globalText(view) + lines.map((line) => `${line}\n`).join("");
}

function section(name: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [title(name), ...lines];
}

/** The pass phrase of the key is a secret. */
function sslLines({ ssl = {} }: CheckerConfig): string[] {
  const rows = [
    ["Password", ssl.password && "(not shown)"],
    ["CA-file", ssl.ca],
    ["Certificate file", ssl.certificate],
    ["Key file", ssl.key],
  ];
  const lines = rows.flatMap(([name, value]) =>
    value === undefined ? [] : [` ${name} : ${value}`],
  );
  return [
    title("SSL definitions"),
    ...(lines.length === 0 ? [" Using autogen SSL context"] : lines),
  ];
}

function serverLines(view: CheckerView, server: VirtualServerConfig): string[] {
  const known = view.realServers.get(server.name);
  const state = [...view.virtualServers.values()].find(
    ({ virtualServer }) => virtualServer === server.name,
  );
  return [
    ` ${title("Virtual server")}`,
    ` ${serverTitle(server)}`,
    ...tableLines(serverTable, { server, hasQuorum: state?.hasQuorum ?? false }, "   "),
    ...server.realServers.flatMap((real) => {
      const snapshot = known?.get(realServerName(server.key, real));
      return [
        `   ${title("Real server")}`,
        ...tableLines(realServerTable, { server: real, snapshot }, "   "),
      ];
    }),
  ];
}

/** Those that look at files stand last. */
function checksLines(view: CheckerView, { virtualServers }: CheckerConfig): string[] {
  const checks = virtualServers.flatMap(({ name, key, realServers }) =>
    realServers.flatMap((real) => {
      const realName = realServerName(key, real);
      const results = view.realServers.get(name)?.get(realName)?.checks ?? [];
      return real.checks.map((check, i) => ({
        isFile: check.kind === "FILE_CHECK",
        lines: [` ${name} -> ${realName}`, ...checkLines(check, results[i] ?? null)],
      }));
    }),
  );
  const ordered = [
    ...checks.filter(({ isFile }) => !isFile),
    ...checks.filter((one) => one.isFile),
  ];
  return ordered.flatMap(({ lines }) => lines);
}

function trackLines({ config, trackers }: CheckerView, checker: CheckerConfig): string[] {
  return config.tracking.files.flatMap((file) => {
    const users = checker.virtualServers.flatMap(({ name, key, realServers }) =>
      realServers.flatMap((real) =>
        real.checks.flatMap((check) => {
          if (check.kind !== "FILE_CHECK" || check.file !== file.name) return [];
          const weight = `weight ${check.weight}${check.isReversed ? " reverse" : ""}`;
          return [`     ${name} -> ${realServerName(key, real)}, ${weight}`];
        }),
      ),
    );
    if (users.length === 0) return [];
    return [
      ` Track file = ${file.name}`,
      `   File = ${file.path}`,
      `   Status = ${trackers.get(`file ${file.name}`)?.value ?? 0}`,
      `   Weight = ${file.weight}${file.reverse ? " reverse" : ""}`,
      "   Tracking instances :",
      ...users,
    ];
  });
}
