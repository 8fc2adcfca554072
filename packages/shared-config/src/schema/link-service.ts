// From a draft to one virtual server: what identifies it, its scheduler, persistence, quorum and
// sorry server. Follows validate_check_config of keepalived's check/check_data.c. A service that
// cannot be had is dropped with a report.

import { ipFamily } from "../base/ip.js";
import { usPerSecond } from "../base/units.js";
import type { Located, Span } from "../text/source.js";
import { prefixLengthMax } from "./address-arithmetic.js";
import type {
  GroupKey,
  RealServerConfig,
  ServiceKey,
  SorryServerConfig,
  VirtualServerConfig,
  VirtualServerGroupConfig,
} from "./config-checker.js";
import type { VirtualServerDraft } from "./draft-checker.js";
import { givenOr, type Mutable } from "./drafted.js";
import type { ServiceContext } from "./link-checker-context.js";
import type { LinkContext } from "./link-context.js";
import { isFamilyUsable, linkRealServers, portOf } from "./link-real-server.js";
import { linkSchedulerFlags } from "./link-scheduler.js";
import { linkScript } from "./link-script.js";
import { type GroupFacts, groupFacts } from "./link-server-group.js";

const defaultDelayLoopUs = 60 * usPerSecond;
const persistenceDefaultS = 360;
const lowerCase = { TCP: "tcp", UDP: "udp", SCTP: "sctp" } as const;

/** The configuration of one service, or undefined when nothing of it is left. */
export function linkVirtualServer(
  draft: VirtualServerDraft,
  context: LinkContext,
  groups: ReadonlyMap<string, VirtualServerGroupConfig>,
): VirtualServerConfig | undefined {
  const identity = identify(draft, context, groups);
  if (identity === undefined) return undefined;
  const { key, name, hasEveryPort } = identity;
  if (draft.scheduler === undefined) reportDefault(draft, name, "lb_algo", "wlc", context);
  if (draft.forwarding === undefined) reportDefault(draft, name, "lb_kind", "NAT", context);
  const service = serviceContext(draft, context, identity);
  const realServers = linkRealServers(service);
  if (realServers.length === 0) {
    context.report(draft.span, {
      severity: "error",
      code: "NO_REAL_SERVER",
      message: `Cannot find a usable real_server in virtual_server ${name}; it is ignored`,
    });
    return undefined;
  }
  const quorum = quorumOf(service, realServers);
  const flags = linkSchedulerFlags(service);
  const server: Mutable<VirtualServerConfig> = {
    name,
    key,
    scheduler: givenOr(draft.scheduler, "wlc"),
    schedulerFlag1: flags.flag1,
    schedulerFlag2: flags.flag2,
    schedulerFlag3: flags.flag3,
    onePacket: isOnePacket(service, key),
    forwarding: service.forwarding.method,
    delayLoopUs: service.delayLoopUs,
    haSuspend: isSuspended(service, key, identity.group),
    quorum,
    hysteresis: hysteresisOf(service, quorum),
    omega: givenOr(draft.omega, false),
    smtpAlert: (draft.smtpAlert ?? smtpAlertDefault(context))?.value ?? false,
    realServers,
  };
  addPersistence(service, hasEveryPort, server);
  addOptional(service, server);
  const sorryServer = sorryServerOf(service, realServers);
  if (sorryServer !== undefined) server.sorryServer = sorryServer;
  return server;
}

/** What a service is called, and what follows from that for its real servers. */
interface Identity {
  readonly key: ServiceKey | GroupKey;
  readonly name: string;
  readonly family: 4 | 6;
  readonly port: number;
  readonly hasEveryPort: boolean;
  readonly group?: GroupFacts;
}

function identify(
  draft: VirtualServerDraft,
  context: LinkContext,
  groups: ReadonlyMap<string, VirtualServerGroupConfig>,
): Identity | undefined {
  const { service } = draft;
  switch (service.kind) {
    case "address": {
      const { address, port } = service;
      const family = familyOf(draft, ipFamily(address), context);
      const protocol = protocolOf(draft, `${address} ${port}`, context);
      const key: ServiceKey = { kind: "address", address, port, protocol };
      const name = `[${address}]:${lowerCase[protocol]}:${port}`;
      return { key, name, family, port, hasEveryPort: port === 0 };
    }
    case "fwmark": {
      const { mark } = service;
      const family = familyOf(draft, undefined, context);
      const name = `FWM ${mark}`;
      if (draft.protocol !== undefined) reportProtocol(name, draft.protocol.span, context);
      return {
        ...{ key: { kind: "fwmark", mark, family }, name, family, port: 0 },
        hasEveryPort: false,
      };
    }
    case "group":
      return identifyGroup(draft, service.group, context, groups);
  }
}

