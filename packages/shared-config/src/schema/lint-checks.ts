// Hints about the checks of one real server: those that cannot pass on this host, and those that
// cannot keep the pace they are given.

import type { MiscCheckConfig, RealServerConfig } from "./config.js";
import type { CheckDraft, HttpCheckDraft, MiscCheckDraft } from "./draft.js";
import type { LinkContext } from "./link-context.js";
import { formatSeconds } from "./number.js";

/** What is known of the virtual server. */
export interface CheckedService {
  readonly name: string;
  /** Those that this configuration sets at some time. */
  readonly addresses: ReadonlySet<string>;
  readonly hasVirtualHost: boolean;
}

export function lintChecks(
  context: LinkContext,
  service: CheckedService,
  server: RealServerConfig,
): void {
  for (const check of server.checks) {
    const draft = context.drafts.checks.get(check);
    if (draft === undefined) continue;
    lintSource(context, service, server, draft);
    if (check.kind === "MISC_CHECK" && draft.kind === "MISC_CHECK") {
      lintTimeout(context, service, server, check, draft);
    }
    if (draft.kind === "SSL_GET") lintServerName(context, service, server, draft);
  }
}

function lintSource(
  { diagnostics, host, report }: LinkContext,
  { name, addresses }: CheckedService,
  { address, port }: RealServerConfig,
  draft: CheckDraft,
): void {
  if (!("bindAddress" in draft || "bindInterface" in draft)) return;
  const { bindAddress, bindInterface } = draft;
  const problem = `Cannot pass the ${draft.kind} of ${address} ${port} in ${name}`;
  if (bindInterface !== undefined && host.linkExists?.(bindInterface.value) === false) {
    report(bindInterface.span, {
      severity: "hint",
      code: "CHECK_NEVER_PASSES",
      message: `${problem}: there is no interface "${bindInterface.value}" on this host`,
    });
  }
  if (bindAddress === undefined || addresses.has(bindAddress.value)) return;
  // The instance that sets it may have been dropped.
  if (diagnostics.errorCount > 0) return;
  if (host.hostAddresses?.().has(bindAddress.value) !== false) return;
  report(bindAddress.span, {
    severity: "hint",
    code: "CHECK_NEVER_PASSES",
    message: `${problem}: bindto ${bindAddress.value} is no address of this host`,
    hint: "unless it stands on an interface that is down now",
  });
}

function lintTimeout(
  { report }: LinkContext,
  { name }: CheckedService,
  { address, port }: RealServerConfig,
  check: MiscCheckConfig,
  { timeoutUs: given }: MiscCheckDraft,
): void {
  if (given === undefined || check.timeoutUs <= check.delayLoopUs) return;
  report(given.span, {
    severity: "hint",
    code: "TIMEOUT_BEYOND_INTERVAL",
    message:
      `Cannot run the MISC_CHECK of ${address} ${port} in ${name} ` +
      `every ${formatSeconds(check.delayLoopUs)} s: a run may take ${formatSeconds(given.value)} s`,
    hint: "make misc_timeout at most delay_loop",
  });
}

/** keepalived never takes the virtualhost of a real server for it. */
function lintServerName(
  { report }: LinkContext,
  { name, hasVirtualHost }: CheckedService,
  { address, port }: RealServerConfig,
  { enableSni, sniName, virtualHost, urls }: HttpCheckDraft,
): void {
  if (enableSni?.value !== true || hasVirtualHost) return;
  if ((sniName ?? virtualHost) !== undefined) return;
  if (urls.every((url) => url.virtualHost !== undefined)) return;
  report(enableSni.span, {
    severity: "hint",
    code: "WITHOUT_EFFECT",
    message: `Cannot send a server name to ${address} ${port} in ${name}: SSL_GET knows none`,
    hint: "add sni_name, or virtualhost to the check or its url; a real_server's does not count",
  });
}
