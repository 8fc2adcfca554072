// Runs one probe of the health checker in this process's namespace and prints its result. Its one
// argument is the request as JSON.

import type { ProbeRequest } from "@keepalived-ts/checker/core/action";
import { probeStarter } from "@keepalived-ts/checker/probe/probe";
import { loadTlsContext } from "@keepalived-ts/checker/probe/tls";

const request = JSON.parse(process.argv[2] ?? "") as ProbeRequest;
const tls = loadTlsContext({}, (text) => process.stderr.write(`${text}\n`));
probeStarter({ tls })(request, (result) => process.stdout.write(JSON.stringify(result)));
