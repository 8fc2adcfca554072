// Checks that keepalived does not make: what is sound by its grammar and will not do what its
// author expects. All of them are hints; a comment `# keepalived-ts: silence CODE` answers one.
// docs/diagnostics/ has a page for each.

import type { Config } from "./config.js";
import type { LinkContext } from "./link-context.js";
import { lintServers } from "./lint-checker.js";
import { lintSyncGroups } from "./lint-groups.js";
import { lintMail } from "./lint-mail.js";
import { lintScripts } from "./lint-scripts.js";
import { lintInstance } from "./lint-vrrp.js";
import { WeightLint } from "./lint-weights.js";

/**
 * Reports what looks like a mistake in a configuration that was built. Says nothing of what an
 * error was reported in: that may be all that is wrong with it.
 */
export function lintConfig(context: LinkContext, config: Config): void {
  const groups = config.vrrp?.syncGroups ?? [];
  const groupOf = new Map(groups.flatMap((group) => group.members.map((name) => [name, group])));
  const statics = new Set(config.vrrp?.statics.addresses.map(({ address }) => address));
  const weights = new WeightLint(context);
  for (const instance of config.vrrp?.instances ?? []) {
    const draft = context.root.instances.get(instance.name);
    if (draft === undefined || context.root.flawed.has(draft)) continue;
    lintInstance(context, instance, draft, statics);
    weights.check(instance, draft, groupOf.get(instance.name));
  }
  lintSyncGroups(context, config);
  lintScripts(context, config);
  lintServers(context, config);
  lintMail(context, config);
}
