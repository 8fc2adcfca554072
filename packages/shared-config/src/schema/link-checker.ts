// From drafts to the checker configuration: timing inherited from checker to real server to virtual
// server, ports and families made to agree. Follows validate_check_config of keepalived's
// check/check_data.c. A server that cannot be used is dropped with a report.

import { ipFamily, parseIp } from "../base/ip.js";
import { usPerSecond } from "../base/units.js";
import type { Located, Span } from "../text/source.js";
import { isLinkLocal6, prefixLengthMax } from "./address-arithmetic.js";
import type {
  ForwardingMethod,
  RealServerConfig,
  ServiceKey,
  TcpCheckConfig,
  VirtualServerConfig,
} from "./config.js";
import type { RealServerDraft, TcpCheckDraft, TimingDraft, VirtualServerDraft } from "./draft.js";
import type { Reporter } from "./link-context.js";

/** linux/ip_vs.h knows int weights; keepalived and ours stop at 16 bits. */
const weightMax = 65535;
const persistenceDefaultS = 360;

/** The configuration of one service, or undefined when nothing of it is left. */
export function linkVirtualServer(
  draft: VirtualServerDraft,
  report: Reporter,
): VirtualServerConfig | undefined {
  const family = familyOf(draft);
  const key = serviceKey(draft, family, report);
  const name = serviceName(key);
  const scheduler = draft.scheduler?.value ?? "wlc";
  const forwarding = draft.forwarding?.value ?? "NAT";
  if (draft.scheduler === undefined) reportDefault(draft, name, "lb_algo", scheduler, report);
  if (draft.forwarding === undefined) reportDefault(draft, name, "lb_kind", forwarding, report);
  const service: Service = { draft, key, name, family, forwarding, report };
  const realServers = linkRealServers(service);
  if (realServers.length === 0) {
    report(draft.span, {
      severity: "error",
      code: "NO_REAL_SERVER",
      message: `Cannot find a usable real_server in virtual_server ${name}; it is ignored`,
    });
    return undefined;
  }
  return { name, key, scheduler, ...persistence(service), realServers };
}

interface Service {
  readonly draft: VirtualServerDraft;
  readonly key: ServiceKey;
  readonly name: string;
  readonly family: 4 | 6;
  readonly forwarding: ForwardingMethod;
  readonly report: Reporter;
}

function familyOf(draft: VirtualServerDraft): 4 | 6 {
  if (draft.service.kind === "address") return ipFamily(draft.service.address);
  const [first] = draft.realServers;
  return draft.family?.value ?? (first === undefined ? 4 : ipFamily(first.address));
}

function serviceKey(draft: VirtualServerDraft, family: 4 | 6, report: Reporter): ServiceKey {
  const { service, protocol } = draft;
  if (service.kind === "fwmark") {
    if (protocol !== undefined) reportProtocol(service.mark, protocol.span, report);
    return { ...service, family };
  }
  if (protocol === undefined) {
    reportDefault(draft, `${service.address} ${service.port}`, "protocol", "UDP", report);
  }
  return { ...service, protocol: protocol?.value ?? "UDP" };
}

function reportProtocol(mark: number, span: Span, report: Reporter): void {
  report(span, {
    severity: "warning",
    code: "CONFLICT",
    message: `Cannot use protocol in FWM ${mark}: the mark stands for any; it is ignored`,
  });
}

/** As keepalived names a service in its log (check_data.c format_vs). */
function serviceName(key: ServiceKey): string {
  if (key.kind === "fwmark") return `FWM ${key.mark}`;
  return `[${key.address}]:${key.protocol.toLowerCase()}:${key.port}`;
}

function reportDefault(
  draft: VirtualServerDraft,
  name: string,
  keyword: string,
  used: string,
  report: Reporter,
): void {
  report(draft.span, {
    severity: "error",
    code: "MISSING_KEYWORD",
    message: `Cannot find ${keyword} in virtual_server ${name}; ${used} is used`,
    hint: `add a line "${keyword} ${used}"`,
  });
}

function persistence(
  service: Service,
): Pick<VirtualServerConfig, "persistenceTimeoutS" | "persistenceGranularity"> {
  const { draft, key, name, family, report } = service;
  const granularity = granularityOf(service);
  let timeoutS = draft.persistenceTimeoutS?.value;
  if (timeoutS === undefined && key.kind === "address" && key.port === 0) {
    // ip_vs_ctl.c refuses a service on every port unless it is persistent.
    timeoutS = persistenceDefaultS;
    report(draft.span, {
      severity: "error",
      code: "PORT_ZERO",
      message: `Cannot serve every port in ${name} without persistence; ${timeoutS} s is used`,
      hint: `add a line "persistence_timeout ${timeoutS}", or name a port`,
    });
  }
  const isWhole = granularity === undefined || granularity === prefixLengthMax(family);
  return {
    ...(timeoutS === undefined ? {} : { persistenceTimeoutS: timeoutS }),
    ...(isWhole ? {} : { persistenceGranularity: granularity }),
  };
}

function granularityOf({ draft, name, family, report }: Service): number | undefined {
  const given = draft.persistenceGranularity;
  if (given === undefined || given.value <= prefixLengthMax(family)) return given?.value;
  report(given.span, {
    severity: "error",
    code: "FAMILY_MISMATCH",
    message: `Cannot use persistence_granularity ${given.value} in ${name}; the line is ignored`,
    expected: `1 to ${prefixLengthMax(family)} for IPv${family}`,
  });
  return undefined;
}

