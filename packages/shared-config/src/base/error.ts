// The one error type that is thrown on purpose, and its form on the wire between processes.
// User input becomes diagnostics and the outside world becomes result values; neither is thrown.

/** Data that belongs to an error; must survive JSON. */
export type ErrorData = Readonly<Record<string, string | number | boolean | null>>;

/** The form in which a {@link KeepalivedError} crosses a process boundary. */
export interface WireError {
  readonly code: string;
  readonly message: string;
  readonly data: ErrorData;
}

/**
 * An error with a stable upper-case code. The message says what could not be done, and with what.
 */
export class KeepalivedError extends Error {
  readonly code: string;
  readonly data: ErrorData;

  constructor(code: string, message: string, data: ErrorData = {}, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = "KeepalivedError";
    this.code = code;
    this.data = data;
  }

  toWire(): WireError {
    return { code: this.code, message: this.message, data: this.data };
  }

  static fromWire(wire: WireError): KeepalivedError {
    return new KeepalivedError(wire.code, wire.message, wire.data);
  }
}

/** The text of anything that was thrown. */
export function errorText(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
