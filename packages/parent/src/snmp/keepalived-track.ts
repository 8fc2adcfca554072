// KEEPALIVED-MIB, VRRP part: what is tracked, and by whom: interfaces, scripts, files, processes,
// BFD sessions. 1.3.6.1.4.1.9586.100.5.2

import type {
  BfdInstanceConfig,
  InterfaceReference,
  TrackedFileConfig,
  TrackedProcessConfig,
  TrackedScriptConfig,
  TrackReference,
  TrackReferences,
} from "@keepalived-ts/shared-config/schema/config";
import type { SnmpValue } from "./agentx-types.js";
import { vrrpOid } from "./keepalived-instances.js";
import type { IndexedRow, Read } from "./object-tree.js";
import { command, gauge, integer, text, truth } from "./values.js";
import {
  groupRows,
  instanceRows,
  numbered,
  type SnmpColumn,
  type SnmpView,
  table,
} from "./view.js";

/** Numbers below vrrp(2), of instances' and of sync groups' tables. */
const referenceTables = [
  { kind: "scripts", ofInstances: 5, ofGroups: 15 },
  { kind: "files", ofInstances: 12, ofGroups: 16 },
  { kind: "bfdInstances", ofInstances: 17, ofGroups: 19 },
  { kind: "processes", ofInstances: 20, ofGroups: 22 },
] as const;

const interfacesOfInstances = 4;
const interfacesOfGroups = 14;
const usPerS = 1e6;

export function trackTables(view: SnmpView): SnmpColumn[] {
  const ofInstances = (): readonly TrackReferences[] =>
    instanceRows(view).map(({ instance }) => instance.track);
  const ofGroups = (): readonly TrackReferences[] =>
    groupRows(view).map(({ group }) => group.track);
  return [
    ...interfaceTable(view, interfacesOfInstances, ofInstances),
    ...interfaceTable(view, interfacesOfGroups, ofGroups),
    ...referenceTables.flatMap((each) => [
      ...referenceTable(each.ofInstances, each.kind, ofInstances),
      ...referenceTable(each.ofGroups, each.kind, ofGroups),
    ]),
    ...objectTables(view),
  ];
}

/** The index of an interface stands in for a number of ours. */
function interfaceTable(
  view: SnmpView,
  number: number,
  owners: () => readonly TrackReferences[],
): SnmpColumn[] {
  const rows = (): IndexedRow<InterfaceReference>[] =>
    owners().flatMap(({ interfaces }, owner) =>
      interfaces.flatMap((row) => {
        const link = view.links.get(row.interface);
        return link === undefined ? [] : [{ index: [owner + 1, link.index], row }];
      }),
    );
  const columns: Record<number, Read<InterfaceReference>> = {
    1: (reference) => text(reference.interface),
    2: ({ weight }) => integer(weight),
    3: ({ reverse }) => truth(reverse),
  };
  return table({ entry: [...vrrpOid, number, 1], columns, rows });
}

function referenceTable(
  number: number,
  kind: Exclude<keyof TrackReferences, "interfaces">,
  owners: () => readonly TrackReferences[],
): SnmpColumn[] {
  const columns: Record<number, Read<TrackReference>> = {
    2: ({ name }) => text(name),
    3: ({ weight }) => integer(weight),
    4: ({ reverse }) => truth(reverse),
  };
  const rows = (): IndexedRow<TrackReference>[] =>
    owners().flatMap((track, owner) => numbered(track[kind], [owner + 1]));
  return table({ entry: [...vrrpOid, number, 1], columns, rows });
}

interface Found<T> {
  readonly object: T;
  /** As in TrackerReport; absent before the first result. */
  readonly value: number | undefined;
}

function objectTables(view: SnmpView): SnmpColumn[] {
  const found = <T extends { readonly name: string }>(
    kind: string,
    objects: readonly T[],
  ): IndexedRow<Found<T>>[] =>
    numbered(
      objects.map((object): Found<T> => {
        return { object, value: view.trackers.get(`${kind} ${object.name}`)?.value };
      }),
    );
  const { scripts, files, processes, bfdInstances } = view.config.tracking;
  const entry = (number: number): number[] => [...vrrpOid, number, 1];
  return [
    ...table({ entry: entry(9), columns: scriptColumns, rows: () => found("script", scripts) }),
    ...table({ entry: entry(13), columns: fileColumns, rows: () => found("file", files) }),
    ...table({ entry: entry(18), columns: bfdColumns, rows: () => found("bfd", bfdInstances) }),
    ...table({
      entry: entry(21),
      columns: processColumns,
      rows: () => found("process", processes),
    }),
  ];
}

/** init(1), bad(2), good(3), initfailed(5) */
function scriptResult({ object, value }: Found<TrackedScriptConfig>): SnmpValue {
  if (value === undefined) return integer(object.initFail ? 5 : 1);
  return integer(value === 0 ? 2 : 3);
}

const scriptColumns: Record<number, Read<Found<TrackedScriptConfig>>> = {
  2: ({ object }) => text(object.name),
  3: ({ object }) => command(object.script),
  4: ({ object }) => integer(Math.floor(object.intervalUs / usPerS)),
  5: ({ object }) => integer(object.weight),
  6: scriptResult,
  7: ({ object }) => gauge(object.rise),
  8: ({ object }) => gauge(object.fall),
  9: ({ object }) => truth(object.reverse),
};

const fileColumns: Record<number, Read<Found<TrackedFileConfig>>> = {
  2: ({ object }) => text(object.name),
  3: ({ object }) => text(object.path),
  4: ({ value }) => integer(value ?? 0),
  5: ({ object }) => integer(object.weight),
  6: ({ object }) => truth(object.reverse),
};

const bfdColumns: Record<number, Read<Found<BfdInstanceConfig>>> = {
  2: ({ object }) => text(object.name),
  3: ({ value }) => integer(value ?? 0),
  4: ({ object }) => integer(object.weight),
  5: ({ object }) => truth(object.reverse),
};

const parameterMatches = { none: 0, exact: 1, partial: 2, initial: 3 } as const;

/** Column 13, how many run, nobody knows but the watcher: it tells whether there are enough. */
const processColumns: Record<number, Read<Found<TrackedProcessConfig>>> = {
  2: ({ object }) => text(object.name),
  3: ({ object }) => text(object.process),
  4: ({ object }) => (object.arguments.length === 0 ? undefined : text(object.arguments.join(" "))),
  5: ({ object }) => integer(parameterMatches[object.parameterMatch]),
  6: ({ object }) => integer(object.weight),
  7: ({ object }) => truth(object.reverse),
  8: ({ object }) => gauge(object.quorum),
  9: ({ object }) => integer(object.quorumMax ?? -1),
  10: ({ object }) => gauge(object.forkDelayUs),
  11: ({ object }) => gauge(object.terminateDelayUs),
  12: ({ object }) => truth(object.fullCommand),
  14: ({ value }) => truth(value === 1),
};
