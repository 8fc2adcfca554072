// `encap {ip|ip6|mpls|ila} <options>` in a route line or a nexthop: how packets are wrapped before
// they are sent on. Follows keepalived's vrrp/vrrp_iproute.c (parse_encap); but a bad one costs the
// line, since the route without it would send packets out unwrapped.

import { formatIp, parseIp } from "../base/ip.js";
import type { Word } from "../text/ast.js";
import type { Encapsulation, IpEncapsulation } from "./config-routes.js";
import { readNamed } from "./line-names.js";
import { type LineWords, parseAnyBase, readLongNumber, readNumber } from "./line-words.js";

const labelMax = 0xfffff;
/** As many as keepalived keeps. */
const labelsMax = 2;

/** The encapsulation after `option`, or undefined when the line is dropped. */
export function readEncapsulation(words: LineWords, option: Word): Encapsulation | undefined {
  const kind = words.next();
  if (kind === undefined) {
    return words.drop(option, "MISSING_WORD", "encap needs ip, ip6, mpls or ila after it");
  }
  if (kind.value === "ip" || kind.value === "ip6") return readIp(words, kind, kind.value);
  if (kind.value === "mpls") return readMpls(words, kind);
  if (kind.value === "ila") return readIla(words, kind);
  return words.reject(option, kind, "ip, ip6, mpls or ila");
}

type Draft = { -readonly [K in keyof IpEncapsulation]: IpEncapsulation[K] };

function readIp(words: LineWords, kind: Word, name: "ip" | "ip6"): Encapsulation | undefined {
  const draft: Draft = { kind: name };
  for (let option = words.ahead; option !== undefined; option = words.ahead) {
    if (!readIpOption(words, option, draft)) break;
  }
  if (words.isDropped) return undefined;
  if (draft.destination !== undefined || draft.id !== undefined) return draft;
  return words.drop(kind, "MISSING_KEYWORD", `encap ${name} needs dst or id`);
}

/** Reads one option, or takes nothing and says false when the word is none. */
function readIpOption(words: LineWords, option: Word, draft: Draft): boolean {
  const [trafficClass, hopLimit] = draft.kind === "ip" ? ["tos", "ttl"] : ["tc", "hoplimit"];
  const set = <K extends keyof Draft>(field: K, read: () => Draft[K] | undefined): boolean => {
    words.next();
    const value = read();
    if (value !== undefined) draft[field] = value;
    return true;
  };
  const { value } = option;
  if (value === "id") return set("id", () => readLongNumber(words, option));
  if (value === "dst") return set("destination", () => readEnd(words, option, draft.kind));
  if (value === "src") return set("source", () => readEnd(words, option, draft.kind));
  if (value === "flags") return set("flags", () => readNumber(words, option, 0xffff));
  if (value === hopLimit) return set("hopLimit", () => readNumber(words, option, 255));
  if (value === trafficClass) {
    return set("trafficClass", () => readNamed(words, option, "rt_dsfield", 255));
  }
  return false;
}

function readEnd(words: LineWords, option: Word, kind: "ip" | "ip6"): string | undefined {
  const value = words.valueOf(option);
  if (value === undefined) return undefined;
  const bytes = parseIp(value.value);
  const family = kind === "ip" ? 4 : 6;
  if (bytes?.length === (family === 4 ? 4 : 16)) return formatIp(bytes);
  return words.reject(option, value, `an IPv${family} address`);
}

function readMpls(words: LineWords, kind: Word): Encapsulation | undefined {
  const value = words.next();
  if (value === undefined) {
    return words.drop(kind, "MISSING_WORD", "encap mpls needs labels after it");
  }
  const parts = value.value.split("/");
  const labels = parts.flatMap((part) => {
    const label = parseAnyBase(part);
    return label !== undefined && label <= labelMax ? [label] : [];
  });
  if (labels.length === parts.length && parts.length <= labelsMax) return { kind: "mpls", labels };
  const expected = `at most ${labelsMax} labels with a / between them, each 0 to ${labelMax}`;
  return words.reject(kind, value, expected);
}

function readIla(words: LineWords, kind: Word): Encapsulation | undefined {
  const value = words.next();
  if (value === undefined) {
    return words.drop(kind, "MISSING_WORD", "encap ila needs a locator after it");
  }
  if (/^[0-9a-f]{1,4}(:[0-9a-f]{1,4}){3}$/i.test(value.value)) {
    const groups = value.value.split(":").map((group) => Number.parseInt(group, 16).toString(16));
    return { kind: "ila", locator: groups.join(":") };
  }
  return words.reject(kind, value, "four groups of hexadecimal digits, such as 1:2:3:4");
}

/** The words of an encapsulation, `encap` included. They must end a route or a nexthop. */
export function printEncapsulation(config: Encapsulation | undefined): string[] {
  if (config === undefined) return [];
  if (config.kind === "mpls") return ["encap", "mpls", config.labels.join("/")];
  if (config.kind === "ila") return ["encap", "ila", config.locator];
  const { id, destination, source, trafficClass, hopLimit, flags } = config;
  const pair = (name: string, value: string | number | undefined): string[] =>
    value === undefined ? [] : [name, String(value)];
  const isIp = config.kind === "ip";
  return [
    ...["encap", config.kind],
    ...pair("id", id),
    ...pair("dst", destination),
    ...pair("src", source),
    ...pair(isIp ? "tos" : "tc", trafficClass),
    ...pair(isIp ? "ttl" : "hoplimit", hopLimit),
    ...pair("flags", flags),
  ];
}
