// From drafts to the real servers of one virtual server: forwarding, ports and families made to
// agree, duplicates dropped. Follows validate_check_config of keepalived's check/check_data.c.

import { ipFamily } from "../base/ip.js";
import type { Located } from "../text/source.js";
import type { ForwardingMethod, RealServerConfig } from "./config-checker.js";
import type { ForwardingDraft, RealServerDraft } from "./draft-checker.js";
import type { Mutable } from "./drafted.js";
import { linkChecks } from "./link-check.js";
import type { ServiceContext } from "./link-checker-context.js";
import { linkNoted } from "./link-context.js";
import { linkScript } from "./link-script.js";
import type { GroupFacts } from "./link-server-group.js";

/** What a name stands with until DNS has said more. */
const anyAddress = { 4: "0.0.0.0", 6: "::" } as const;

/** Up to this many, looking through them is quicker than a table. */
const scannedMax = 16;

export function linkRealServers(service: ServiceContext): RealServerConfig[] {
  const servers: RealServerConfig[] = [];
  const { length } = service.draft.realServers;
  const seen = length > scannedMax ? new Set<string>() : undefined;
  for (const draft of service.draft.realServers) {
    const { method, tunnel } = draft.forwarding?.value ?? service.forwarding;
    const { dnsName } = draft;
    const address = dnsName === undefined ? draft.address : anyAddress[service.family];
    if (!isFamilyUsable(service, "real_server", { ...draft, address }, method)) continue;
    const port = portOf(service, "port", draft.port, method);
    const identity = dnsName ?? address;
    if (seen?.has(`${identity} ${port}`) ?? isAmong(servers, identity, port)) {
      reportDuplicate(service, draft, port);
      continue;
    }
    // A check that can never pass keeps its server out, as it would under keepalived.
    const checkPort = draft.port?.value ?? port;
    const { context } = service;
    const checks = linkNoted(context, draft, () =>
      linkChecks({ service, draft, address, checkPort }),
    );
    if (checks === undefined) continue;
    seen?.add(`${identity} ${port}`);
    const server: Mutable<RealServerConfig> = {
      address,
      port,
      weight: draft.weight ?? service.draft.weight ?? 1,
      forwarding: method,
      upperThreshold: draft.upperThreshold?.value ?? 0,
      lowerThreshold: draft.lowerThreshold === undefined ? 0 : lowerOf(service, draft),
      inhibitOnFailure: (draft.inhibitOnFailure ?? service.draft.inhibitOnFailure)?.value ?? false,
      smtpAlert: draft.smtpAlert?.value ?? service.serverSmtpAlert,
      checks,
    };
    if (dnsName !== undefined) server.dnsName = dnsName;
    if (tunnel !== undefined) server.tunnel = tunnel;
    addDrain(service, draft, server);
    const slowStartUs = (draft.slowStartUs ?? service.draft.slowStartUs)?.value ?? 0;
    if (slowStartUs > 0) server.slowStartUs = slowStartUs;
    addNames(service, draft, server);
    servers.push(server);
    context.drafts.servers.set(server, draft);
  }
  // An array that grew keeps room that is never used.
  return servers.slice();
}

/** Also a 0 is kept: what stands further out is not meant for this server. */
function addDrain(
  { context, draft: above, name }: ServiceContext,
  draft: RealServerDraft,
  server: Mutable<RealServerConfig>,
): void {
  const ofGlobal = context.global.drainTimeoutUs;
  const given = draft.drainTimeoutUs ?? above.drainTimeoutUs ?? ofGlobal;
  if (given === undefined) return;
  server.drainTimeoutUs = given.value;
  if (given === ofGlobal || given.value === 0 || above.protocol?.value !== "UDP") return;
  context.report(given.span, {
    severity: "hint",
    code: "WITHOUT_EFFECT",
    message: `Cannot wait for connections of ${name}: IPVS counts none of UDP as active`,
    hint: "leave drain_timeout out: the server goes at once all the same",
  });
}

function isAmong(servers: readonly RealServerConfig[], identity: string, port: number): boolean {
  for (const server of servers) {
    if (server.port === port && (server.dnsName ?? server.address) === identity) return true;
  }
  return false;
}

