// `<address> [<port>]`, by which virtual servers, real servers, sorry servers and lines of a group
// name what they stand for. Names are not looked up: an answer of DNS must not move a service.

import { canonicalIp } from "../base/ip.js";
import type { Statement, Word } from "../text/ast.js";
import type { Located } from "../text/source.js";
import { type Scope, shorten } from "./keyword.js";
import { parseInteger } from "./number.js";

export const portMax = 65535;
const endpointForm = "<IP address> [<port 1..65535>]";
export const namesHint = "names are not looked up: write the address";
const serverNamesHint = `${namesHint}, or real_server_name for what DNS says`;

export interface Endpoint {
  readonly address: string;
  /** Absent when 0 or not given. */
  readonly port: Located<number> | undefined;
}

/**
 * The endpoint that the words of a statement name, or undefined after a report that ends in
 * `skipped`.
 */
export function readEndpoint<D>(
  scope: Scope<D>,
  { keyword, words }: Statement,
  skipped: string,
): Endpoint | undefined {
  const host = words[0];
  const address = canonicalIp(host?.value ?? "");
  if (address === undefined) {
    const hint = keyword.value === "real_server" ? serverNamesHint : namesHint;
    reportEndpoint(scope, keyword, host ?? keyword, skipped, hint);
    return undefined;
  }
  const port = words[1];
  if (port === undefined) return { address, port: undefined };
  const number = readPort(port);
  if (number === undefined) {
    reportEndpoint(scope, keyword, port, skipped);
    return undefined;
  }
  return { address, port: number === 0 ? undefined : { value: number, span: port.span } };
}

/** 0 to 65535, or undefined. */
export function readPort(word: Word): number | undefined {
  const parsed = parseInteger(word.value);
  const isPort = parsed?.rest === "" && parsed.value >= 0 && parsed.value <= portMax;
  return isPort ? parsed.value : undefined;
}

function reportEndpoint<D>(
  scope: Scope<D>,
  keyword: Word,
  bad: Word,
  skipped: string,
  hint?: string,
): void {
  const quoted = bad === keyword ? "" : ` "${shorten(bad.value)}"`;
  scope.diagnostics.report(bad.span, {
    severity: "error",
    code: "INVALID_ADDRESS",
    message: `Cannot use ${keyword.value}${quoted}; ${skipped}`,
    expected: endpointForm,
    hint,
  });
}
