// HTTP_GET on loopback: honest servers, and hostile ones, which must neither hold a probe beyond
// its deadline nor fill the memory nor get a wrong verdict.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import type { Socket } from "node:net";
import { test } from "node:test";
import type {
  HttpCheckConfig,
  RegexConfig,
  UrlConfig,
} from "@keepalived-ts/shared-config/schema/config";
import type { ProbeResult } from "../core/event.js";
import { httpCheck, second, url } from "../testing/builders.js";
import { closeServer, listen } from "../testing/listening.js";
import { startHttpProbe } from "./http.js";
import { loadTlsContext } from "./tls.js";

const tls = loadTlsContext({}, () => undefined);

/** The result of one probe of a server that does `serve`, and the request it got. */
async function ask(
  serve: (socket: Socket) => void,
  wanted: Partial<UrlConfig> = {},
  changes: Partial<HttpCheckConfig> = {},
): Promise<{ readonly result: ProbeResult; readonly request: string }> {
  let request = "";
  const listening = await listen("127.0.0.1", (socket) => {
    socket.on("data", (bytes) => {
      request += bytes.toString("latin1");
    });
    serve(socket);
  });
  const check = httpCheck({
    connectAddress: "127.0.0.1",
    connectPort: listening.port,
    connectTimeoutUs: 60 * second,
    urls: [url(wanted)],
    ...changes,
  });
  const result = await new Promise<ProbeResult>((resolve) =>
    startHttpProbe(check, 0, tls, resolve),
  );
  await closeServer(listening);
  return { result, request: request.replace(`:${listening.port}`, ":PORT") };
}

/** Answers the request, then closes. */
function answering(text: string): (socket: Socket) => void {
  return (socket) => void socket.once("data", () => socket.end(text, "latin1"));
}

function reply(body: string, status = "200 OK"): (socket: Socket) => void {
  return answering(`HTTP/1.0 ${status}\r\n\r\n${body}`);
}

const passed: ProbeResult = { outcome: "passed" };

function failed(reason: string): ProbeResult {
  return { outcome: "failed", reason };
}

const host = "Host: 127.0.0.1:PORT\r\n\r\n";
const agent = "User-Agent: KeepAliveClient\r\n";
const requests: readonly (readonly [Partial<HttpCheckConfig>, string])[] = [
  [{}, `GET / HTTP/1.0\r\n${agent}${host}`],
  [{ protocol: "1.0c" }, `GET / HTTP/1.0\r\n${agent}Connection: close\r\n${host}`],
  [{ protocol: "1.0C" }, `GET / HTTP/1.0\r\n${agent}Connection: Close\r\n${host}`],
  [{ protocol: "1.1" }, `GET / HTTP/1.1\r\n${agent}Connection: close\r\n${host}`],
  [
    { urls: [url({ path: "/a?b=c", virtualHost: "www.example.org" })] },
    `GET /a?b=c HTTP/1.0\r\n${agent}Host: www.example.org\r\n\r\n`,
  ],
];

for (const [changes, expected] of requests) {
  test(`HTTP_GET asks as keepalived does: ${JSON.stringify(changes)}`, async () => {
    assert.deepEqual(await ask(reply("x"), {}, changes), { result: passed, request: expected });
  });
}

const md5 = createHash("md5").update("hello").digest("hex");

function regex(pattern: string, changes: Partial<RegexConfig> = {}): RegexConfig {
  return { pattern, noMatch: false, options: [], offsetMin: 0, ...changes };
}

const verdicts: readonly (readonly [string, string, Partial<UrlConfig>, ProbeResult])[] = [
  ["200 OK", "hello", {}, passed],
  ["302 Found", "hello", {}, failed("HTTP status 302")],
  ["302 Found", "hello", { statusCodes: [{ from: 302, to: 302 }] }, passed],
  ["200 OK", "hello", { digest: md5 }, passed],
  ["200 OK", "hallo", { digest: md5 }, failed("MD5 digest 598d4c200461b81522a3328565c25f7c")],
  ["200 OK", "all is well", { regex: regex("is w") }, passed],
  ["200 OK", "all is bad", { regex: regex("is w") }, failed("regex does not match")],
  ["200 OK", "error", { regex: regex("err", { noMatch: true }) }, failed("regex matches")],
  ["200 OK", "fine", { regex: regex("err", { noMatch: true }) }, passed],
  ["200 OK", "ab ab", { regex: regex("ab", { offsetMin: 1 }) }, passed],
  ["200 OK", "xxxab", { regex: regex("ab", { offsetMax: 2 }) }, failed("regex does not match")],
  ["200 OK", "xxxab", { regex: regex("ab", { offsetMin: 3, offsetMax: 3 }) }, passed],
  ["200 OK", `${"a".repeat(40)}!`, { regex: regex("^(?:a+)+$") }, failed("regex takes too long")],
];

