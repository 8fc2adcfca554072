// A mail server as a process of its own, for a host of the laboratory: writes what it gets, a JSON
// object a line. Arguments: address, port, file.

import { appendFileSync } from "node:fs";
import { SmtpSink } from "@keepalived-ts/parent/testing/smtp-sink";

const [host = "127.0.0.1", port = "25", path = "/dev/null"] = process.argv.slice(2);

const sink = new SmtpSink({
  host,
  port: Number(port),
  received: ({ headers, ...mail }) => {
    const line = JSON.stringify({ ...mail, headers: Object.fromEntries(headers) });
    appendFileSync(path, `${line}\n`);
  },
});
await sink.listen();
process.stdout.write("ready\n");
