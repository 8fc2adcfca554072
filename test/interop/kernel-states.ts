// What a daemon leaves in the kernel as `ip` shows it, made comparable between two hosts that have
// the same addresses: without what belongs to the host alone.

import type { Host } from "../lab/host.js";

/** Lists as `ip -j -d` prints them, in the kernel's order, by what was asked for. */
export type KernelState = Readonly<Record<string, readonly unknown[]>>;

interface ShownLink {
  readonly ifname: string;
  readonly addr_info: readonly Readonly<Record<string, unknown>>[];
}

const questions: Readonly<Record<string, readonly string[]>> = {
  routes: ["-4", "-j", "-d", "route", "show", "table", "all"],
  routes6: ["-6", "-j", "-d", "route", "show", "table", "all"],
  rules: ["-4", "-j", "-d", "rule", "show"],
  rules6: ["-6", "-j", "-d", "rule", "show"],
};

/** Ours carry the mark of their origin, which keepalived sets since 2.3. */
const ofAddressesOnly = ["protocol"];

export async function kernelState(host: Host): Promise<KernelState> {
  const links = JSON.parse(await host.ip("-j", "-d", "address")) as ShownLink[];
  const owned = ownLinkLocals(links);
  const state: Record<string, readonly unknown[]> = {
    addresses: links.flatMap(({ ifname, addr_info: infos }) =>
      infos
        .filter(({ local }) => !owned.includes(String(local)))
        .map((info) => ({ ifname, ...without(info, ofAddressesOnly) })),
    ),
  };
  for (const [name, words] of Object.entries(questions)) {
    const shown = JSON.parse((await host.ip(...words)) || "[]") as unknown[];
    // Routes to the host's own link-local addresses differ by the hardware address.
    state[name] = shown.filter((each) => !owned.some((own) => JSON.stringify(each).includes(own)));
  }
  return state;
}

function ownLinkLocals(links: readonly ShownLink[]): string[] {
  return links
    .flatMap(({ addr_info: infos }) => infos.map(({ local }) => String(local)))
    .filter((local) => local.startsWith("fe80:"));
}

function without(
  entry: Readonly<Record<string, unknown>>,
  keys: readonly string[],
): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(entry).filter(([key]) => !keys.includes(key)));
}
