// SMTP_CHECK on loopback: what is said, which answers count, and servers that are none.

import assert from "node:assert/strict";
import type { Socket } from "node:net";
import { test } from "node:test";
import type { ProbeResult } from "../core/event.js";
import { second, tcpCheck } from "../testing/builders.js";
import { closeServer, listen } from "../testing/listening.js";
import { startSmtpProbe } from "./smtp.js";

/** Says each reply when the command before it has come; "" closes. */
function mail(replies: readonly string[]): (socket: Socket) => void {
  return (socket) => {
    const rest = [...replies];
    const say = (): void => {
      const next = rest.shift();
      if (next === "") socket.end();
      else if (next !== undefined) socket.write(next);
    };
    say();
    socket.on("data", say);
  };
}

async function probe(
  serve: (socket: Socket) => void,
  connectTimeoutUs: number = 60 * second,
): Promise<{ readonly result: ProbeResult; readonly said: string }> {
  let said = "";
  const listening = await listen("127.0.0.1", (socket) => {
    socket.on("data", (bytes) => {
      said += bytes.toString("latin1");
    });
    serve(socket);
  });
  const check = {
    ...tcpCheck({
      connectAddress: "127.0.0.1",
      connectPort: listening.port,
      connectTimeoutUs,
    }),
    kind: "SMTP_CHECK" as const,
    heloName: "check.example.org",
  };
  const result = await new Promise<ProbeResult>((resolve) => startSmtpProbe(check, resolve));
  await closeServer(listening);
  return { result, said };
}

const wellServers: readonly (readonly string[])[] = [
  ["220 mail ready\r\n", "250 hello\r\n", "221 bye\r\n"],
  ["220-mail\r\n220 ready\r\n", "250-a\r\n250-b\r\n250 c\r\n", "221 bye\r\n"],
  ["220\n", "250\n", "500 what\n"],
  ["220 mail\r\n", "250 hello\r\n", ""],
];

for (const replies of wellServers) {
  test(`SMTP_CHECK passes a server that says ${JSON.stringify(replies)}`, async () => {
    const { result, said } = await probe(mail(replies));
    assert.deepEqual(result, { outcome: "passed" });
    assert.equal(said, "HELO check.example.org\r\nQUIT\r\n");
  });
}

test("SMTP_CHECK passes a server that does not answer QUIT", async () => {
  const { result } = await probe(mail(["220 mail\r\n", "250 hello\r\n"]), second);
  assert.deepEqual(result, { outcome: "passed" });
});

const endless = (socket: Socket): void => {
  const pump = (): void => {
    while (!socket.destroyed && socket.write("220-more\r\n".repeat(1000)));
  };
  socket.on("drain", pump);
  pump();
};

const badServers: readonly (readonly [string, (socket: Socket) => void, string])[] = [
  ["greets with 554", mail(["554 no\r\n"]), "greeting 554"],
  ["answers HELO with 502", mail(["220 a\r\n", "502 b\r\n"]), "HELO answered by 502"],
  ["is another kind of server", mail(["SSH-2.0-OpenSSH\r\n"]), "not an SMTP reply"],
  ["greets without end", endless, "not an SMTP reply"],
  ["sends one endless line", mail([`220 ${"x".repeat(5000)}`]), "not an SMTP reply"],
  ["says nothing", () => undefined, "connect_timeout"],
  ["does not answer HELO", mail(["220 a\r\n"]), "connect_timeout"],
  ["closes", mail([""]), "closed"],
];

for (const [what, serve, reason] of badServers) {
  test(`SMTP_CHECK fails a server that ${what}: ${reason}`, async () => {
    const timeoutUs = reason === "connect_timeout" ? second / 4 : undefined;
    assert.deepEqual((await probe(serve, timeoutUs)).result, { outcome: "failed", reason });
  });
}