function addNames(
  { context, name }: ServiceContext,
  draft: RealServerDraft,
  server: Mutable<RealServerConfig>,
): void {
  const { notifyUp, notifyDown, virtualHost, snmpName } = draft;
  if (virtualHost !== undefined) server.virtualHost = virtualHost.value;
  if (snmpName !== undefined) server.snmpName = snmpName.value;
  const shown = server.dnsName ?? server.address;
  const what = (keyword: string): string => `${keyword} of ${shown} in ${name}`;
  if (notifyUp !== undefined) {
    const script = linkScript(context, notifyUp, what("notify_up"));
    if (script !== undefined) server.notifyUp = script;
  }
  if (notifyDown !== undefined) {
    const script = linkScript(context, notifyDown, what("notify_down"));
    if (script !== undefined) server.notifyDown = script;
  }
}

function reportDuplicate(
  { context, name }: ServiceContext,
  { span, address, dnsName }: RealServerDraft,
  port: number,
): void {
  const which = `${dnsName ?? address} ${port}`;
  context.report(span, {
    severity: "error",
    code: "DUPLICATE_REAL_SERVER",
    message: `Cannot use real_server ${which} twice in ${name}; this block is skipped`,
  });
}

/** ip_vs_ctl.c refuses a destination whose lower limit is above its upper one. */
function lowerOf({ context, name }: ServiceContext, draft: RealServerDraft): number {
  const { lowerThreshold, upperThreshold } = draft;
  const upper = upperThreshold?.value ?? 0;
  if (lowerThreshold === undefined || lowerThreshold.value <= upper) {
    return lowerThreshold?.value ?? 0;
  }
  context.report(lowerThreshold.span, {
    severity: "hint",
    code: "CONFLICT",
    message: `Cannot use lthreshold ${lowerThreshold.value} in ${name}; the line is ignored`,
    expected: `at most the uthreshold, ${upper}: the kernel refuses others`,
  });
  return 0;
}

/** Only a tunnel can carry one family inside the other. */
export function isFamilyUsable(
  service: ServiceContext,
  keyword: "real_server" | "sorry_server",
  { address, span }: Pick<RealServerDraft, "address" | "span">,
  forwarding: ForwardingMethod,
): boolean {
  if (ipFamily(address) === service.family || forwarding === "TUN") return true;
  const what = keyword === "real_server" ? "block is skipped" : "line is ignored";
  service.context.report(span, {
    severity: "error",
    code: "FAMILY_MISMATCH",
    message: `Cannot use ${keyword} ${address} in ${service.name}; the ${what}`,
    expected: `an IPv${service.family} address, or lb_kind TUN`,
  });
  return false;
}

/** Without NAT the packet keeps its port, so that of the service counts (IPVS). */
export function portOf(
  service: ServiceContext,
  what: string,
  own: Located<number> | undefined,
  forwarding: ForwardingDraft["method"],
): number {
  if (own === undefined || forwarding === "NAT") return own?.value ?? service.port;
  if (service.group !== undefined) {
    reportGroupPorts(service, service.group, own);
    return own.value;
  }
  if (own.value === service.port) return own.value;
  service.context.report(own.span, {
    severity: "error",
    code: "PORT_MISMATCH",
    message: `Cannot use ${what} ${own.value} in ${service.name}; ${service.port} is used`,
    expected: "the port of the virtual_server, or lb_kind NAT",
  });
  return service.port;
}

/** keepalived says so and leaves the port as it is. */
function reportGroupPorts(
  { context, name }: ServiceContext,
  { ports, hasMarks }: GroupFacts,
  { value: port, span }: Located<number>,
): void {
  if (hasMarks) {
    context.report(span, {
      severity: "warning",
      code: "PORT_MISMATCH",
      message: `Cannot use port ${port} for the marks of ${name}: packets keep the port they have`,
    });
  }
  const others = [...ports].filter((each) => each !== port);
  if (others.length > 0) {
    context.report(span, {
      severity: "error",
      code: "PORT_MISMATCH",
      message: `Cannot use port ${port} for all of ${name}: packets keep the port they have`,
      expected: `the port of each address (also ${others.slice(0, 3).join(", ")}), or lb_kind NAT`,
    });
  }
}
