// Runs one probe of the health checker in this process's namespace and prints its result. Its one
// argument is the request as JSON, with what SSL of the configuration says as `ssl`.

import type { ProbeRequest } from "@keepalived-ts/checker/core/action";
import { probeStarter } from "@keepalived-ts/checker/probe/probe";
import { loadTlsContext } from "@keepalived-ts/checker/probe/tls";
import type { SslConfig } from "@keepalived-ts/shared-config/schema/config";

interface Order extends ProbeRequest {
  readonly ssl?: SslConfig;
}

const { ssl = {}, ...request } = JSON.parse(process.argv[2] ?? "") as Order;
const tls = loadTlsContext(ssl, (text) => process.stderr.write(`${text}\n`));
probeStarter({ tls })(request, (result) => process.stdout.write(JSON.stringify(result)));