/** As keepalived names a group in its log (check_data.c format_vs). */
function identifyGroup(
  draft: VirtualServerDraft,
  group: string,
  context: LinkContext,
  groups: ReadonlyMap<string, VirtualServerGroupConfig>,
): Identity | undefined {
  const config = groups.get(group);
  const name = `[${group}]:0`;
  if (config === undefined) {
    context.report(draft.span, {
      severity: "error",
      code: "UNDEFINED_REFERENCE",
      message: `Cannot find virtual_server_group "${group}"; virtual_server ${name} is ignored`,
    });
    return undefined;
  }
  const facts = groupFacts(config);
  const family = familyOf(draft, facts.family, context);
  const { port, hasEveryPort } = facts;
  if (!facts.hasAddresses) {
    if (draft.protocol !== undefined) reportProtocol(name, draft.protocol.span, context);
    return {
      key: { kind: "group", group, family },
      name,
      family,
      port,
      hasEveryPort,
      group: facts,
    };
  }
  const protocol = protocolOf(draft, name, context);
  const key: GroupKey = { kind: "group", group, family, protocol };
  return { key, name, family, port, hasEveryPort, group: facts };
}

/** `known` is that of the address; else ip_family counts, else the first real server. */
function familyOf(
  draft: VirtualServerDraft,
  known: 4 | 6 | undefined,
  { report }: LinkContext,
): 4 | 6 {
  const { family, realServers } = draft;
  if (known === undefined) {
    const first = realServers.find(({ dnsName }) => dnsName === undefined);
    return family?.value ?? (first === undefined ? 4 : ipFamily(first.address));
  }
  if (family !== undefined && family.value !== known) {
    report(family.span, {
      severity: "error",
      code: "FAMILY_MISMATCH",
      message: `Cannot use ip_family in a service of IPv${known} addresses; the line is ignored`,
      expected: known === 4 ? "inet" : "inet6",
    });
  }
  return known;
}

function protocolOf(
  draft: VirtualServerDraft,
  name: string,
  context: LinkContext,
): "TCP" | "UDP" | "SCTP" {
  if (draft.protocol !== undefined) return draft.protocol.value;
  reportDefault(draft, name, "protocol", "UDP", context);
  return "UDP";
}

function reportProtocol(name: string, span: Span, { report }: LinkContext): void {
  report(span, {
    severity: "warning",
    code: "CONFLICT",
    message: `Cannot use protocol in ${name}: the mark stands for any; it is ignored`,
  });
}

function reportDefault(
  draft: VirtualServerDraft,
  name: string,
  keyword: string,
  used: string,
  { report }: LinkContext,
): void {
  report(draft.span, {
    severity: "error",
    code: "MISSING_KEYWORD",
    message: `Cannot find ${keyword} in virtual_server ${name}; ${used} is used`,
    hint: `add a line "${keyword} ${used}"`,
  });
}

function serviceContext(
  draft: VirtualServerDraft,
  context: LinkContext,
  { name, family, port, group }: Identity,
): ServiceContext {
  return {
    context,
    draft,
    name,
    family,
    forwarding: draft.forwarding?.value ?? { method: "NAT" },
    port,
    group,
    delayLoopUs: draft.delayLoopUs ?? defaultDelayLoopUs,
    logAllFailures: givenOr(context.global.checkerLogAllFailures, false),
    serverSmtpAlert: smtpAlertDefault(context)?.value ?? true,
  };
}

function smtpAlertDefault({ global }: LinkContext): Located<boolean> | undefined {
  return global.smtpAlertChecker ?? global.smtpAlert;
}

/** The kernel knows it for UDP only; a mark can stand for that (ip_vs_ctl.c). */
function isOnePacket(
  { draft, name, context }: ServiceContext,
  key: VirtualServerConfig["key"],
): boolean {
  const { onePacket } = draft;
  const isDatagram = key.kind === "fwmark" || key.protocol === undefined || key.protocol === "UDP";
  if (onePacket === undefined || isDatagram) return onePacket !== undefined;
  context.report(onePacket.span, {
    severity: "error",
    code: "CONFLICT",
    message: `Cannot use ops in ${name}: it is for UDP only; the line is ignored`,
  });
  return false;
}

function isSuspended(
  { draft, name, context }: ServiceContext,
  key: VirtualServerConfig["key"],
  group: GroupFacts | undefined,
): boolean {
  const { haSuspend } = draft;
  if (haSuspend === undefined) return false;
  if (key.kind === "fwmark" || group?.hasAddresses === false) {
    context.report(haSuspend.span, {
      severity: "error",
      code: "CONFLICT",
      message: `Cannot use ha_suspend in ${name}: a mark has no address; the line is ignored`,
    });
    return false;
  }
  if (group !== undefined) {
    context.report(haSuspend.span, {
      severity: "hint",
      code: "DIFFERS_FROM_KEEPALIVED",
      message: `Cannot follow keepalived in ${name}: it never starts the checks of a group`,
      hint: "here they run while this host has an address of the group",
    });
  }
  return true;
}

