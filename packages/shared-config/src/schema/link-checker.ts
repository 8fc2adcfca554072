// From drafts to the configuration of the checker process: groups, then the services that may refer
// to them. Two services that are the same to IPVS cannot both be had.

import type { CheckerConfig, SslConfig, VirtualServerConfig } from "./config.js";
import type { VirtualServerDraft } from "./draft.js";
import type { LinkContext } from "./link-context.js";
import { linkServerGroups } from "./link-server-group.js";
import { linkVirtualServer } from "./link-service.js";

/** All but how the process is to run, or undefined when there is nothing for it to do. */
export function linkChecker(context: LinkContext): Omit<CheckerConfig, "process"> | undefined {
  const groups = linkServerGroups(context);
  const services = new Map<string, VirtualServerDraft>();
  const virtualServers: VirtualServerConfig[] = [];
  for (const draft of context.root.virtualServers) {
    const server = linkVirtualServer(draft, context, groups);
    if (server === undefined) continue;
    const identity = identityOf(server);
    const earlier = services.get(identity);
    if (earlier === undefined) {
      services.set(identity, draft);
      virtualServers.push(server);
      context.drafts.services.set(server, draft);
    } else reportTwice(server, draft, earlier, context);
  }
  if (virtualServers.length === 0) return undefined;
  return { ssl: linkSsl(context), groups: [...groups.values()], virtualServers };
}

/** The name says all but the family of a mark and the protocol of a group. */
function identityOf({ name, key }: VirtualServerConfig): string {
  if (key.kind === "address") return name;
  return key.kind === "fwmark" ? `${name} ${key.family}` : `${name} ${key.protocol}`;
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