function linkRealServers(service: Service): RealServerConfig[] {
  const linked = new Map<string, RealServerConfig>();
  for (const draft of service.draft.realServers) {
    const forwarding = draft.forwarding?.value ?? service.forwarding;
    if (!isFamilyUsable(service, draft, forwarding)) continue;
    const port = portOf(service, draft, forwarding);
    const key = `${draft.address} ${port}`;
    if (linked.has(key)) {
      service.report(draft.span, {
        severity: "error",
        code: "DUPLICATE_REAL_SERVER",
        message: `Cannot use real_server ${key} twice in ${service.name}; this block is skipped`,
      });
      continue;
    }
    const checks = draft.checks.map((check) => linkCheck(service, draft, check, port));
    // A check that can never pass keeps its server out, as it would under keepalived.
    if (checks.includes(undefined)) continue;
    linked.set(key, {
      address: draft.address,
      port,
      weight: weightOf(service, draft),
      forwarding,
      checks: checks.filter((check) => check !== undefined),
    });
  }
  return [...linked.values()];
}

/** Only a tunnel can carry one family inside the other. */
function isFamilyUsable(
  service: Service,
  draft: RealServerDraft,
  forwarding: ForwardingMethod,
): boolean {
  if (ipFamily(draft.address) === service.family || forwarding === "TUN") return true;
  service.report(draft.span, {
    severity: "error",
    code: "FAMILY_MISMATCH",
    message: `Cannot use real_server ${draft.address} in ${service.name}; the block is skipped`,
    expected: `an IPv${service.family} address, or lb_kind TUN`,
  });
  return false;
}

/** Without NAT the packet keeps its port, so that of the service counts (IPVS). */
function portOf(service: Service, draft: RealServerDraft, forwarding: ForwardingMethod): number {
  const { key, report } = service;
  const servicePort = key.kind === "address" ? key.port : 0;
  const own = draft.port;
  if (own === undefined || forwarding === "NAT" || own.value === servicePort) {
    return own?.value ?? servicePort;
  }
  report(own.span, {
    severity: "error",
    code: "PORT_MISMATCH",
    message: `Cannot use port ${own.value} in ${service.name}; ${servicePort} is used`,
    expected: "the port of the virtual_server, or lb_kind NAT",
  });
  return servicePort;
}

function weightOf(service: Service, draft: RealServerDraft): number {
  const given = draft.weight ?? service.draft.weight;
  if (given === undefined) return 1;
  if (given.value <= weightMax) return given.value;
  service.report(given.span, {
    severity: "error",
    code: "INVALID_VALUE",
    message: `Cannot use weight "${given.value}" in ${service.name}; ${weightMax} is used`,
    expected: `0 to ${weightMax}`,
  });
  return weightMax;
}

function linkCheck(
  service: Service,
  server: RealServerDraft,
  check: TcpCheckDraft,
  serverPort: number,
): TcpCheckConfig | undefined {
  const connectPort = check.connectPort?.value ?? serverPort;
  const connectAddress = check.connectAddress?.value ?? server.address;
  if (connectPort === 0) return refuseCheck(service, check, "connect_port", "no port is known");
  const bytes = parseIp(connectAddress);
  if (bytes !== undefined && isLinkLocal6(bytes)) {
    const why = `${connectAddress} needs bind_if, which is not supported yet`;
    return refuseCheck(service, check, "connect_ip", why);
  }
  const bindAddress = bindAddressOf(service, check, connectAddress);
  const delayLoopUs = inherit(service, server, check, "delayLoopUs") ?? 60 * usPerSecond;
  return {
    kind: "TCP_CHECK",
    connectAddress,
    connectPort,
    ...(bindAddress === undefined ? {} : { bindAddress }),
    ...(check.bindPort === undefined ? {} : { bindPort: check.bindPort.value }),
    connectTimeoutUs: inherit(service, server, check, "connectTimeoutUs") ?? 5 * usPerSecond,
    retry: inherit(service, server, check, "retry") ?? 1,
    delayBeforeRetryUs: inherit(service, server, check, "delayBeforeRetryUs") ?? usPerSecond,
    delayLoopUs,
    warmupUs: inherit(service, server, check, "warmupUs") ?? delayLoopUs,
  };
}

function refuseCheck(
  service: Service,
  check: TcpCheckDraft,
  keyword: string,
  why: string,
): undefined {
  service.report(check.span, {
    severity: "error",
    code: "CHECK_WITHOUT_TARGET",
    message: `Cannot run this TCP_CHECK in ${service.name}: ${why}; its server stays out`,
    hint: `add a line "${keyword} ..." to the TCP_CHECK`,
  });
  return undefined;
}

function bindAddressOf(service: Service, check: TcpCheckDraft, target: string): string | undefined {
  const given = check.bindAddress;
  if (given === undefined || ipFamily(given.value) === ipFamily(target)) return given?.value;
  service.report(given.span, {
    severity: "error",
    code: "FAMILY_MISMATCH",
    message: `Cannot use bindto ${given.value} in ${service.name}; the line is ignored`,
    expected: `an IPv${ipFamily(target)} address, as ${target} is`,
  });
  return undefined;
}

function inherit(
  service: Service,
  server: RealServerDraft,
  check: TcpCheckDraft,
  field: keyof TimingDraft,
): number | undefined {
  const located: Located<number> | undefined =
    check[field] ?? server[field] ?? service.draft[field];
  return located?.value;
}
