// The block vrrp_instance: who it is, what it holds, how it answers; the keywords of its other
// areas stand in vrrp-*.ts. Ranges and what a bad value becomes follow keepalived's
// vrrp/vrrp_parser.c; how the values work together the linker decides.

import type { Statement } from "../text/ast.js";
import { addressLines, interfaceNameMax, isInterfaceName } from "./address-line.js";
import type { Config, VrrpInstanceConfig } from "./config.js";
import type { ConfigDraft, InstanceDraft } from "./draft.js";
import { emptyReferences } from "./draft-track.js";
import {
  alias,
  boolean,
  deprecated,
  flag,
  ignored,
  integer,
  later,
  misspelt,
  oneWord,
  printWord,
  readBoolean,
  readNumber,
  reject,
  store,
  word,
} from "./forms.js";
import {
  firstWord,
  type Keywords,
  ownerName,
  printBlock,
  type Rule,
  type Scope,
} from "./keyword.js";
import { parseInteger } from "./number.js";
import { type Printable, type PrintedStatement, quoteWord } from "./printed.js";
import { routeLines, ruleLines } from "./route-lists.js";
import { section, withOneName } from "./sections.js";
import { trackLists } from "./track-lists.js";
import { authenticationKeywords } from "./vrrp-authentication.js";
import { notifyKeywords } from "./vrrp-notify.js";
import { timerKeywords } from "./vrrp-timers.js";
import { sourceKeywords } from "./vrrp-unicast.js";
import { vmacKeywords } from "./vrrp-vmac.js";

const nameMax = 255;
const versions = { from: 2, to: 3 };
const unsignedMax = 4294967295;
const debugMax = 4;
const skipped = "the block is skipped";

const promoteSecondaries: Rule<InstanceDraft> = flag("promoteSecondaries");

const polling: Rule<InstanceDraft> = flag("linkbeatUsePolling");

/** Interfaces of the instance's own, adverts and their authentication come before addresses. */
export const instanceKeywords: Keywords<InstanceDraft> = {
  state: {
    ...word<InstanceDraft>("{MASTER|BACKUP}", bindState, printWord("wantedState", String)),
    isRepeatable: true,
  },
  interface: word("<interface>", bindInterface, printInterface),
  vrf: {
    ...word<InstanceDraft>("<interface>", bindVrf, printWord("vrf", quoteWord)),
    isRepeatable: true,
  },
  ...vmacKeywords,
  native_ipv6: {
    ...flag<InstanceDraft>("nativeIpv6"),
    bind: bindNativeIpv6,
    print: printNativeIpv6,
  },
  version: { ...integer("version", versions), bind: bindVersion, isRepeatable: true },
  virtual_router_id: integer("virtualRouterId", { from: 1, to: 255 }),
  priority: integer("basePriority", { from: 1, to: 255, instead: 100 }),
  strict_mode: boolean("strictMode"),
  ...timerKeywords,
  ...sourceKeywords,
  ...authenticationKeywords,
  v3_checksum_as_v2: boolean("v3ChecksumAsV2"),
  accept: flag("acceptMode"),
  no_accept: flag("acceptMode", false),
  skip_check_adv_addr: {
    ...boolean("skipCheckAdvertAddresses"),
    bind: bindSkipCheck,
    print: printSkipCheck,
  },
  owner_ignore_adverts: { ...boolean("ownerIgnoreAdverts"), print: printOwnerIgnoreAdverts },
  virtual_ipaddress: addressLines("virtualAddresses", (draft) => draft.addresses),
  virtual_ipaddress_excluded: addressLines("excludedAddresses", (draft) => draft.excluded),
  virtual_routes: routeLines(),
  virtual_rules: ruleLines(),
  no_virtual_ipaddress: flag("mayHaveNoAddress"),
  promote_secondaries: promoteSecondaries,
  prompte_secondaries: alias(
    "promote_secondaries",
    promoteSecondaries,
    misspelt("promote_secondaries"),
  ),
  dont_track_primary: flag("trackPrimary", false),
  ...trackLists,
  linkbeat_use_polling: { ...polling, bind: bindPolling },
  ...notifyKeywords,
  lvs_sync_daemon_interface: later(
    { ...word<InstanceDraft>("<interface>", bindSyncInterface), isRepeatable: true },
    { consequence: "IPVS connections are not synchronised" },
  ),
  kernel_rx_buf_size: {
    ...oneWord,
    form: `<0..${unsignedMax}>`,
    wordsMin: 0,
    wordsMax: 2,
    bind: bindReceiveBuffer,
    print: printWord("kernelReceiveBufferBytes", String),
  },
  debug: word(
    `<0..${debugMax}>`,
    (scope, statement) => {
      const limits = { from: 0, to: debugMax, instead: 0 };
      const value = readNumber(scope, statement, parseInteger, limits, String);
      store(scope, "debugLevel", value, statement);
    },
    printWord("debugLevel", String),
  ),
};

