// Responses fed whole, byte by byte, and broken.

import assert from "node:assert/strict";
import { test } from "node:test";
import { HttpResponse, headerBytesMax, type ResponseEvent } from "./http-response.js";

interface Read {
  readonly status: number;
  readonly body: string;
  readonly last: string;
}

/** Feeds `text` in pieces of `size` bytes, then the end of the connection unless it is complete. */
function read(text: string, size: number): Read {
  const body: Buffer[] = [];
  const response = new HttpResponse((bytes) => void body.push(Buffer.from(bytes)));
  const bytes = Buffer.from(text, "latin1");
  let event: ResponseEvent = { type: "reading" };
  for (let at = 0; at < bytes.length && event.type === "reading"; at += size) {
    event = response.feed(bytes.subarray(at, at + size));
  }
  if (event.type === "reading") event = response.finish();
  const last = event.type === "broken" ? event.reason : event.type;
  return { status: response.status, body: Buffer.concat(body).toString("latin1"), last };
}

const rows: readonly (readonly [string, string, Read])[] = [
  [
    "a body that ends with the connection",
    "HTTP/1.0 200 OK\r\nServer: x\r\n\r\nhello",
    { status: 200, body: "hello", last: "complete" },
  ],
  [
    "lines that end in LF alone",
    "HTTP/1.0 404 Not Found\nServer: x\n\nno",
    { status: 404, body: "no", last: "complete" },
  ],
  [
    "a body of Content-Length, and nothing after it",
    "HTTP/1.1 200 OK\r\ncontent-length:  5 \r\n\r\nhelloHTTP/1.1 500",
    { status: 200, body: "hello", last: "complete" },
  ],
  [
    "an empty body of Content-Length 0",
    "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
    { status: 200, body: "", last: "complete" },
  ],
  [
    "a chunked body as it is sent, extensions and trailers too",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;x=1\r\nhello\r\n0\r\nA: b\r\n\r\nrest",
    { status: 200, body: "5;x=1\r\nhello\r\n0\r\nA: b\r\n\r\n", last: "complete" },
  ],
  [
    "204 without a body",
    "HTTP/1.1 204 No Content\r\n\r\n",
    { status: 204, body: "", last: "complete" },
  ],
  [
    "the response after an interim one",
    "HTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n",
    { status: 204, body: "", last: "complete" },
  ],
  ["nothing at all", "", { status: 0, body: "", last: "no data received" }],
  [
    "half a header",
    "HTTP/1.1 200 OK\r\nA: b",
    { status: 0, body: "", last: "closed within the header" },
  ],
  [
    "half a body",
    "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello",
    { status: 200, body: "hello", last: "closed within the body" },
  ],
  ["SSH", "SSH-2.0-OpenSSH\r\n\r\n", { status: 0, body: "", last: "not an HTTP response" }],
  [
    "two lengths",
    "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
    { status: 0, body: "", last: "bad Content-Length" },
  ],
  [
    "a negative length",
    "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\nab",
    { status: 0, body: "", last: "bad Content-Length" },
  ],
];

for (const [what, text, expected] of rows) {
  test(`HttpResponse reads ${what}, in pieces of any size`, () => {
    for (const size of [1, 2, 3, 7, 4096]) assert.deepEqual(read(text, size), expected);
  });
}

for (const chunk of ["x\r\n", "5\r\nhelloX", "fffffffffffff\r\n", `1;${"x".repeat(20_000)}`]) {
  test(`HttpResponse refuses the chunk ${JSON.stringify(chunk.slice(0, 16))}`, () => {
    const text = `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${chunk}`;
    assert.equal(read(text, 5).last, "bad chunk");
  });
}

test("HttpResponse ends at a header without end", () => {
  const text = `HTTP/1.1 200 OK\r\n${"A: b\r\n".repeat(headerBytesMax / 6)}`;
  assert.equal(read(text, 1000).last, "header too long");
});
