// What a daemon has made of a host's links: virtual MACs with their addresses and settings, and the
// settings of the interface below, in a form that two hosts can be compared by.

import type { Host } from "./host.js";

interface IpLink {
  readonly ifname: string;
  readonly link?: string;
  readonly address: string;
  readonly flags: readonly string[];
  readonly mtu: number;
  readonly operstate: string;
  readonly group: string;
  readonly inet6_addr_gen_mode: string;
  readonly linkinfo?: {
    readonly info_kind?: string;
    readonly info_data?: { readonly mode?: string };
  };
  readonly addr_info: readonly {
    readonly family: string;
    readonly local: string;
    readonly prefixlen: number;
    readonly scope: string;
    readonly label?: string;
    readonly nodad?: boolean;
    readonly deprecated?: boolean;
  }[];
}

const KINDS = ["macvlan", "ipvlan"];
const SETTINGS = {
  ipv4: [
    ...["accept_local", "arp_announce", "arp_filter", "arp_ignore", "promote_secondaries"],
    "rp_filter",
  ],
  ipv6: ["addr_gen_mode", "disable_ipv6"],
};

/** One line a fact, sorted; without indexes, which differ from host to host. */
export async function linkState(host: Host): Promise<readonly string[]> {
  const links = JSON.parse(await host.ip("-j", "-d", "address", "show")) as readonly IpLink[];
  const lines = links.flatMap((link) => [...linkLines(link), ...addressLines(link)]);
  return [...lines, ...(await settingLines(host))].sort();
}

function linkLines(link: IpLink): string[] {
  const { ifname, linkinfo } = link;
  const kind = linkinfo?.info_kind ?? "";
  if (!KINDS.includes(kind)) return [];
  const flags = [...link.flags].sort().join(",");
  return [
    `${ifname}: ${kind} ${linkinfo?.info_data?.mode} over ${link.link} address ${link.address}`,
    `${ifname}: ${flags} mtu ${link.mtu} ${link.operstate} group ${link.group}`,
    `${ifname}: IPv6 addresses by ${link.inet6_addr_gen_mode}`,
  ];
}

function addressLines({ ifname, addr_info: addresses }: IpLink): string[] {
  return addresses.map(({ local, prefixlen, scope, label, nodad, deprecated }) => {
    const marks = [label ?? "", nodad === true ? "nodad" : "", deprecated === true ? "old" : ""];
    return `${ifname}: has ${local}/${prefixlen} scope ${scope} ${marks.join(" ")}`.trim();
  });
}

async function settingLines(host: Host): Promise<string[]> {
  const files = Object.entries(SETTINGS).flatMap(([family, names]) =>
    names.map((name) => `/proc/sys/net/${family}/conf/*/${name}`),
  );
  const text = await host.must(["sh", "-c", `grep . ${files.join(" ")}`]);
  return text.split("\n").filter((line) => line !== "");
}
