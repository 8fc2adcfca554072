// From drafts to the configuration of the checker process: groups, then the services that may refer
// to them. Two services that are the same to IPVS cannot both be had.

import type { CheckerConfig, SslConfig, VirtualServerConfig } from "./config.js";
import type { VirtualServerDraft } from "./draft.js";
import { type LinkContext, linkNoted } from "./link-context.js";
import { linkServerGroups } from "./link-server-group.js";
import { linkVirtualServer } from "./link-service.js";

/** All but how the process is to run, or undefined when there is nothing for it to do. */
export function linkChecker(
  context: LinkContext,
  hasSyncDaemon: boolean,
): Omit<CheckerConfig, "process" | "ipvs"> | undefined {
  const groups = linkServerGroups(context);
  const services = new Map<string, VirtualServerDraft>();
  const virtualServers: VirtualServerConfig[] = [];
  const servicesOf = new Map<string, number>();
  for (const draft of context.root.virtualServers) {
    const server = linkNoted(context, draft, () => linkVirtualServer(draft, context, groups));
    if (server === undefined) continue;
    const identity = identityOf(server);
    const earlier = services.get(identity);
    if (earlier === undefined) {
      services.set(identity, draft);
      const kept = numbered(server, servicesOf);
      virtualServers.push(kept);
      context.drafts.services.set(kept, draft);
    } else reportTwice(server, draft, earlier, context);
  }
  // keepalived starts the IPVS sync daemon for the services of others too.
  if (virtualServers.length === 0 && !hasSyncDaemon) return undefined;
  return { ssl: linkSsl(context), groups: [...groups.values()], virtualServers };
}

/** Several of one group are told apart by a number, as keepalived does it in place of a port. */
function numbered(
  server: VirtualServerConfig,
  servicesOf: Map<string, number>,
): VirtualServerConfig {
  const { key } = server;
  if (key.kind !== "group") return server;
  const number = servicesOf.get(key.group) ?? 0;
  servicesOf.set(key.group, number + 1);
  return { ...server, name: `[${key.group}]:${number}` };
}

/** The name says all but the family of a mark and the protocol of a group. */
function identityOf({ name, key }: VirtualServerConfig): string {
  if (key.kind === "address") return name;
  return key.kind === "fwmark" ? `${name} ${key.family}` : `[${key.group}] ${key.protocol}`;
}

function reportTwice(
  { name }: VirtualServerConfig,
  { span }: VirtualServerDraft,
  { span: earlier }: VirtualServerDraft,
  { report }: LinkContext,
): void {
  report(span, {
    severity: "error",
    code: "DUPLICATE_SERVICE",
    message: `Cannot define virtual_server ${name} twice; this block is ignored`,
    hint: `the first stands in ${earlier.file.path}:${earlier.line}`,
  });
}

function linkSsl({ root }: LinkContext): SslConfig {
  const { password, ca, certificate, key } = root.ssl;
  return {
    ...(password === undefined ? {} : { password: password.value }),
    ...(ca === undefined ? {} : { ca: ca.value }),
    ...(certificate === undefined ? {} : { certificate: certificate.value }),
    ...(key === undefined ? {} : { key: key.value }),
  };
}
