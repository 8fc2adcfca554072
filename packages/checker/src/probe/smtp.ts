// SMTP_CHECK: the server is well if it greets with 220 and answers HELO with 250. QUIT is said, but
// its answer is not judged. Replies of several lines are understood, which keepalived does not.

import type { Socket } from "node:net";
import type { SmtpCheckConfig } from "@keepalived-ts/shared-config/schema/config";
import type { Attempt } from "./attempt.js";
import { startConnection } from "./connection.js";
import type { Finished, RunningProbe } from "./probe.js";
import { SmtpReplies } from "./smtp-reply.js";

export function startSmtpProbe(check: SmtpCheckConfig, finished: Finished): RunningProbe {
  return startConnection(check, finished, (socket, attempt) => {
    const dialogue = new Dialogue(check, socket, attempt);
    socket.on("data", (bytes: Buffer) => dialogue.feed(bytes));
    socket.on("end", () => dialogue.close());
  });
}

class Dialogue {
  readonly #check: SmtpCheckConfig;
  readonly #socket: Socket;
  readonly #attempt: Attempt;
  readonly #replies: SmtpReplies = new SmtpReplies();
  #awaited: "greeting" | "HELO" | "QUIT" = "greeting";

  constructor(check: SmtpCheckConfig, socket: Socket, attempt: Attempt) {
    this.#check = check;
    this.#socket = socket;
    this.#attempt = attempt;
  }

  feed(bytes: Buffer): void {
    const codes = this.#replies.feed(bytes);
    if (codes === "broken") this.#attempt.fail("not an SMTP reply");
    else for (const code of codes) this.#step(code);
  }

  close(): void {
    if (this.#awaited === "QUIT") this.#attempt.pass();
    else this.#attempt.fail("closed");
  }

  #step(code: number): void {
    switch (this.#awaited) {
      case "greeting":
        if (code !== 220) this.#attempt.fail(`greeting ${code}`);
        else this.#say(`HELO ${this.#check.heloName}`, "HELO");
        return;
      case "HELO":
        if (code !== 250) this.#attempt.fail(`HELO answered by ${code}`);
        else {
          this.#say("QUIT", "QUIT");
          this.#attempt.passesAnyway();
        }
        return;
      case "QUIT":
        this.#attempt.pass();
    }
  }

  #say(command: string, awaited: "HELO" | "QUIT"): void {
    if (this.#attempt.isOver) return;
    this.#awaited = awaited;
    this.#socket.write(`${command}\r\n`);
  }
}
