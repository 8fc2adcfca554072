// A test process that makes a laboratory with a daemon in it, says so, and waits to be killed by
// SIGKILL. Run by lab.test.ts only.

import { vrrpConfigText } from "./config-text.js";
import { runDebianKeepalived } from "./daemon.js";
import { createLab } from "./lab.js";

const lab = await createLab("orphan");
const host = await lab.addHost("host", { address: "192.0.2.1/24" });
const daemon = runDebianKeepalived(host, vrrpConfigText([{ addresses: ["192.0.2.100/24"] }]));
process.stdout.write(`${JSON.stringify({ id: lab.id, daemon: daemon.pid })}\n`);
setInterval(() => process.stdout.write(""), 60_000);
