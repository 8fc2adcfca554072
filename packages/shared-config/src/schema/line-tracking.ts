// What a route or a rule needs to be watched: interfaces, keepalived's own protocol number, the
// track_group that is told of its loss.

import type { Word } from "../text/ast.js";
import type { Located } from "../text/source.js";
import { isInterfaceName } from "./address-line.js";
import type { LineWords } from "./line-words.js";

/** RTPROT_KEEPALIVED of linux/rtnetlink.h. */
export const protocolKeepalived = 18;

/** The interface after `option`, also put into `links` for the linker to look for. */
export function readLinkName(
  words: LineWords,
  option: Word,
  links: Located<string>[],
): string | undefined {
  const value = words.valueOf(option);
  if (value === undefined) return undefined;
  if (!isInterfaceName(value.value)) {
    return words.reject(option, value, "an interface, whose name has 1 to 15 characters");
  }
  links.push({ value: value.value, span: value.span });
  return value.value;
}

/**
 * The group after `option`, or undefined after a report: it must be defined above. `first` is an
 * earlier track_group of the line; virtual lines have none.
 */
export function readTrackGroup(
  words: LineWords,
  option: Word,
  isStatic: boolean,
  first: Word | undefined,
): string | undefined {
  if (!isStatic) return words.drop(option, "UNKNOWN_OPTION", "track_group is for static ones only");
  if (first !== undefined) {
    return words.drop(option, "REPEATED_KEYWORD", "track_group stands twice");
  }
  const value = words.valueOf(option);
  if (value === undefined) return undefined;
  if (words.scope.root.statics.trackGroups.has(value.value)) return value.value;
  words.complain(option, value, "the name of a track_group that stands above", "it is ignored");
  return undefined;
}

/** Only routes and rules of protocol 18 are recognized as keepalived's own, and so tracked. */
export function checkProtocol(
  words: LineWords,
  at: Word | undefined,
  fields: { protocol?: number; readonly isTracked?: boolean },
): void {
  const { protocol, isTracked = true } = fields;
  if (at === undefined || !isTracked || protocol === undefined) return;
  if (protocol === protocolKeepalived) return;
  words.tell(at, {
    severity: "error",
    code: "CONFLICT",
    message: `Cannot use protocol "${at.value}" in ${words.place}; ${protocolKeepalived} is used`,
    hint: "another protocol than keepalived's goes only with no_track",
  });
  fields.protocol = protocolKeepalived;
}

export function tellUntrackable(words: LineWords, at: Word, needs: string): void {
  words.tell(at, {
    severity: "error",
    code: "CONFLICT",
    message: `Cannot use track_group in ${words.place} without ${needs}; it is ignored`,
  });
}
