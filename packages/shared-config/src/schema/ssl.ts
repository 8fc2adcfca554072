// The keywords of SSL: one context for every SSL_GET. Files are only named here; the checker reads
// them. Lines of this block are never shown, since one of them is a pass phrase.

import type { Statement } from "../text/ast.js";
import type { CheckerConfig, SslConfig } from "./config.js";
import type { ConfigDraft, SslDraft } from "./draft.js";
import { text } from "./forms.js";
import { innerScope, type Keywords, printBlock, type Rule, type Scope } from "./keyword.js";
import { section } from "./sections.js";

const sslKeywords: Keywords<SslDraft> = {
  password: replacing("password"),
  ca: replacing("ca"),
  certificate: replacing("certificate"),
  key: replacing("key"),
};

/** The keyword of the top level. */
export function sslSection(): Rule<ConfigDraft> {
  return section({
    keywords: sslKeywords,
    open: (scope) => innerScope(scope, "SSL", "SSL", scope.draft.ssl),
    print: (keyword, config) => {
      const ssl = (config["checker"] as CheckerConfig | undefined)?.ssl ?? {};
      const block = printBlock(sslKeywords, ssl);
      return block.length === 0 ? [] : [{ keyword, words: [], block }];
    },
  });
}

/** A later line counts, and keepalived complains of it (check/check_ssl.c). */
function replacing(field: keyof SslConfig): Rule<SslDraft> {
  const rule = text<SslDraft>(field);
  const bind = (scope: Scope<SslDraft>, statement: Statement): void => {
    const earlier = scope.draft[field];
    if (earlier !== undefined) {
      scope.diagnostics.report(statement.keyword.span, {
        severity: "error",
        code: "REPEATED_KEYWORD",
        message: `Cannot use ${field} twice in SSL: the later line counts`,
        hint: `the first stands in ${earlier.span.file.path}:${earlier.span.line}`,
        isSecret: true,
      });
    }
    rule.bind(scope, statement);
  };
  return { ...rule, isRepeatable: true, bind };
}
