// Answers the configuration loader's questions about this machine. Each source is read when it is
// first asked for and once a load, so that a reload sees what has changed.

import { cpus } from "node:os";
import type { HostFacts, UserFacts } from "@keepalived-ts/shared-config/schema/host";
import { HostLinks, type LinkSources, standardLinkSources } from "./host-links.js";
import { iprouteFolders, readNameTable } from "./host-names.js";
import { inspectScript } from "./host-script.js";
import { readSecret } from "./host-secret.js";
import { readBounded } from "./read-bounded.js";

/** Where the answers come from; tests put other files in place. */
export interface HostSources extends LinkSources {
  readonly passwd: string;
  readonly group: string;
  readonly iprouteFolders: readonly string[];
  /** The PATH. */
  readonly searchPath: string | undefined;
}

const idMax = 4294967295;

const standardSources: HostSources = {
  ...standardLinkSources,
  passwd: "/etc/passwd",
  group: "/etc/group",
  iprouteFolders,
  searchPath: undefined,
};

/** What is known of this machine, for one load. */
export function hostFacts(given: Partial<HostSources> = {}): HostFacts {
  const sources: HostSources = {
    ...standardSources,
    searchPath: process.env["PATH"],
    ...given,
  };
  const links = new HostLinks(sources);
  const users = once(() => readUsers(sources.passwd));
  const groups = once(() => readGroups(sources.group));
  const names = new Map<string, ReadonlyMap<string, number>>();
  return {
    linkExists: (name) => links.has(name),
    link: (name) => links.facts(name),
    linkAddresses: (name) => links.addresses(name),
    hostAddresses: once(() => links.allAddresses()),
    linkMtu: (name) => links.facts(name)?.mtu,
    isVmac: (name) => links.facts(name)?.isVmac === true,
    processorCount: () => cpus().length,
    user: (name) => users().get(name),
    group: (name) => groups().get(name),
    names: (table, directories) => {
      const key = [table, ...directories].join("\n");
      const folders = [...directories, ...sources.iprouteFolders];
      const known = names.get(key) ?? readNameTable(table, folders);
      names.set(key, known);
      return known;
    },
    readSecret,
    script: (question) => inspectScript(question, sources.searchPath),
  };
}

function once<T>(read: () => T): () => T {
  let value: { readonly read: T } | undefined;
  return () => {
    value ??= { read: read() };
    return value.read;
  };
}

/** passwd(5): name, password, uid, gid, ... */
function readUsers(path: string): ReadonlyMap<string, UserFacts> {
  return readAccounts(path, ([, , uid = "", gid = ""]) =>
    isId(uid) && isId(gid) ? { uid: Number(uid), gid: Number(gid) } : undefined,
  );
}

/** group(5): name, password, gid, ... */
function readGroups(path: string): ReadonlyMap<string, number> {
  return readAccounts(path, ([, , gid = ""]) => (isId(gid) ? Number(gid) : undefined));
}

/** Of two lines with one name the first counts, as getpwnam(3) has it. */
function readAccounts<T>(
  path: string,
  read: (fields: readonly string[]) => T | undefined,
): ReadonlyMap<string, T> {
  const accounts = new Map<string, T>();
  for (const line of readBounded(path).split("\n")) {
    const fields = line.split(":");
    const [name = ""] = fields;
    const facts = name === "" || accounts.has(name) ? undefined : read(fields);
    if (facts !== undefined) accounts.set(name, facts);
  }
  return accounts;
}

function isId(text: string): boolean {
  return /^\d{1,10}$/.test(text) && Number(text) <= idMax;
}
