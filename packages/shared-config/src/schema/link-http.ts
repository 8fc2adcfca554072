// The urls of HTTP_GET and SSL_GET: whose virtualhost goes into the Host header and into the TLS
// handshake, and what regex_* keywords come to together. Follows keepalived's check/check_http.c.

import { translatePcre } from "../base/pcre.js";
import type { Located } from "../text/source.js";
import type { RegexConfig, StatusCodes, UrlConfig } from "./config-checks.js";
import type { HttpCheckDraft, RegexDraft, UrlDraft } from "./draft-checker.js";
import { givenOr, type Mutable } from "./drafted.js";
import { shorten } from "./keyword.js";
import type { ServerContext } from "./link-checker-context.js";

const success: readonly StatusCodes[] = [{ from: 200, to: 299 }];

/** The urls that have a path. */
export function linkUrls(server: ServerContext, check: HttpCheckDraft): UrlConfig[] {
  const urls: UrlConfig[] = [];
  for (const draft of check.urls) {
    if (draft.path === undefined) reportNoPath(server, draft);
    else urls.push(linkUrl(server, check, draft, draft.path.value));
  }
  return urls;
}

function linkUrl(
  server: ServerContext,
  check: HttpCheckDraft,
  draft: UrlDraft,
  path: string,
): UrlConfig {
  const own = draft.virtualHost ?? check.virtualHost;
  const ofService = server.service.draft.virtualHost;
  const virtualHost = own ?? server.draft.virtualHost ?? ofService;
  const serverName = check.sniName ?? own ?? ofService;
  const isSecure = check.kind === "SSL_GET";
  const url: Mutable<UrlConfig> = {
    path,
    statusCodes: draft.codes.length === 0 ? success : merged(draft.codes),
    tlsCompliant: isSecure && givenOr(draft.tlsCompliant ?? check.tlsCompliant, false),
  };
  if (virtualHost !== undefined) url.virtualHost = virtualHost.value;
  // The real server's virtualhost is never part of the handshake.
  const hasName = isSecure && givenOr(check.enableSni, false);
  if (hasName && serverName !== undefined) url.serverName = serverName.value;
  if (draft.digest !== undefined) url.digest = draft.digest.value;
  const regex = linkRegex(server, draft.regex);
  if (regex !== undefined) url.regex = regex;
  return url;
}

function reportNoPath({ service }: ServerContext, { span }: UrlDraft): void {
  service.context.report(span, {
    severity: "error",
    code: "MISSING_KEYWORD",
    message: `Cannot ask for this url in ${service.name}: it has no path; the url is left out`,
    hint: 'add a line "path /"',
  });
}

/** In order, without overlaps. */
function merged(codes: readonly StatusCodes[]): StatusCodes[] {
  const result: { from: number; to: number }[] = [];
  for (const { from, to } of codes.toSorted((a, b) => a.from - b.from)) {
    const last = result.at(-1);
    if (last !== undefined && from <= last.to + 1) last.to = Math.max(last.to, to);
    else result.push({ from, to });
  }
  return result;
}

function linkRegex(server: ServerContext, draft: RegexDraft): RegexConfig | undefined {
  const { pattern, noMatch, options, offsetMin, offsetMax, stack } = draft;
  if (pattern === undefined) {
    const stray = noMatch ?? options ?? offsetMin ?? offsetMax ?? stack;
    if (stray !== undefined) reportStray(server, stray);
    return undefined;
  }
  const translated = translatePcre(pattern.value, options?.value ?? []);
  if (!translated.ok) {
    reportPattern(server, pattern, translated.reason);
    return undefined;
  }
  const regex: Mutable<RegexConfig> = {
    pattern: pattern.value,
    noMatch: givenOr(noMatch, false),
    options: options?.value ?? [],
    offsetMin: givenOr(offsetMin, 0),
  };
  if (stack !== undefined) regex.stack = stack.value;
  if (offsetMax === undefined) return regex;
  if (offsetMax.value >= regex.offsetMin) regex.offsetMax = offsetMax.value;
  else {
    reportOffsets(server, offsetMax, regex.offsetMin);
    regex.offsetMin = 0;
  }
  return regex;
}

function reportStray({ service }: ServerContext, { span }: Located<unknown>): void {
  service.context.report(span, {
    severity: "hint",
    code: "CONFLICT",
    message: `Cannot use regex_* in a url of ${service.name} without regex; they are ignored`,
    hint: 'add a line "regex <pattern>"',
  });
}

function reportPattern(
  { service }: ServerContext,
  { value, span }: Located<string>,
  reason: string,
): void {
  service.context.report(span, {
    severity: "error",
    code: "BAD_PATTERN",
    message: `Cannot use regex "${shorten(value)}" in ${service.name}: ${reason}; it is ignored`,
    hint: "patterns are PCRE2's, of bytes, without references to groups",
  });
}

function reportOffsets(
  { service }: ServerContext,
  { value, span }: Located<number>,
  min: number,
): void {
  service.context.report(span, {
    severity: "hint",
    code: "CONFLICT",
    message: `Cannot use regex_max_offset ${value} in ${service.name}; both offsets are ignored`,
    expected: `${min} or more, as regex_min_offset says`,
  });
}