/** The keywords of the top level that belong to the VRRP process. */
export const vrrpTopKeywords: Keywords<ConfigDraft> = {
  vrrp_instance: withOneName(
    "vrrp_instance",
    section({
      form: "<name>",
      words: { min: 1, max: 1 },
      keywords: instanceKeywords,
      open: openInstance,
      close: (scope, { draft }) => scope.draft.instances.set(draft.name, draft),
      print: (keyword, config) => printInstances(keyword, config as unknown as Config),
    }),
  ),
};

function printInstances(keyword: string, { vrrp, global }: Config): PrintedStatement[] {
  const { skipCheckAdvertAddresses: isSkippedByDefault } = global as Partial<VrrpInstanceConfig>;
  return (vrrp?.instances ?? []).map((instance) => ({
    keyword,
    words: [quoteWord(instance.name)],
    block: printBlock(instanceKeywords, { ...instanceView(instance), isSkippedByDefault }),
  }));
}

/** The fields of an instance as its keywords name them: those of garp beside the others. */
function instanceView(instance: VrrpInstanceConfig): Printable {
  const { garp } = instance;
  return {
    ...instance,
    garpMasterDelayUs: garp.masterDelayUs,
    garpMasterRepeat: garp.masterRepeat,
    garpMasterRefreshUs: garp.masterRefreshUs,
    garpMasterRefreshRepeat: garp.masterRefreshRepeat,
    garpLowerPriorityDelayUs: garp.lowerPriorityDelayUs,
    garpLowerPriorityRepeat: garp.lowerPriorityRepeat,
  };
}

function openInstance(
  scope: Scope<ConfigDraft>,
  statement: Statement,
): Scope<InstanceDraft> | undefined {
  const name = firstWord(statement).value;
  if (name === "" || name.length > nameMax) {
    reject(scope, statement, firstWord(statement), `1 to ${nameMax} characters`, skipped);
    return undefined;
  }
  const earlier = scope.draft.instances.get(name);
  if (earlier !== undefined) {
    scope.diagnostics.report(firstWord(statement).span, {
      severity: "error",
      code: "DUPLICATE_NAME",
      message: `Cannot define vrrp_instance "${name}" twice; this block is skipped`,
      hint: `the first stands in ${earlier.span.file.path}:${earlier.span.line}`,
    });
    return undefined;
  }
  const draft: InstanceDraft = {
    name,
    span: firstWord(statement).span,
    unicastPeers: [],
    addresses: [],
    excluded: [],
    track: emptyReferences(),
  };
  return { ...scope, path: "vrrp_instance", owner: ownerName(statement), draft };
}

function bindState(scope: Scope<InstanceDraft>, statement: Statement): void {
  const first = firstWord(statement);
  const { draft } = scope;
  if (first.value !== "MASTER" && first.value !== "BACKUP") {
    reject(scope, statement, first, "MASTER or BACKUP, in capitals", "BACKUP is used");
    draft.wantedState = { value: "BACKUP", span: first.span };
  } else if (first.value === "BACKUP" && draft.wantedState?.value === "MASTER") {
    reject(scope, statement, first, "one state", "the state MASTER from above is used");
  } else draft.wantedState = { value: first.value, span: first.span };
}

/** The statement's interface, or undefined after a report. */
function readInterface(scope: Scope<InstanceDraft>, statement: Statement): string | undefined {
  const first = firstWord(statement);
  if (isInterfaceName(first.value) && first.value !== "lo") return first.value;
  const expected = `an interface other than lo, of 1 to ${interfaceNameMax} characters`;
  reject(scope, statement, first, expected, ignored);
  return undefined;
}

function bindInterface(scope: Scope<InstanceDraft>, statement: Statement): void {
  store(scope, "interface", readInterface(scope, statement), statement);
}

function printInterface(keyword: string, config: Printable): PrintedStatement[] {
  const name = String(config["interface"]);
  return name === "" ? [] : [{ keyword, words: [quoteWord(name)] }];
}

function bindVrf(scope: Scope<InstanceDraft>, statement: Statement): void {
  const name = readInterface(scope, statement);
  if (scope.draft.vrf === undefined) store(scope, "vrf", name, statement);
  else if (name !== undefined) reject(scope, statement, firstWord(statement), "one VRF", ignored);
}

/** The first one counts, native_ipv6 included. */
function bindVersion(scope: Scope<InstanceDraft>, statement: Statement): void {
  const value = readNumber(scope, statement, parseInteger, versions, String);
  const earlier = scope.draft.version;
  if (earlier === undefined || value === undefined) store(scope, "version", value, statement);
  else if (earlier.value !== value) {
    const instead = `the version ${earlier.value} from above is used`;
    reject(scope, statement, firstWord(statement), "one version", instead);
  }
}

