// One request over the control socket and its whole answer, and how kactl says that something went
// wrong. Decides nothing about what is asked.

import { request } from "node:http";

export interface Answered {
  /** 0: nobody answers, and the body says why. */
  readonly code: number;
  readonly body: string;
}

export function ask(
  socketPath: string,
  method: string,
  path: string,
  sentBody = "",
): Promise<Answered> {
  return new Promise((resolve) => {
    const sent = request({ socketPath, method, path }, (response) => {
      let body = "";
      response.setEncoding("utf8");
      response.on("data", (chunk) => {
        body += chunk;
      });
      response.on("close", () => resolve({ code: response.statusCode ?? 0, body }));
    });
    sent.on("error", (error) => resolve({ code: 0, body: error.message }));
    sent.end(sentBody);
  });
}

/** What an answer that is none says of itself. */
export function messageOf(body: string): string {
  try {
    return JSON.parse(body).error.message;
  } catch {
    return body.trim();
  }
}

/** Returns the exit status. */
export function complain(text: string, status: number): number {
  process.stderr.write(`kactl: ${text.trimEnd()}\n`);
  return status;
}
