// The words of vrrp_ipsets: six names, of which those that are left out are made from the first
// ones. Follows vrrp_ipsets_handler of keepalived's core/global_parser.c.

import type { Statement, Word } from "../text/ast.js";
import type { IpsetNames } from "./config-global.js";
import { reject } from "./forms.js";
import { isNameOf } from "./global-forms.js";
import type { Scope } from "./keyword.js";
import { type Printable, type PrintedStatement, quoteWord } from "./printed.js";

/** linux/netfilter/ipset/ip_set.h IPSET_MAXNAMELEN is 32; keepalived leaves two bytes. */
const nameMax = 30;
/** What a name that keepalived makes itself may be. */
const madeNameMax = 31;
const namesMax = 6;

export const standardIpsets: IpsetNames = makeNames(["keepalived"]);

/** The names that `given`, at least one and at most six, lead to. */
export function makeNames(given: readonly string[]): IpsetNames {
  const [ipv4 = "", second, third, fourth, fifth, sixth] = given;
  const ipv6 = second ?? extended(ipv4, "6");
  return {
    ipv4,
    ipv6,
    ipv6Interface: third ?? extended(ipv6.replace(/6$/, ""), "_if6"),
    igmp: fourth ?? extended(ipv4, "_igmp"),
    mld: fifth ?? extended(ipv4, "_mld"),
    // keepalived leaves a byte more here.
    neighbourDiscovery: sixth ?? extended(ipv4, "_nd", madeNameMax - 1),
  };
}

/** The names that the statement gives, or undefined after a report. */
export function readIpsets<D>(scope: Scope<D>, statement: Statement): IpsetNames | undefined {
  const instead = "the standard names are used";
  const words = statement.words.slice(0, namesMax);
  const bad = words.find((word) => !isNameOf(word, 1, nameMax));
  if (bad !== undefined) {
    reject(scope, statement, bad, `1 to ${nameMax} characters`, instead);
    return undefined;
  }
  const names = makeNames(words.map(({ value }) => value));
  const twice = Object.values(names).find((name, index, all) => all.indexOf(name) !== index);
  if (twice === undefined) return names;
  const word: Word | undefined = words.findLast(({ value }) => value === twice) ?? words[0];
  reject(scope, statement, word ?? statement.keyword, "six names that differ", instead);
  return undefined;
}

/** No more names than are needed: one that was made may be longer than one that can be given. */
export function printIpsets(keyword: string, config: Printable): PrintedStatement[] {
  const names = config["ipsets"] as IpsetNames | "off" | undefined;
  if (names === undefined) return [];
  if (names === "off") return [{ keyword, words: [] }];
  const given = orderedNames(names);
  const count = given.findIndex((_, index) => {
    const made = orderedNames(makeNames(given.slice(0, index + 1)));
    return made.every((name, place) => name === given[place]);
  });
  return [{ keyword, words: given.slice(0, count + 1).map(quoteWord) }];
}

function orderedNames(names: IpsetNames): string[] {
  const { ipv4, ipv6, ipv6Interface, igmp, mld, neighbourDiscovery } = names;
  return [ipv4, ipv6, ipv6Interface, igmp, mld, neighbourDiscovery];
}

function extended(name: string, end: string, max = madeNameMax): string {
  return name.slice(0, max - end.length) + end;
}
