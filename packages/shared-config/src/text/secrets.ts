// Keeps passwords and keys out of what is shown of the user's text. Errs on the side of hiding:
// a mistyped `auth_pas` is treated as what it was meant to be.

import { editDistance } from "../base/edit-distance.js";
import { splitWords } from "./words.js";

/** Keywords that are followed by a secret, or by a block in which one stands. */
const secretKeywords: readonly string[] = [
  ...["authentication", "auth_pass", "auth_hmac", "key", "password"],
];

const concealed = "********";

/** `line` with everything after a keyword that takes a secret replaced. */
export function concealSecrets(line: string): string {
  const opener = splitWords(line).find((piece) => piece.kind === "word" && isSecret(piece.value));
  if (opener === undefined || line.slice(opener.end).trim() === "") return line;
  return `${line.slice(0, opener.end)} ${concealed}`;
}

/** Whether anything in the block at `path` may be a secret. */
export function isSecretBlock(path: string): boolean {
  return /(^|\/)(authentication|auth_hmac|SSL)($|\/)/.test(path);
}

/** Whether the words that follow `keyword` may be a secret. */
export function isSecret(keyword: string): boolean {
  return secretKeywords.some((secret) => {
    const tolerance = secret.length > 4 ? 2 : 0;
    return editDistance(keyword, secret, tolerance) <= tolerance;
  });
}
