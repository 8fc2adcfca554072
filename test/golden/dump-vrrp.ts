// Every line that Debian's VRRP process writes about a file on SIGUSR1, beside the line that ours
// writes.

import { type StateView, stateText } from "@keepalived-ts/parent/data/state-data";
import type { Config } from "@keepalived-ts/shared-config/schema/config";
import { anyOf, compare, shownItem } from "./dump-compare.js";
import { type Dump, type DumpLine, linesOf, parseDump } from "./dump-parse.js";

/** How things stand, and what the build brings along. */
const globalRuntime: RegExp = anyOf(
  "libnftnl version.*",
  "current realtime .*",
  "No reload scheduled",
  "Default script uid:gid.*",
  "DBus service name",
);

/** How things stand at the moment, and numbers of descriptors. Passwords ours does not show. */
const instanceRuntime: RegExp = anyOf(
  "State",
  "Wantstate",
  "Master (router|priority|down timer|advert int.*)",
  "Number of .*",
  "Last transition",
  "Read timeout",
  "Effective priority",
  "Total priority",
  "fd_in .*",
  "Using src_ip",
  "Flags.*",
  "Unicast config option .*",
  "Password",
);

/** How things stand, and which instances name a script, which keepalived finds out later. */
const objectRuntime: RegExp = anyOf(
  "Result",
  "Init state",
  "Status",
  "VRRP instances",
  "Tracking (VRRP )?instances",
  "State",
  "Num member .*",
  "Current processes",
  "Have quorum",
  "(Fork|Terminate) delay timer .*",
  "Bfd is .*",
);

const objectSections: readonly (readonly [title: string, key: string])[] = [
  ["VRRP Scripts", "VRRP Script"],
  ["VRRP Track files", "Track file"],
  ["VRRP Track processes", "VRRP Track process"],
  ["VRRP Track BFDs", "VRRP Track BFD"],
  ["VRRP Sync groups", "VRRP Sync Group"],
  ["Static Track groups", "Static Track Group"],
];

/** Lines of one form, whatever they say of the moment. */
const rewritten: readonly (readonly [RegExp, string])[] = [
  [/^(Multicast address [^,]+).*$/, "$1"],
  [/^Using src_ip = (.*) \(from configuration\)$/, "Source address = $1"],
  [/^(Use VMAC, i\/f name [^,]+),.* (xmit_base = \w+)$/, "$1 $2"],
  [/^(Use IPVLAN, i\/f [^,]+), is_up = \w+(.*)$/, "$1$2"],
];

/** Ours as it shows a configuration before anything is known of its state. */
function ownDump(config: Config): Dump {
  const view: StateView = {
    config,
    instances: new Map(),
    trackers: new Map(),
    runningScripts: new Set(),
    wallUs: (us) => us,
  };
  return parseDump(stateText(view));
}

/** One line for each difference. */
export function compareVrrp(text: string, config: Config): string[] {
  const theirs = parseDump(text);
  const ours = ownDump(config);
  return [
    ...compareInstances(theirs, ours),
    ...objectSections.flatMap((section) => compareNamed(theirs, ours, section)),
    ...["Static Addresses", "Static Routes", "Static Rules"].flatMap((title) =>
      compareLists(theirs, ours, title),
    ),
    ...compareGarpGroups(theirs, ours),
    ...compare({
      where: "global_defs",
      theirs: theirs.get("Global definitions") ?? [],
      ours: ours.get("Global definitions") ?? [],
      runtime: globalRuntime,
    }),
  ];
}

function compareInstances(theirs: Dump, ours: Dump): string[] {
  const both = [theirs, ours].map((dump) =>
    linesOf(dump.get("VRRP Topology") ?? [], "VRRP Instance"),
  );
  const [their = [], our = []] = both;
  const [theirNames, ourNames] = both.map((lines) => lines.map(({ value }) => value).join(", "));
  return [
    ...(theirNames === ourNames ? [] : [`instances: theirs ${theirNames}, ours ${ourNames}`]),
    ...our.flatMap((line) => {
      const match = their.find(({ value }) => value === line.value);
      if (match === undefined) return [];
      return compare({
        where: line.value,
        theirs: instanceLines(match),
        ours: instanceLines(line),
        runtime: instanceRuntime,
      });
    }),
  ];
}

/** The lines of an instance, those of its flags among them, in one form. */
function instanceLines(instance: DumpLine): readonly DumpLine[] {
  const flags = linesOf(instance.below, "Flags").flatMap(({ below }) => below);
  return [...instance.below, ...flags].map((line) => {
    const rule = rewritten.find(([pattern]) => pattern.test(line.text));
    if (rule === undefined) return line;
    const [key = "", value = ""] = line.text.replace(...rule).split(" = ");
    return { ...line, key, value };
  });
}

/** Objects by name: those of the section `title` with the key `key`. */
function compareNamed(theirs: Dump, ours: Dump, [title, key]: readonly [string, string]): string[] {
  const nameOf = (line: DumpLine): string => line.value.replace(/, \w+$/, "");
  const [their, our] = [theirs, ours].map((dump) => linesOf(dump.get(title) ?? [], key));
  const names = new Set([...(their ?? []), ...(our ?? [])].map(nameOf));
  return [...names].flatMap((name) => {
    const [one, other] = [their, our].map((lines) => lines?.find((each) => nameOf(each) === name));
    if (one === undefined) return [`${key} ${name}: theirs (none)`];
    if (other === undefined) return [`${key} ${name}: ours (none)`];
    return compare({
      where: `${key} ${name}`,
      theirs: one.below.map(spellTimeout(one)),
      ours: other.below,
      runtime: objectRuntime,
    });
  });
}

/** keepalived says 0 where a script may take as long as its interval. */
function spellTimeout({ below }: DumpLine): (line: DumpLine) => DumpLine {
  const interval = linesOf(below, "Interval")[0]?.value ?? "";
  return (line) => (line.text === "Timeout = 0 sec" ? { ...line, value: interval } : line);
}

function compareLists(theirs: Dump, ours: Dump, title: string): string[] {
  const [one, other] = [theirs, ours].map((dump) =>
    (dump.get(title) ?? []).map(shownItem).join("\n"),
  );
  return one === other ? [] : [`${title}: theirs\n${one}\nours\n${other}`];
}

/** In no order: keepalived numbers them as it sees fit, and some of them alike. */
function garpGroups(text: Dump): string[] {
  const titles = [...text.keys()].filter((title) => title.startsWith("GARP delay group"));
  return titles
    .map((title) => {
      const lines = text.get(title) ?? [];
      const value = (key: string): string | undefined => linesOf(lines, key)[0]?.value;
      const interfaces = linesOf(lines, "Interfaces").flatMap(({ below }) => below);
      const names = interfaces.map(({ text: name }) => name).toSorted();
      return [value("GARP interval"), value("GNA interval"), ...names].join(" ");
    })
    .toSorted();
}

function compareGarpGroups(theirs: Dump, ours: Dump): string[] {
  const [one, other] = [theirs, ours].map((dump) => garpGroups(dump).join("; "));
  return one === other ? [] : [`garp_group: theirs ${one}, ours ${other}`];
}
