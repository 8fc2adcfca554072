// Keeps passwords and keys out of what is shown of the user's text. Errs on the side of hiding:
// a mistyped `auth_pas` is treated as what it was meant to be.

import { editDistance } from "../base/edit-distance.js";
import { splitWords, trimBlanks } from "./words.js";

/** Keywords that are followed by a secret, or by a block in which one stands. */
const secretKeywords: readonly string[] = [
  ...["authentication", "auth_pass", "auth_hmac", "key", "password", "smtp_auth"],
];

export const concealed = "********";

/** Whether what a definition or variable of that name stands for may be a secret. */
export function isSecretName(name: string): boolean {
  return /pass|pw|secret|key|auth|hmac/i.test(name);
}

/** What gives values to names: a definition, or a list with its variables. */
const givers: readonly RegExp[] = [/^[^#!"=]*\$(\w+)=/, /~LST[ \t]*\(([ \t]*\{[^}]*\}|[^,]*)/];

/** What is known to be secret in a line beside what the line itself shows. */
export interface KnownSecret {
  /** Offset of the first character to conceal. */
  readonly from: number;
  /** The line is a definition or list: all that it gives may be a secret. */
  readonly isGiver: boolean;
}

/** `line` with all replaced from where the first secret may stand. */
export function concealSecrets(line: string, known?: KnownSecret): string {
  const end = Math.min(secretStart(line), known?.from ?? line.length, givenStart(line, known));
  return trimBlanks(line.slice(end)) === "" ? line : `${line.slice(0, end)} ${concealed}`;
}

/** Where what follows a keyword or name that takes a secret starts, or the end of `line`. */
export function secretStart(line: string): number {
  return Math.min(...givers.map((giver) => giverEnd(giver, line)), keywordEnd(line));
}

/** Where what a definition or list gives starts; a further line of a definition gives it all. */
function givenStart(line: string, known: KnownSecret | undefined): number {
  if (known?.isGiver !== true) return line.length;
  const ends = givers.flatMap((giver) => {
    const match = giver.exec(line);
    return match === null ? [] : [match.index + match[0].length];
  });
  return ends.length === 0 ? 0 : Math.min(...ends);
}

function giverEnd(giver: RegExp, line: string): number {
  const match = giver.exec(line);
  const isSecretGiver = match !== null && isSecretName(match[1] ?? "");
  return isSecretGiver ? match.index + match[0].length : line.length;
}

function keywordEnd(line: string): number {
  const opener = splitWords(line).find((piece) => piece.kind === "word" && isSecret(piece.value));
  return opener?.end ?? line.length;
}

/** Whether a secret follows `word` wherever it stands. */
export function isSecretKeyword(word: string): boolean {
  return secretKeywords.includes(word);
}

/** Whether anything in a block that `keyword` opens may be a secret. */
export function opensSecrets(keyword: string): boolean {
  return keyword === "SSL" || isSecret(keyword);
}

/** Whether anything in the block at `path` may be a secret. */
export function isSecretBlock(path: string): boolean {
  return /(^|\/)(authentication|auth_hmac|SSL)($|\/)/.test(path);
}

/** A file has many lines and few keywords. */
const judged = new Map<string, boolean>();
const judgedMax = 4096;

/** Whether the words that follow `keyword` may be a secret. */
export function isSecret(keyword: string): boolean {
  const known = judged.get(keyword);
  if (known !== undefined) return known;
  const verdict = secretKeywords.some((secret) => {
    const tolerance = secret.length > 4 ? 2 : 0;
    return editDistance(keyword, secret, tolerance) <= tolerance;
  });
  if (judged.size >= judgedMax) judged.clear();
  judged.set(keyword, verdict);
  return verdict;
}
