// sorry_server and the two keywords that say more of it. Those must stand below it, since several
// may be written and the last counts (keepalived's check/check_parser.c).

import type { Statement } from "../text/ast.js";
import type { SorryServerConfig, VirtualServerConfig } from "./config-checker.js";
import type { SorryServerDraft, VirtualServerDraft } from "./draft-checker.js";
import { readEndpoint } from "./endpoint.js";
import { ignored, oneWord } from "./forms.js";
import { forwardingRule, forwardingWords, readForwarding } from "./forwarding.js";
import { firstWord, type Keywords, type Rule, type Scope } from "./keyword.js";
import type { PrintedStatement } from "./printed.js";

export const sorryServerKeywords: Keywords<VirtualServerDraft> = {
  sorry_server: {
    ...oneWord,
    wordsMax: 2,
    form: "<address> [<port>]",
    bind: bindServer,
    print: printServer(({ address, port }) => [address, ...(port === 0 ? [] : [String(port)])]),
  },
  sorry_server_inhibit: {
    ...oneWord,
    wordsMin: 0,
    wordsMax: 0,
    form: "",
    bind: bindInhibit,
    print: printServer(({ inhibit }) => (inhibit ? [] : undefined)),
  },
  sorry_server_lvs_method: {
    ...forwardingRule,
    bind: bindForwarding,
    print: printServer(forwardingWords),
  },
};

function bindServer(scope: Scope<VirtualServerDraft>, statement: Statement): void {
  const endpoint = readEndpoint(scope, statement, ignored);
  if (endpoint === undefined) return;
  const { address, port } = endpoint;
  const { span } = firstWord(statement);
  scope.draft.sorryServer = { address, port, span, inhibit: false, forwarding: undefined };
}

function bindInhibit(scope: Scope<VirtualServerDraft>, statement: Statement): void {
  const server = serverAbove(scope, statement);
  if (server !== undefined) server.inhibit = true;
}

function bindForwarding(scope: Scope<VirtualServerDraft>, statement: Statement): void {
  const server = serverAbove(scope, statement);
  if (server === undefined) return;
  const value = readForwarding(scope, statement);
  if (value !== undefined) server.forwarding = { value, span: firstWord(statement).span };
}

function serverAbove(
  scope: Scope<VirtualServerDraft>,
  { keyword }: Statement,
): SorryServerDraft | undefined {
  const { sorryServer } = scope.draft;
  if (sorryServer === undefined) {
    scope.diagnostics.report(keyword.span, {
      severity: "error",
      code: "CONFLICT",
      message: `Cannot find a sorry_server above ${keyword.value} in ${scope.owner}; ${ignored}`,
    });
  }
  return sorryServer;
}

/** Prints words of the sorry server; nothing when there are none. */
function printServer(
  words: (server: SorryServerConfig) => string[] | undefined,
): NonNullable<Rule<VirtualServerDraft>["print"]> {
  return (keyword, config): PrintedStatement[] => {
    const { sorryServer } = config as unknown as VirtualServerConfig;
    const printed = sorryServer === undefined ? undefined : words(sorryServer);
    return printed === undefined ? [] : [{ keyword, words: printed }];
  };
}
