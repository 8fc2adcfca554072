// The host of a golden case, from comment lines: `# links: lo eth0`, `# vmacs: eth1`,
// `# processors: 4`, `# users: root=0:0`, `# groups: adm=4`,
// `# scripts: /bin/up name=/bin/name /bin/plain!x /srv/run!w/srv` (not executable; /srv open to
// others), `# names: rt_tables/small=5`, `# vrfs: blue=77`, `# mtu: 1500`. A line that is missing
// leaves its question unanswered.

import type {
  HostFacts,
  ScriptFacts,
  ScriptQuestion,
  UserFacts,
} from "@keepalived-ts/shared-config/schema/host";

/** What the comment line `# name: ...` of a case says. */
export function setting(input: string, name: string): string | undefined {
  return new RegExp(`^# ${name}: (.*)$`, "m").exec(input)?.[1];
}

export function caseHost(input: string): HostFacts {
  const links = (setting(input, "links") ?? "lo eth0 eth1").split(" ");
  const vmacs = (setting(input, "vmacs") ?? "").split(" ");
  const processors = setting(input, "processors");
  const users = entries(setting(input, "users"), readUser);
  const groups = entries(setting(input, "groups"), Number);
  const scripts = setting(input, "scripts");
  return {
    linkExists: (name) => links.includes(name),
    isVmac: (name) => vmacs.includes(name),
    linkMtu: () => numberOf(setting(input, "mtu")),
    names: (table) => numbersIn(input, "names", `${table}/`),
    vrfTable: (name) => numbersIn(input, "vrfs", "").get(name),
    processorCount: processors === undefined ? undefined : () => Number(processors),
    user: users && ((name) => users.get(name)),
    group: groups && ((name) => groups.get(name)),
    script: scripts === undefined ? undefined : (asked) => findScript(scripts.split(" "), asked),
  };
}

function entries<T>(
  text: string | undefined,
  read: (value: string) => T,
): ReadonlyMap<string, T> | undefined {
  if (text === undefined) return undefined;
  const pairs = text.split(" ").map((each) => each.split("="));
  return new Map(pairs.map(([name = "", value = ""]) => [name, read(value)]));
}

function readUser(text: string): UserFacts {
  const [uid, gid] = text.split(":").map(Number);
  return { uid: uid ?? 0, gid: gid ?? 0 };
}

function findScript(scripts: readonly string[], { path, keepsLinks }: ScriptQuestion): ScriptFacts {
  const found = scripts.find((each) => each.split(/[=!]/)[0] === path);
  if (found === undefined) return { found: false, detail: "is not there" };
  const [, target, flag] = /^[^=!]+(?:=([^!]+))?(?:!(.+))?$/.exec(found) ?? [];
  return {
    found: true,
    path: keepsLinks ? path : (target ?? path),
    isExecutable: flag !== "x",
    insecurePart: flag?.startsWith("w") ? flag.slice(1) : undefined,
  };
}

function numberOf(text: string | undefined): number | undefined {
  return text === undefined ? undefined : Number(text);
}

/** The words "<prefix>name=number" of a setting. */
function numbersIn(input: string, name: string, prefix: string): ReadonlyMap<string, number> {
  const words = (setting(input, name) ?? "").split(" ").filter((word) => word.startsWith(prefix));
  return new Map(
    words.map((word): [string, number] => {
      const [key = "", value = ""] = word.slice(prefix.length).split("=");
      return [key, Number(value)];
    }),
  );
}
