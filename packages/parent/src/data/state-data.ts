// The data file of the VRRP process (keepalived.data, SIGUSR1) and that of the parent: settings and
// state as text in keepalived's form, which exporters and scripts parse. Touches no disk.

import type { InstanceStatus } from "@keepalived-ts/shared-config/ipc/messages";
import type { Config } from "@keepalived-ts/shared-config/schema/config";
import { globalTable } from "./global-table.js";
import { instanceTable } from "./instance-table.js";
import { routeText, ruleText, staticAddressText } from "./kernel-text.js";
import {
  bfdTable,
  fileTable,
  garpGroupLines,
  processTable,
  scriptTable,
  syncGroupTable,
  type Tracked,
  trackGroupTable,
  usersOf,
} from "./object-tables.js";
import { type Table, tableLines, title } from "./table.js";

/** How everything stands at one moment. */
export interface StateView {
  readonly config: Config;
  /** By name; empty while the VRRP process does not answer. */
  readonly instances: ReadonlyMap<string, InstanceStatus>;
  /** What watchers have found, by kind and name ("script chk"). */
  readonly trackers: ReadonlyMap<string, { readonly value: number }>;
  /** Scripts that are under way. */
  readonly runningScripts: ReadonlySet<string>;
  /** Microseconds since 1970 of an instant of CLOCK_MONOTONIC. */
  wallUs(monotonicUs: number): number;
}

export function globalText({ config }: Pick<StateView, "config">): string {
  return text([title("Global definitions"), ...tableLines(globalTable, config, " ")]);
}

export function stateText(view: StateView): string {
  const { config } = view;
  return (
    globalText(view) +
    text([
      ...garpGroupLines(config.vrrp?.garpGroups ?? []),
      ...staticLines(config),
      ...instanceLines(view),
      ...syncGroupLines(view),
      ...trackerLines(view),
    ])
  );
}

function text(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join("");
}

function section(name: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [title(name), ...lines];
}

function staticLines({ vrrp }: Config): string[] {
  if (vrrp === undefined) return [];
  const { trackGroups, addresses, routes, rules } = vrrp.statics;
  const indented = (line: string): string => `     ${line}`;
  return [
    ...section(
      "Static Track groups",
      trackGroups.flatMap((group) => [
        ` Static Track Group = ${group.name}`,
        ...tableLines(trackGroupTable, group, "   "),
      ]),
    ),
    ...section("Static Addresses", addresses.map(staticAddressText).map(indented)),
    ...section("Static Routes", routes.map(routeText).map(indented)),
    ...section("Static Rules", rules.map(ruleText).map(indented)),
  ];
}

function instanceLines({ config, instances, wallUs }: StateView): string[] {
  if (config.vrrp === undefined) return [];
  return section(
    "VRRP Topology",
    config.vrrp.instances.flatMap((instance) => [
      ` VRRP Instance = ${instance.name}`,
      ...tableLines(
        instanceTable,
        { config, instance, status: instances.get(instance.name), wallUs },
        "   ",
      ),
    ]),
  );
}

function syncGroupLines({ config, instances }: StateView): string[] {
  const groups = config.vrrp?.syncGroups ?? [];
  return section(
    "VRRP Sync groups",
    groups.flatMap((group) => {
      const members = group.members.flatMap((name) => {
        const status = instances.get(name);
        return status === undefined
          ? []
          : [{ state: status.state, hasFault: status.fault !== null }];
      });
      return [
        ` VRRP Sync Group = ${group.name}, ${groupState(members)}`,
        ...tableLines(syncGroupTable, { group, members }, "   "),
      ];
    }),
  );
}

/** The state that all members are in, else INIT. */
function groupState(members: readonly { readonly state: string }[]): string {
  const state = members[0]?.state ?? "INIT";
  return members.every((member) => member.state === state) ? state : "INIT";
}

const kinds = {
  scripts: ["VRRP Scripts", "VRRP Script", "script"],
  files: ["VRRP Track files", "Track file", "file"],
  processes: ["VRRP Track processes", "VRRP Track process", "process"],
  bfdInstances: ["VRRP Track BFDs", "VRRP Track BFD", "bfd"],
} as const;

/** What nobody tracks is left out, as keepalived does. */
function trackerLines(view: StateView): string[] {
  const { scripts, files, processes, bfdInstances } = view.config.tracking;
  return [
    ...trackedLines(view, "scripts", scripts, scriptTable),
    ...trackedLines(view, "files", files, fileTable),
    ...trackedLines(view, "processes", processes, processTable),
    ...trackedLines(view, "bfdInstances", bfdInstances, bfdTable),
  ];
}

function trackedLines<T extends { readonly name: string }>(
  { config, trackers, runningScripts }: StateView,
  list: keyof typeof kinds,
  objects: readonly T[],
  table: Table<Tracked<T>>,
): string[] {
  const [name, key, kind] = kinds[list];
  return section(
    name,
    objects.flatMap((object) => [
      ` ${key} = ${object.name}`,
      ...tableLines(
        table,
        {
          object,
          users: usersOf(config, list, object.name),
          value: trackers.get(`${kind} ${object.name}`)?.value,
          isRunning: list === "scripts" && runningScripts.has(object.name),
        },
        "   ",
      ),
    ]),
  );
}
