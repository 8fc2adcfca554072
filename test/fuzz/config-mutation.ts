// Seeded mutations of configuration text: characters, words, lines and whole pieces of other texts.
// Same seed, same text, on every machine.

import { nextInteger, type RandomState } from "@keepalived-ts/shared-config/base/random";

/** Text that the parser has special cases for, and numbers at the edges of ranges. */
const spice: readonly string[] = [
  ...[
    "{",
    "}",
    "{ ",
    " }",
    "\n",
    "\r\n",
    "\r",
    '"',
    "'",
    "#",
    "!",
    "\\",
    "\\#",
    "\\\n",
    "\0",
    "\t",
  ],
  ...["@", "@main ", "@^main ", "$A=", "$A", "~SEQ(i,1,9) ", "$", "A}"],
  ...["A}", "_PWD}", "_HASH}", "_INSTANCE}", "_RANDOM 1 2}"].map((rest) => `${"$"}{${rest}`),
  ...["include ", "include /etc/keepalived/*", "includem x", "include {a,b}{c,d}", "[", "*", "?"],
  ...["0", "-1", "1", "2", "3", "254", "255", "256", "65535", "65536", "4294967295", "1e9", "0x1"],
  ...["99999999999999999999", "0.01", "0.000001", "40.95", ".", "1.", "192.0.2.1", "192.0.2.1/33"],
  ...["2001:db8::1/64", "fe80::1", "::", "224.0.0.18", "lo", "eth0", "\u{1f600}", "é", "\ufeff"],
  ...["vrrp_instance V {\n", "virtual_server fwmark 1 {\n", "real_server 192.0.2.7 80 {\n"],
  ...[
    "authentication {\n",
    "auth_pass ",
    "TCP_CHECK {\n",
    "virtual_ipaddress {\n",
    " dev ",
    " brd +",
  ],
];

const changesMax = 8;

/** A text made from `texts` by up to {@link changesMax} random changes. */
export function mutate(texts: readonly string[], random: RandomState): string {
  let text = pick(texts, random);
  const changes = nextInteger(random, 1, changesMax);
  for (let i = 0; i < changes; i++) text = pick(mutations, random)(text, random, texts);
  return text;
}

type Mutation = (text: string, random: RandomState, texts: readonly string[]) => string;

const mutations: readonly Mutation[] = [
  function insertSpice(text, random) {
    const at = place(text, random);
    return text.slice(0, at) + pick(spice, random) + text.slice(at);
  },
  function replaceBySpice(text, random) {
    const [start, end] = range(text, random, 12);
    return text.slice(0, start) + pick(spice, random) + text.slice(end);
  },
  function removeRange(text, random) {
    const [start, end] = range(text, random, 40);
    return text.slice(0, start) + text.slice(end);
  },
  function repeatRange(text, random) {
    const [start, end] = range(text, random, 60);
    const times = nextInteger(random, 2, nextInteger(random, 0, 9) === 0 ? 300 : 4);
    return text.slice(0, start) + text.slice(start, end).repeat(times) + text.slice(end);
  },
  function changeCharacter(text, random) {
    const at = place(text, random);
    const character = String.fromCharCode(nextInteger(random, 0, 255));
    return text.slice(0, at) + character + text.slice(at + 1);
  },
  function swapWords(text, random) {
    const words = text.split(/(\s+)/);
    const first = nextInteger(random, 0, words.length - 1);
    const second = nextInteger(random, 0, words.length - 1);
    [words[first], words[second]] = [words[second] ?? "", words[first] ?? ""];
    return words.join("");
  },
  function removeLine(text, random) {
    const lines = text.split("\n");
    lines.splice(nextInteger(random, 0, lines.length - 1), 1);
    return lines.join("\n");
  },
  function joinLines(text, random) {
    const lines = text.split("\n");
    const at = nextInteger(random, 0, lines.length - 1);
    return [...lines.slice(0, at), lines.slice(at, at + 2).join(" "), ...lines.slice(at + 2)].join(
      "\n",
    );
  },
  function spliceOther(text, random, texts) {
    const other = pick(texts, random);
    const [start, end] = range(other, random, 400);
    const at = place(text, random);
    return text.slice(0, at) + other.slice(start, end) + text.slice(at);
  },
];

function pick<T>(items: readonly T[], random: RandomState): T {
  const item = items[nextInteger(random, 0, items.length - 1)];
  if (item === undefined) throw new Error("Cannot pick from an empty list");
  return item;
}

function place(text: string, random: RandomState): number {
  return nextInteger(random, 0, text.length);
}

function range(text: string, random: RandomState, lengthMax: number): [number, number] {
  const start = place(text, random);
  return [start, Math.min(text.length, start + nextInteger(random, 1, lengthMax))];
}
