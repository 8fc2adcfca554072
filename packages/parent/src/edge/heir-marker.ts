// How a process learns that it was another release of this daemon a moment ago, or is asked whether
// it could be: an environment variable that names open descriptors. Needs neither addon nor schema.

/** How a process is told that it is an heir, and of which descriptors. */
export interface HeirMarker {
  /** check: only say whether it could be. */
  readonly purpose: "check" | "take";
  readonly inheritance: number;
  /** The network namespace that the daemon was started in. */
  readonly origin: number;
}

const markerName = "KEEPALIVED_TS_HEIR";
export function withHeirMarker(
  environment: NodeJS.ProcessEnv,
  { purpose, inheritance: file, origin }: HeirMarker,
): NodeJS.ProcessEnv {
  return { ...environment, [markerName]: `${purpose} ${file} ${origin}` };
}

/** Forgets it at once: children of this process are no heirs. */
export function takeHeirMarker(): HeirMarker | undefined {
  const text = process.env[markerName];
  delete process.env[markerName];
  const [, purpose, file, origin] = /^(check|take) (\d{1,6}) (\d{1,6})$/.exec(text ?? "") ?? [];
  if (purpose !== "check" && purpose !== "take") return undefined;
  return { purpose, inheritance: Number(file), origin: Number(origin) };
}
