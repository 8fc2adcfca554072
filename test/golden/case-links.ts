// What the comment lines of a golden case say of its host's interfaces and key files:
// `# link eth0: no multicast, not Ethernet` and `# secret /etc/key: <text>`, or
// `# exposed secret`, a file that others can read.

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
    linkAddresses: (name) => (name === "eth0" ? ["192.0.2.254"] : []),
    readSecret: (path) => {
      const exposed = lines(input, "exposed secret").get(path);
      const text = exposed ?? lines(input, "secret").get(path);
      if (text === undefined) return { found: false, detail: "is not there" };
      return { found: true, bytes: Buffer.from(`${text}\n`), isExposed: exposed !== undefined };
    },
  };
}

/** The lines `# <kind> <name>: <text>`. */
function lines(input: string, kind: string): ReadonlyMap<string, string> {
  const pattern = new RegExp(`^# ${kind} (\\S+): (.*)$`, "gm");
  return new Map(
    [...input.matchAll(pattern)].map(([, name = "", text = ""]) => [name, text] as const),
  );
}
