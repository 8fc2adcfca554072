// What the comment lines of a golden case say of its host's interfaces and key files:
// `# link eth0: no multicast, not Ethernet`, `# addresses eth0: 192.0.2.254/24 2001:db8::1/64`,
// `# daemon running: yes` and `# secret /etc/key: <text>`, or `# exposed secret`, a file that
// others can read. Without a line of addresses none is known.

import type { HostFacts } from "@keepalived-ts/shared-config/schema/host";

/** Only what the case says; an interface of which it says nothing is as usual. */
export function linkHost(input: string): HostFacts {
  return {
    link: (name) => {
      const text = lines(input, "link").get(name) ?? "";
      return {
        isMulticast: !text.includes("no multicast"),
        isEthernet: !text.includes("not Ethernet"),
      };
    },
    ...addressHost(input),
    readSecret: (path) => {
      const exposed = lines(input, "exposed secret").get(path);
      const text = exposed ?? lines(input, "secret").get(path);
      if (text === undefined) return { found: false, detail: "is not there" };
      return { found: true, bytes: Buffer.from(`${text}\n`), isExposed: exposed !== undefined };
    },
  };
}

function addressHost(input: string): HostFacts {
  const byLink = lines(input, "addresses");
  if (byLink.size === 0) return {};
  const table = new Map(
    [...byLink].map(([name, text]) => {
      const pairs = text.split(" ").map((each) => each.split("/"));
      return [name, new Map(pairs.map(([address = "", length]) => [address, Number(length)]))];
    }),
  );
  const all = [...table.values()].flatMap((addresses) => [...addresses.keys()]);
  return {
    linkAddresses: (name) => table.get(name) ?? new Map(),
    hostAddresses: () => new Set(all),
    isDaemonRunning: () => lines(input, "daemon").has("running"),
  };
}

/** The lines `# <kind> <name>: <text>`. */
function lines(input: string, kind: string): ReadonlyMap<string, string> {
  const pattern = new RegExp(`^# ${kind} (\\S+): (.*)$`, "gm");
  return new Map(
    [...input.matchAll(pattern)].map(([, name = "", text = ""]) => [name, text] as const),
  );
}
