// garp_group, interface_up_down_delays, linkbeat_interfaces: from drafts to what the VRRP process
// gets.

import type { Span } from "../text/source.js";
import type {
  GarpGroupConfig,
  InterfaceDelayConfig,
  LinkbeatConfig,
  VrrpConfig,
  VrrpInstanceConfig,
} from "./config.js";
import type { GarpGroupDraft, InterfaceDelayDraft } from "./draft-groups.js";
import { shorten } from "./keyword.js";
import { hasLink, type LinkContext } from "./link-context.js";
import { formatSeconds } from "./number.js";

export function linkGroups(
  context: LinkContext,
  instances: readonly VrrpInstanceConfig[],
): Pick<VrrpConfig, "garpGroups" | "interfaceDelays" | "linkbeat"> {
  return {
    garpGroups: linkGarpGroups(context),
    interfaceDelays: linkInterfaceDelays(context, instances),
    linkbeat: linkLinkbeat(context),
  };
}

/** An interface belongs to the first group that names it; a group that says nothing is dropped. */
function linkGarpGroups(context: LinkContext): GarpGroupConfig[] {
  const owner = "garp_group";
  const taken = new Map<string, Span>();
  return context.root.groups.garpGroups.flatMap((draft) => {
    const { garpIntervalUs, gnaIntervalUs } = draft;
    if (garpIntervalUs === undefined && gnaIntervalUs === undefined) {
      reportIdle(context, draft, "error", "garp_interval or gna_interval");
      return [];
    }
    const interfaces = draft.interfaces.flatMap(({ value, span }) => {
      if (!hasLink({ ...context, owner }, value, span)) return [];
      const earlier = taken.get(value);
      if (earlier === undefined) {
        taken.set(value, span);
        return [value];
      }
      context.report(span, {
        severity: "error",
        code: "INTERFACE_IN_TWO_GROUPS",
        message: `Cannot use "${value}" in a garp_group twice; the second is ignored`,
        hint: `the first stands in ${earlier.file.path}:${earlier.line}`,
      });
      return [];
    });
    if (interfaces.length === 0) {
      reportIdle(context, draft, "hint", "interface or interfaces");
      return [];
    }
    return [
      {
        interfaces,
        ...(garpIntervalUs === undefined ? {} : { garpIntervalUs: garpIntervalUs.value }),
        ...(gnaIntervalUs === undefined ? {} : { gnaIntervalUs: gnaIntervalUs.value }),
      },
    ];
  });
}

function reportIdle(
  { report }: LinkContext,
  { span }: GarpGroupDraft,
  severity: "error" | "hint",
  keyword: string,
): void {
  report(span, {
    severity,
    code: "MISSING_KEYWORD",
    message: `Cannot use garp_group without ${keyword}; it is left out`,
  });
}

/** How long the instances of an interface wait for adverts, less one skew of the owner. */
interface Patience {
  /** A delay must be shorter. */
  readonly limitUs: number;
  readonly insteadUs: number;
  readonly instance: string;
}

function linkInterfaceDelays(
  context: LinkContext,
  instances: readonly VrrpInstanceConfig[],
): InterfaceDelayConfig[] {
  const patience = new Map<string, Patience>();
  for (const each of instances) {
    const own = patienceOf(each);
    const other = patience.get(each.interface);
    if (other === undefined || own.limitUs < other.limitUs) patience.set(each.interface, own);
  }
  return [...context.root.groups.interfaceDelays.values()].flatMap((draft) => {
    const { interface: name, span } = draft;
    const owner = "interface_up_down_delays";
    if (!hasLink({ ...context, owner }, name, span)) return [];
    const lower = (delayUs: number, what: string): number =>
      lowered(context, draft, delayUs, what, patience.get(name));
    const downDelayUs = lower(draft.downDelayUs, "down");
    return [{ interface: name, downDelayUs, upDelayUs: lower(draft.upDelayUs, "up") }];
  });
}

/** keepalived lowers to what is left of the limit after 1/256 of the interval. */
function patienceOf({ name, downTimerAdverts, advertIntervalUs }: VrrpInstanceConfig): Patience {
  const limitUs = (downTimerAdverts - 1) * advertIntervalUs;
  const insteadUs = Math.max(0, limitUs - Math.floor(advertIntervalUs / 256));
  return { limitUs, insteadUs, instance: name };
}

function lowered(
  { report }: LinkContext,
  { interface: name, span }: InterfaceDelayDraft,
  delayUs: number,
  what: string,
  patience: Patience | undefined,
): number {
  if (delayUs === 0 || patience === undefined || delayUs < patience.limitUs) return delayUs;
  const { limitUs, insteadUs, instance } = patience;
  const delay = `${formatSeconds(delayUs)} s as the ${what} delay of "${name}"`;
  const of = `of vrrp_instance "${shorten(instance)}"`;
  const limit = `${formatSeconds(limitUs)} s, (down_timer_adverts - 1) * advert_int`;
  report(span, {
    severity: "hint",
    code: "DELAY_LOWERED",
    message: `Cannot use ${delay}; ${formatSeconds(insteadUs)} s is used`,
    expected: limitUs === 0 ? `0, for down_timer_adverts ${of} is 1` : `less than ${limit} ${of}`,
  });
  return insteadUs;
}

function linkLinkbeat(context: LinkContext): LinkbeatConfig[] {
  return [...context.root.groups.linkbeat.values()].flatMap(({ span, ...config }) => {
    const { interface: name } = config;
    if (!hasLink({ ...context, owner: "linkbeat_interfaces" }, name, span)) return [];
    if (context.host.isVmac?.(name) !== true) return [config];
    context.report(span, {
      severity: "hint",
      code: "VMAC_NOT_POLLED",
      message: `Cannot poll the VMAC "${name}" in linkbeat_interfaces; the line is ignored`,
      hint: "the kernel always tells the state of such an interface",
    });
    return [];
  });
}
