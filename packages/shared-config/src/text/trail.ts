// The way to a piece of text, for diagnostics: which definitions, sequences, lists and includes led
// there. Shows no value that may be a secret.

import type { SecretPlaces } from "./secret-places.js";
import { concealed, isSecretName } from "./secrets.js";
import type { Cause, Span, TrailStep } from "./source.js";

/** More steps than this tell nobody anything. */
const trailMax = 32;

/** The way to the text at `span`, innermost first; `isSecret` conceals all values on it. */
export function trailOf(span: Span, secrets: SecretPlaces, isSecret = false): TrailStep[] {
  const steps: TrailStep[] = [];
  for (let at: Span | undefined = span; at !== undefined; at = at.file.inclusion?.span) {
    for (let { cause } = at; cause !== undefined; cause = cause.outer) {
      if (steps.length >= trailMax) return steps;
      const { kind, path, line } = cause;
      steps.push({ kind, path, line, text: causeText(cause, secrets, isSecret) });
    }
    const { inclusion } = at.file;
    if (inclusion === undefined || steps.length >= trailMax) return steps;
    const { file, line, column } = inclusion.span;
    const isHidden = column > (secrets.at(file.path, line)?.from ?? Number.POSITIVE_INFINITY);
    const text = isHidden ? concealed : inclusion.pattern;
    steps.push({ kind: "include", path: file.path, line, text });
  }
  return steps;
}

function causeText(cause: Cause, secrets: SecretPlaces, isSecret: boolean): string {
  const { kind, names, values, path, line } = cause;
  if (kind === "definition") return `$${names[0] ?? ""}`;
  const known = secrets.at(path, line)?.variables;
  const pairs = names.map((name, index) => {
    const isHidden = isSecret || isSecretName(name) || known?.has(name);
    return `${name} = ${isHidden ? concealed : (values[index] ?? "")}`;
  });
  return `${kind === "sequence" ? "~SEQ" : "~LST"} ${pairs.join(", ")}`;
}
