// From a command as written to one that can be run: user and group found, path looked at. Follows
// keepalived's core/notify.c (notify_script_init, check_script_secure). A script that cannot run is
// left out with a report; the object that names it stays.

import type { Located } from "../text/source.js";
import type { ScriptConfig } from "./config-script.js";
import type { LinkContext } from "./link-context.js";
import type { ScriptDraft } from "./script.js";

const rootUser = "root";

/**
 * The script of `what` ("notify_master in vrrp_instance VI_1"), or undefined when it is left out.
 */
export function linkScript(
  context: LinkContext,
  draft: Located<ScriptDraft> | undefined,
  what: string,
): ScriptConfig | undefined {
  if (draft === undefined) return undefined;
  const { argv, user, group } = draft.value;
  const [path = ""] = argv;
  if (path === "") {
    context.report(draft.span, {
      severity: "error",
      code: "SCRIPT_NOT_FOUND",
      message: `Cannot run ${what}: the command is empty; it is left out`,
    });
    return undefined;
  }
  const name = user?.value ?? rootUser;
  return { argv, user: name, ...(group === undefined ? {} : { group: group.value }) };
}
