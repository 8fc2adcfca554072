// Hints about load balancing: services that can never be up, servers that are their own service,
// and what is switched on where it can do nothing. Checks are looked at in lint-checks.ts.

import type { CheckConfig, Config, RealServerConfig, VirtualServerConfig } from "./config.js";
import type { RealServerDraft, VirtualServerDraft } from "./draft.js";
import type { LinkContext } from "./link-context.js";
import { lintChecks } from "./lint-checks.js";

export function lintServers(context: LinkContext, config: Config): void {
  const addresses = addressesOf(config);
  for (const service of config.checker?.virtualServers ?? []) {
    const draft = context.drafts.services.get(service);
    if (draft === undefined) continue;
    if (!context.root.flawed.has(draft)) {
      lintQuorum(context, service, draft);
      lintSuspension(context, service, draft, addresses);
    }
    lintRealServers(context, service, draft, addresses);
  }
}

/** Every address that this configuration sets at some time. */
function addressesOf({ vrrp }: Config): ReadonlySet<string> {
  const addresses = new Set<string>();
  for (const { address } of vrrp?.statics.addresses ?? []) addresses.add(address);
  for (const { virtualAddresses, excludedAddresses } of vrrp?.instances ?? []) {
    for (const { address } of virtualAddresses) addresses.add(address);
    for (const { address } of excludedAddresses) addresses.add(address);
  }
  return addresses;
}

/** keepalived lowers a quorum above the weights, but not one that hysteresis puts there. */
function lintQuorum(
  { report }: LinkContext,
  { name, quorum, hysteresis, realServers }: VirtualServerConfig,
  draft: VirtualServerDraft,
): void {
  if (hysteresis === 0) return;
  let total = 0;
  for (const { weight, checks, dnsName } of realServers) {
    // A name stands for any number of servers.
    if (dnsName !== undefined) return;
    if (checks.some(setsWeight)) return;
    total += weight;
  }
  if (total === 0 || quorum + hysteresis <= total) return;
  report((draft.hysteresis ?? draft.quorum ?? draft).span, {
    severity: "hint",
    code: "QUORUM_OUT_OF_REACH",
    message: `Cannot ever gain the quorum of ${name}: the weights of its servers come to ${total}`,
    expected: `quorum and hysteresis of ${total} or less together, not ${quorum + hysteresis}`,
    hint: "a service is up from quorum + hysteresis on, also at the start",
  });
}

/** What such a check finds is added to the weight. */
function setsWeight(check: CheckConfig): boolean {
  if (check.kind === "FILE_CHECK") return check.weight !== 0;
  return check.kind === "MISC_CHECK" && check.isDynamic;
}

/** Nobody here ever has the address, as far as can be known. */
function lintSuspension(
  { diagnostics, host, report }: LinkContext,
  { name, key, haSuspend }: VirtualServerConfig,
  draft: VirtualServerDraft,
  addresses: ReadonlySet<string>,
): void {
  if (!haSuspend || key.kind !== "address" || addresses.has(key.address)) return;
  // The instance that has it may have been dropped.
  if (diagnostics.errorCount > 0) return;
  if (host.hostAddresses?.().has(key.address) !== false) return;
  report((draft.haSuspend ?? draft).span, {
    severity: "hint",
    code: "CHECKS_NEVER_RUN",
    message: `Cannot run the checks of ${name}: with ha_suspend they wait for ${key.address}`,
    hint: "no vrrp_instance has that address and this host has not: leave ha_suspend out",
  });
}

function lintRealServers(
  context: LinkContext,
  service: VirtualServerConfig,
  draft: VirtualServerDraft,
  addresses: ReadonlySet<string>,
): void {
  const { name, sorryServer } = service;
  const state = { isAlphaTold: false };
  lintSlowStart(context, service, draft.slowStartUs);
  const checked = { name, addresses, hasVirtualHost: draft.virtualHost !== undefined };
  for (const server of service.realServers) {
    const own = context.drafts.servers.get(server);
    if (own === undefined || context.root.flawed.has(own)) continue;
    if (isService(service, server)) reportSelf(context, name, "real_server", server, own);
    const shown = { ...server, address: server.dnsName ?? server.address };
    lintSlowStart(context, service, own.slowStartUs, shown);
    if (server.checks.length === 0) lintAlpha(context, name, { draft, own }, state);
    else lintChecks(context, checked, shown);
  }
  if (sorryServer === undefined || draft.sorryServer === undefined) return;
  if (!isService(service, sorryServer)) return;
  reportSelf(context, name, "sorry_server", sorryServer, draft.sorryServer);
}

/** ip_vs_rr.c, ip_vs_lc.c and ip_vs_dh.c look at a weight only to see whether it is 0. */
const weightless: ReadonlySet<string> = new Set(["rr", "lc", "dh"]);

/** `given` stands in the server, or in the virtual server for all of them. */
function lintSlowStart(
  { report }: LinkContext,
  { name, scheduler, realServers }: VirtualServerConfig,
  given: RealServerDraft["slowStartUs"],
  server?: RealServerConfig,
): void {
  if (given === undefined || given.value === 0) return;
  const servers = server === undefined ? realServers : [server];
  const isWeighted = servers.some(({ weight, checks }) => weight > 1 || checks.some(setsWeight));
  const hint = weightless.has(scheduler)
    ? `the scheduler ${scheduler} does not look at weights: use wrr or wlc`
    : "a weight of 1 has no steps below it: give the servers of this service weights such as 100";
  if (isWeighted && !weightless.has(scheduler)) return;
  report(given.span, {
    severity: "hint",
    code: "WITHOUT_EFFECT",
    message: `Cannot start ${server?.address ?? "the servers"} of ${name} slowly`,
    hint,
  });
}

interface Place {
  readonly address: string;
  readonly port: number;
}

function isService({ key }: VirtualServerConfig, { address, port }: Place): boolean {
  if (key.kind !== "address" || key.address !== address) return false;
  return key.port === 0 || key.port === port;
}

function reportSelf(
  { report }: LinkContext,
  name: string,
  keyword: string,
  { address, port }: Place,
  { span }: Pick<RealServerDraft, "span">,
): void {
  report(span, {
    severity: "hint",
    code: "SERVER_IS_SERVICE",
    message: `Cannot tell ${keyword} ${address} ${port} from its own virtual_server ${name}`,
    hint: "a check of it asks the service, whoever serves: write the server's own address",
  });
}

/** A server without a check is up from the start. */
function lintAlpha(
  { report }: LinkContext,
  name: string,
  { draft, own }: { readonly draft: VirtualServerDraft; readonly own: RealServerDraft },
  state: { isAlphaTold: boolean },
): void {
  const alpha = own.alpha ?? draft.alpha;
  if (alpha?.value !== true || state.isAlphaTold) return;
  state.isAlphaTold = own.alpha === undefined;
  report(alpha.span, {
    severity: "hint",
    code: "WITHOUT_EFFECT",
    message: `Cannot keep ${own.dnsName ?? own.address} of ${name} out by alpha: it has no check`,
    hint: "it is up from the start and never taken out: add a check",
  });
}
