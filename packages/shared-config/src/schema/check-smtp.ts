// SMTP_CHECK. Each `host` block is read as documents describe it, a check of its own that takes
// over what it does not say from the block around it; keepalived since 2.2 applies its keywords to
// the block around it and adds a check that cannot pass (check/check_smtp.c smtp_host_handler).

import type { Statement } from "../text/ast.js";
import { connectionKeywords } from "./check-options.js";
import type { SmtpCheckDraft, SmtpHostDraft } from "./draft-checker.js";
import { text } from "./forms.js";
import { innerScope, type Keywords, type Scope } from "./keyword.js";
import { section } from "./sections.js";

export const smtpKeywords: Keywords<SmtpCheckDraft> = {
  ...connectionKeywords,
  helo_name: text("heloName"),
  host: section({
    keywords: connectionKeywords,
    open: openHost,
    close: (scope, { draft }) => scope.draft.hosts.push(draft),
  }),
};

function openHost(scope: Scope<SmtpCheckDraft>, { keyword }: Statement): Scope<SmtpHostDraft> {
  const { span } = keyword;
  scope.diagnostics.report(span, {
    severity: "hint",
    code: "DIFFERS_FROM_KEEPALIVED",
    message: `Cannot follow keepalived in host of ${scope.owner}: its check could never pass`,
    hint: "each host is a check of its own here; write an SMTP_CHECK for each to mean it to both",
  });
  return innerScope(scope, `${scope.path}/host`, `host of ${scope.owner}`, { span });
}