function addPersistence(
  service: ServiceContext,
  hasEveryPort: boolean,
  server: Mutable<VirtualServerConfig>,
): void {
  const { draft, name, family, context } = service;
  const granularity = granularityOf(service);
  let timeoutS = draft.persistenceTimeoutS?.value;
  if (timeoutS === undefined && hasEveryPort) {
    // ip_vs_ctl.c refuses a service on every port unless it is persistent.
    timeoutS = persistenceDefaultS;
    context.report(draft.span, {
      severity: "error",
      code: "PORT_ZERO",
      message: `Cannot serve every port in ${name} without persistence; ${timeoutS} s is used`,
      hint: `add a line "persistence_timeout ${timeoutS}", or name a port`,
    });
  }
  if (timeoutS !== undefined) server.persistenceTimeoutS = timeoutS;
  if (granularity !== undefined && granularity !== prefixLengthMax(family)) {
    server.persistenceGranularity = granularity;
  }
}

function granularityOf({ draft, name, family, context }: ServiceContext): number | undefined {
  const given = draft.persistenceGranularity;
  if (given === undefined || given.value <= prefixLengthMax(family)) return given?.value;
  context.report(given.span, {
    severity: "error",
    code: "FAMILY_MISMATCH",
    message: `Cannot use persistence_granularity ${given.value} in ${name}; the line is ignored`,
    expected: `1 to ${prefixLengthMax(family)} for IPv${family}`,
  });
  return undefined;
}

function addOptional(
  { draft, name, context, forwarding }: ServiceContext,
  server: Mutable<VirtualServerConfig>,
): void {
  const { persistenceEngine, virtualHost, snmpName, quorumUp, quorumDown } = draft;
  if (forwarding.tunnel !== undefined) server.tunnel = forwarding.tunnel;
  if (persistenceEngine !== undefined) server.persistenceEngine = persistenceEngine.value;
  if (virtualHost !== undefined) server.virtualHost = virtualHost.value;
  if (snmpName !== undefined) server.snmpName = snmpName.value;
  const up = linkScript(context, quorumUp, `quorum_up of ${name}`);
  if (up !== undefined) server.quorumUp = up;
  const down = linkScript(context, quorumDown, `quorum_down of ${name}`);
  if (down !== undefined) server.quorumDown = down;
}

/**
 * Never more than there is. With all weights 0 keepalived makes it 0 and hysteresis wrap round; 1
 * says the same without that: the service counts as down.
 */
function quorumOf(
  { draft, name, context }: ServiceContext,
  realServers: readonly RealServerConfig[],
): number {
  let total = 0;
  for (const { weight } of realServers) total += weight;
  const quorum = givenOr(draft.quorum, 1);
  // A name stands for any number of servers.
  const hasNames = realServers.some(({ dnsName, weight }) => dnsName !== undefined && weight > 0);
  if (quorum <= total || hasNames) return quorum;
  const used = Math.max(total, 1);
  const then = total === 0 ? "the service counts as down" : `${total} is used`;
  context.report((draft.quorum ?? draft).span, {
    severity: "error",
    code: "QUORUM_TOO_HIGH",
    message: `Cannot reach quorum ${quorum} in ${name}; ${then}`,
    expected: `at most ${total}, which is what the weights of its real servers come to`,
  });
  return used;
}

function hysteresisOf({ draft, name, context }: ServiceContext, quorum: number): number {
  const given = draft.hysteresis;
  if (given === undefined || given.value < quorum) return given?.value ?? 0;
  context.report(given.span, {
    severity: "error",
    code: "QUORUM_TOO_HIGH",
    message: `Cannot use hysteresis ${given.value} in ${name}; ${quorum - 1} is used`,
    expected: `less than the quorum, ${quorum}`,
  });
  return quorum - 1;
}

function sorryServerOf(
  service: ServiceContext,
  realServers: readonly RealServerConfig[],
): SorryServerConfig | undefined {
  const { draft } = service;
  const given = draft.sorryServer;
  if (given === undefined) return undefined;
  const { address } = given;
  const { method, tunnel } = given.forwarding?.value ?? service.forwarding;
  if (!isFamilyUsable(service, "sorry_server", given, method)) return undefined;
  const port = portOf(service, "the sorry_server's port", given.port, method);
  const twin = realServers.find((each) => each.address === address && each.port === port);
  const inhibit = twin?.inhibitOnFailure ?? given.inhibit;
  if (inhibit !== given.inhibit) {
    service.context.report(given.span, {
      severity: "error",
      code: "CONFLICT",
      message: `Cannot treat ${address} in two ways in ${service.name}: it is a real_server too`,
      hint: `sorry_server_inhibit is taken as ${inhibit ? "given" : "not given"}, as there`,
    });
  }
  const server: SorryServerConfig = { address, port, forwarding: method, inhibit };
  return tunnel === undefined ? server : { ...server, tunnel };
}
