// The keywords of vrrp_instance that are acted on. Ranges and what a bad value becomes follow
// keepalived's vrrp/vrrp_parser.c; how the values work together the linker decides.

import { usPerSecond } from "../base/units.js";
import type { Statement } from "../text/ast.js";
import type { Located } from "../text/source.js";
import { addressLines, interfaceNameMax, isInterfaceName } from "./address-line.js";
import type { ConfigDraft, InstanceDraft } from "./draft.js";
import { emptyReferences } from "./draft-track.js";
import {
  address,
  boolean,
  flag,
  ignored,
  integer,
  readBoolean,
  reject,
  seconds,
  store,
  word,
} from "./forms.js";
import { delaySecondsMax, positive, readMulticast, unsignedMax } from "./global-defs.js";
import { firstWord, type Keywords, ownerName, type Scope } from "./keyword.js";
import { routeLines, ruleLines } from "./route-lists.js";
import { section } from "./sections.js";
import { trackLists } from "./track-lists.js";

/** PASS has room for 8 bytes (RFC 2338 section 5.3.6). */
const passwordBytesMax = 8;

export const authenticationKeywords: Keywords<InstanceDraft> = {
  auth_type: word("{PASS|AH}", bindAuthenticationType),
  auth_pass: word("<up to 8 characters>", bindPassword),
};

const nameMax = 255;
const skipped = "the block is skipped";

const delay = { from: 0, to: delaySecondsMax * usPerSecond };

export const instanceKeywords: Keywords<InstanceDraft> = {
  state: { ...word("{MASTER|BACKUP}", bindState), isRepeatable: true },
  interface: word("<interface>", bindInterface),
  virtual_router_id: integer("virtualRouterId", { from: 1, to: 255 }),
  priority: integer("priority", { from: 1, to: 255, instead: 100 }),
  version: integer("version", { from: 2, to: 3 }),
  advert_int: seconds("advertIntervalUs", { from: 10_000, to: 255 * usPerSecond }),
  preempt: flag("nopreempt", false),
  nopreempt: flag("nopreempt"),
  preempt_delay: seconds("preemptDelayUs", { from: 0, to: 1000 * usPerSecond, instead: 0 }),
  authentication: section({
    keywords: authenticationKeywords,
    open: (scope) => ({ ...scope, path: `${scope.path}/authentication` }),
  }),
  virtual_ipaddress: addressLines("virtualAddresses", (draft) => draft.addresses),
  virtual_ipaddress_excluded: addressLines("excludedAddresses", (draft) => draft.excluded),
  virtual_routes: routeLines(),
  virtual_rules: ruleLines(),
  no_virtual_ipaddress: flag("mayHaveNoAddress"),
  mcast_src_ip: address("sourceAddress"),
  unicast_src_ip: address("unicastSourceAddress"),
  mcast_dst_ip: word("<multicast address>", (scope, statement) => {
    store(scope, "multicastGroup", readMulticast(scope, statement, undefined), statement);
  }),
  dont_track_primary: flag("dontTrackPrimary"),
  ...trackLists,
  garp_master_delay: seconds("garpMasterDelayUs", delay),
  garp_master_repeat: positive("garpMasterRepeat"),
  garp_master_refresh: seconds("garpMasterRefreshUs", {
    from: 0,
    to: unsignedMax * usPerSecond,
    instead: 0,
  }),
  garp_master_refresh_repeat: positive("garpMasterRefreshRepeat"),
  garp_lower_prio_delay: seconds("garpLowerPriorityDelayUs", delay),
  garp_lower_prio_repeat: integer("garpLowerPriorityRepeat", { from: 0, to: 2147483647 }),
  lower_prio_no_advert: boolean("lowerPriorityNoAdvert"),
  higher_prio_send_advert: boolean("higherPrioritySendAdvert"),
  down_timer_adverts: integer("downTimerAdverts", { from: 1, to: 100 }),
  owner_ignore_adverts: boolean("ownerIgnoreAdverts"),
  skip_check_adv_addr: { ...boolean("skipCheckAdvertAddresses"), bind: bindSkipCheck },
};

/** The keywords of the top level that belong to the VRRP process. */
export const vrrpTopKeywords: Keywords<ConfigDraft> = {
  vrrp_instance: section({
    form: "<name>",
    words: { min: 1, max: 1 },
    keywords: instanceKeywords,
    open: openInstance,
    close: (scope, { draft }) => scope.draft.instances.set(draft.name, draft),
  }),
};

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
    draft.state = { value: "BACKUP", span: first.span };
  } else if (first.value === "BACKUP" && draft.state?.value === "MASTER") {
    reject(scope, statement, first, "one state", "the state MASTER from above is used");
  } else draft.state = { value: first.value, span: first.span };
}

function bindInterface(scope: Scope<InstanceDraft>, statement: Statement): void {
  const first = firstWord(statement);
  if (isInterfaceName(first.value) && first.value !== "lo") {
    store(scope, "interface", first.value, statement);
  } else {
    const expected = `an interface other than lo, of 1 to ${interfaceNameMax} characters`;
    reject(scope, statement, first, expected, ignored);
  }
}

function bindAuthenticationType(scope: Scope<InstanceDraft>, statement: Statement): void {
  const first = firstWord(statement);
  if (first.value === "PASS" || first.value === "AH") {
    store(scope, "authenticationType", first.value, statement);
    return;
  }
  // The word may be a password on the wrong line, so it is not quoted.
  scope.diagnostics.report(first.span, {
    severity: "error",
    code: "INVALID_VALUE",
    message: `Cannot use this auth_type in ${scope.owner}; ${ignored}`,
    expected: "PASS or AH, in capitals",
    isSecret: true,
  });
}

/** Takes the password as bytes: it goes on the wire as it stands in the file. */
function bindPassword(scope: Scope<InstanceDraft>, statement: Statement): void {
  const first = firstWord(statement);
  const bytes = Buffer.from(first.value, first.span.file.encoding);
  if (bytes.length > passwordBytesMax) {
    scope.diagnostics.report(first.span, {
      severity: "error",
      code: "PASSWORD_TRUNCATED",
      message: `Cannot use all of auth_pass in ${scope.owner}; its first 8 bytes are used`,
      expected: `at most ${passwordBytesMax} characters`,
    });
  }
  const used = bytes.subarray(0, passwordBytesMax);
  const password: Located<string> = { value: used.toString("hex"), span: first.span };
  scope.draft.password = password;
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