/** It means version 3 too; keepalived says nothing of a version 2 above it. */
function bindNativeIpv6(scope: Scope<InstanceDraft>, statement: Statement): void {
  const { draft, owner, diagnostics } = scope;
  const { span } = statement.keyword;
  // Once is enough, and the addresses are looked at once.
  if (draft.nativeIpv6 !== undefined) return;
  if (draft.addresses.some((each) => each.family === 4)) {
    diagnostics.report(span, {
      severity: "error",
      code: "CONFLICT",
      message: `Cannot use native_ipv6 with IPv4 addresses in ${owner}; it is ignored`,
    });
    return;
  }
  if (draft.version?.value === 2) {
    diagnostics.report(draft.version.span, {
      severity: "hint",
      code: "CONFLICT",
      message: `Cannot use version 2 together with native_ipv6 in ${owner}; version 3 is used`,
    });
  }
  draft.version = { value: 3, span };
  store(scope, "nativeIpv6", true, statement);
}

function printNativeIpv6(keyword: string, config: Printable): PrintedStatement[] {
  return config["family"] === 6 && config["version"] === 3 ? [{ keyword, words: [] }] : [];
}

/** keepalived turns this on whatever the boolean says; off is taken at its word here. */
function bindSkipCheck(scope: Scope<InstanceDraft>, statement: Statement): void {
  const value = readBoolean(scope, statement);
  store(scope, "skipCheckAdvertAddresses", value, statement);
  if (value !== false) return;
  scope.diagnostics.report(statement.keyword.span, {
    severity: "hint",
    code: "DIFFERS_FROM_KEEPALIVED",
    message: `Cannot follow keepalived in ${scope.owner}: it reads any boolean here as on`,
    hint: "off is taken at its word; leave the line out to mean the same to both",
  });
}

/** Off is what saying nothing means, unless global_defs says on. */
function printSkipCheck(keyword: string, config: Printable): PrintedStatement[] {
  if (config["skipCheckAdvertAddresses"] === true) return [{ keyword, words: ["on"] }];
  return config["isSkippedByDefault"] === true ? [{ keyword, words: ["off"] }] : [];
}

/** An owner that hears adverts is written by saying nothing: off would be turned into on. */
function printOwnerIgnoreAdverts(keyword: string, config: Printable): PrintedStatement[] {
  const isOn = config["ownerIgnoreAdverts"] === true;
  if (config["basePriority"] === 255 && !isOn) return [];
  return [{ keyword, words: [isOn ? "on" : "off"] }];
}

function bindPolling(scope: Scope<InstanceDraft>, statement: Statement): void {
  deprecated<InstanceDraft>("linkbeat_interfaces { <interface> } at the top level")(
    scope,
    statement,
  );
  polling.bind(scope, statement);
}

/** An old way to say lvs_sync_daemon with this instance; the first of both counts. */
function bindSyncInterface(scope: Scope<InstanceDraft>, statement: Statement): void {
  const { draft, root } = scope;
  const { value, span } = firstWord(statement);
  const target = `lvs_sync_daemon ${value} inst ${draft.name} in global_defs`;
  deprecated<InstanceDraft>(target)(scope, statement);
  const device = readInterface(scope, statement);
  if (device === undefined) return;
  const { lvs } = root.global;
  if (lvs.syncDaemon !== undefined) {
    const instead = `${lvs.syncDaemon.value.interface} from above is used`;
    reject(scope, statement, firstWord(statement), "one lvs_sync_daemon", instead);
    return;
  }
  const instance = { value: draft.name, span: draft.span };
  lvs.syncDaemon = { value: { interface: device, instance }, span };
}

/** keepalived wants one number and nothing else, and goes on without it. */
function bindReceiveBuffer(scope: Scope<InstanceDraft>, statement: Statement): void {
  const [first, surplus] = statement.words;
  if (first === undefined) {
    scope.diagnostics.report(statement.keyword.span, {
      severity: "error",
      code: "MISSING_WORD",
      message: `Cannot use kernel_rx_buf_size in ${scope.owner}; ${ignored}`,
      expected: `a number, 0 to ${unsignedMax}`,
    });
    return;
  }
  const parsed = parseInteger(first.value);
  const isNumber = parsed?.rest === "" && parsed.value >= 0 && parsed.value <= unsignedMax;
  if (isNumber && surplus === undefined) {
    store(scope, "kernelReceiveBufferBytes", parsed.value, statement);
  } else reject(scope, statement, surplus ?? first, `one number, 0 to ${unsignedMax}`, ignored);
}