for (const [status, body, wanted, expected] of verdicts) {
  const name = `${status} "${body}" for ${JSON.stringify(wanted)}`;
  test(`HTTP_GET judges ${name}: ${JSON.stringify(expected)}`, async () => {
    assert.deepEqual((await ask(reply(body, status), wanted)).result, expected);
  });
}

test("HTTP_GET is done with the body, not the connection, when a length is known", async () => {
  const kept = (socket: Socket): void => {
    socket.once("data", () => socket.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"));
  };
  assert.deepEqual((await ask(kept)).result, passed);
});

const short = { connectTimeoutUs: second / 4 };

function dripping(text: string): (socket: Socket) => void {
  return (socket) => {
    let at = 0;
    const timer = setInterval(() => socket.write(text[at++ % text.length] ?? ""), 10);
    socket.on("close", () => clearInterval(timer));
  };
}

function flooding(head: string, text: string): (socket: Socket) => void {
  return (socket) => {
    const pump = (): void => {
      while (!socket.destroyed && socket.write(text));
    };
    socket.on("drain", pump);
    socket.write(head);
    pump();
  };
}

/** Without a FIN before, which resetAndDestroy() would send. */
function reset(socket: Socket): void {
  const { _handle: handle } = socket as unknown as { _handle: { reset(done: () => void): void } };
  handle.reset(() => socket.destroy());
}

const kilobytes = "x".repeat(64 * 1024);
const hostile: readonly (readonly [string, (socket: Socket) => void, ProbeResult])[] = [
  ["accepts and says nothing", () => undefined, failed("connect_timeout")],
  ["sends a byte now and then", dripping("HTTP/1.0 200 OK\r\n"), failed("connect_timeout")],
  [
    "sends a body byte by byte",
    (socket) => {
      socket.write("HTTP/1.0 200 OK\r\n\r\n");
      dripping("y")(socket);
    },
    failed("connect_timeout"),
  ],
  [
    "sends headers without end",
    flooding("HTTP/1.0 200 OK\r\n", "A: b\r\n".repeat(1000)),
    failed("header too long"),
  ],
  ["sends one endless line", flooding("HTTP/1.0 200 ", kilobytes), failed("header too long")],
  ["closes at once", (socket) => void socket.end(), failed("no data received")],
  [
    "closes within the body",
    answering("HTTP/1.0 200 OK\r\nContent-Length: 10\r\n\r\nhello"),
    failed("closed within the body"),
  ],
  [
    "resets within the body",
    (socket) => void socket.write("HTTP/1.0 200 OK\r\n\r\nhel", () => reset(socket)),
    failed("ECONNRESET"),
  ],
  [
    "speaks another protocol",
    (socket) => void socket.end("220 mail\r\n\r\n"),
    failed("not an HTTP response"),
  ],
  [
    "sends interim responses without end",
    flooding("", "HTTP/1.1 100 Continue\r\n\r\n".repeat(1000)),
    failed("header too long"),
  ],
];

for (const [what, serve, expected] of hostile) {
  test(`HTTP_GET of a server that ${what} fails: ${JSON.stringify(expected)}`, async () => {
    const isLate = expected.outcome === "failed" && expected.reason === "connect_timeout";
    assert.deepEqual((await ask(serve, {}, isLate ? short : {})).result, expected);
  });
}

test("HTTP_GET of a body without end fails, and keeps little of it", async () => {
  const before = process.memoryUsage().rss;
  const serve = flooding("HTTP/1.0 200 OK\r\n\r\n", kilobytes);
  const wanted = { digest: md5, regex: regex("never") };
  assert.deepEqual((await ask(serve, wanted)).result, failed("body too long"));
  const grown = (process.memoryUsage().rss - before) / 2 ** 20;
  assert.ok(grown < 100, `${grown} MiB`);
});

test("SSL_GET of a server that speaks no TLS fails", async () => {
  const garbage = (socket: Socket): void => void socket.once("data", () => socket.end(kilobytes));
  const { result } = await ask(garbage, {}, { ...short, kind: "SSL_GET" });
  assert.equal(result.outcome, "failed");
});

test("SSL_GET of a server that is silent in the handshake fails at its deadline", async () => {
  const { result } = await ask(() => undefined, {}, { ...short, kind: "SSL_GET" });
  assert.deepEqual(result, failed("connect_timeout"));
});
