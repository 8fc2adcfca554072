// What a look at a script's path finds: which file it is with links followed, whether a user may
// execute it, and who else could change it. Follows check_script_secure, check_security and
// find_path of keepalived's core/notify.c, but asks the mode bits where keepalived becomes the
// user.

import { lstatSync, readlinkSync, type Stats } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { errorText } from "@keepalived-ts/shared-config/base/error";
import type {
  ScriptFacts,
  ScriptQuestion,
  UserFacts,
} from "@keepalived-ts/shared-config/schema/host";

/** MAXSYMLINKS of linux/namei.h. */
const linksMax = 40;
/** What confstr(_CS_PATH) gives. */
const standardSearchPath = "/bin:/usr/bin";
const foldersMax = 256;

const execute = { user: 0o100, group: 0o010, others: 0o001 } as const;
const setUser = 0o4000;
const setGroup = 0o2000;
const sticky = 0o1000;
const groupWrite = 0o020;
const othersWrite = 0o002;

/** A file with all its links followed. */
interface Walk {
  readonly path: string;
  readonly stat: Stats;
  /** The folders on the way, links resolved. */
  readonly folders: readonly Stats[];
  readonly insecurePart: string | undefined;
}

type WalkResult = Walk | { readonly detail: string };

/** Looks at the script of `question`; names without a slash are looked for in `searchPath`. */
export function inspectScript(
  { path, user, keepsLinks }: ScriptQuestion,
  searchPath: string = standardSearchPath,
): ScriptFacts {
  const located = path.includes("/") ? resolve(path) : search(path, user, searchPath);
  if (located === undefined) return { found: false, detail: "is not in the PATH" };
  const walk = follow(located);
  if ("detail" in walk) return { found: false, detail: walk.detail };
  const { stat, folders, insecurePart } = walk;
  const isReachable = folders.every((folder) => mayExecute(folder, user));
  return {
    found: true,
    path: keepsLinks ? located : walk.path,
    // keepalived counts a folder as a script, too, though one that does not run.
    isExecutable: stat.isFile() && isReachable && mayExecute(stat, user),
    isSetIdRoot:
      (stat.uid === 0 && hasBits(stat, setUser | execute.user)) ||
      (stat.gid === 0 && hasBits(stat, setGroup | execute.group)),
    insecurePart,
  };
}

/** The first file of the PATH that `user` may execute. */
function search(name: string, user: UserFacts, searchPath: string): string | undefined {
  return searchPath
    .split(":")
    .slice(0, foldersMax)
    .map((folder) => resolve(folder, name))
    .find((path) => {
      const walk = follow(path);
      return !("detail" in walk) && walk.stat.isFile() && mayExecute(walk.stat, user);
    });
}

/** Goes down from / one component at a time, so that nothing on the way stays unseen. */
function follow(path: string): WalkResult {
  const rest = path.split("/").filter((part) => part !== "");
  const folders: Stats[] = [];
  let current = "/";
  let links = 0;
  let insecurePart: string | undefined;
  try {
    for (;;) {
      const stat = lstatSync(current);
      if (insecurePart === undefined && isInsecure(stat)) insecurePart = current;
      if (stat.isSymbolicLink()) {
        if (++links > linksMax) return { detail: "is behind too many links" };
        const target = readlinkSync(current);
        rest.unshift(...target.split("/").filter((part) => part !== ""));
        current = target.startsWith("/") ? "/" : dirname(current);
        continue;
      }
      const next = rest.shift();
      if (next === undefined) return { path: current, stat, folders, insecurePart };
      if (!stat.isDirectory()) return { detail: `is not there: ${current} is no directory` };
      folders.push(stat);
      // join() takes "." and ".." away; what was left by ".." was looked at on the way in.
      current = join(current, next);
    }
  } catch (thrown) {
    return { detail: isMissing(thrown) ? "is not there" : `cannot be read: ${errorText(thrown)}` };
  }
}

/** Whether others than root can put something else in its place. */
function isInsecure(stat: Stats): boolean {
  if (stat.uid !== 0) return true;
  const isOpen = stat.isFile() || (stat.isDirectory() && !hasBits(stat, sticky));
  const isForGroup = stat.gid !== 0 && hasBits(stat, groupWrite);
  return isOpen && (isForGroup || hasBits(stat, othersWrite));
}

function mayExecute(stat: Stats, { uid, gid }: UserFacts): boolean {
  const { user, group, others } = execute;
  if (uid === 0) return (stat.mode & (user | group | others)) !== 0;
  if (uid === stat.uid) return hasBits(stat, user);
  return hasBits(stat, gid === stat.gid ? group : others);
}

function hasBits({ mode }: Stats, bits: number): boolean {
  return (mode & bits) === bits;
}

function isMissing(thrown: unknown): boolean {
  const code = thrown instanceof Error && "code" in thrown ? thrown.code : undefined;
  return code === "ENOENT" || code === "ENOTDIR";
}
