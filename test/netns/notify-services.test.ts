// What is told of real and virtual servers, end to end: a real server that goes and comes, a
// quorum that is lost with it, the end. Without IPVS (`lvs_backend none`), since not every kernel
// has it; scripts, FIFO and mail do not depend on it.

import assert from "node:assert/strict";
import type { ChildProcess } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { runKeepalivedTs } from "../lab/daemon.js";
import type { Host } from "../lab/host.js";
import { createLab } from "../lab/lab.js";
import { waitFor } from "../lab/wait.js";

const LIMIT_MS = 20_000;
const LISTENER = `require("node:net").createServer((s) => s.destroy()).listen(80, "192.0.2.20",
  () => console.log("ready"))`;
const MAIL_SERVER: string = fileURLToPath(new URL("../lab/mail-server.js", import.meta.url));

async function start(host: Host, words: readonly string[]): Promise<ChildProcess> {
  const child = host.spawn([process.execPath, ...words], { stdio: ["ignore", "pipe", "inherit"] });
  await new Promise((resolve) => child.stdout?.once("data", resolve));
  return child;
}

function linesOf(path: string): string[] {
  return existsSync(path) ? readFileSync(path, "utf8").split("\n").slice(0, -1) : [];
}

function configText(folder: string): string {
  const note = join(folder, "note.sh");
  const words = join(folder, "words");
  const reader = join(folder, "read.sh");
  writeFileSync(note, `#!/bin/sh\necho "$*" >> ${words}\n`, { mode: 0o755 });
  writeFileSync(reader, `#!/bin/sh\nexec cat "$1" > ${join(folder, "lines")}\n`, { mode: 0o755 });
  return `global_defs {
  router_id lvs1
  script_user root
  lvs_backend none
  lvs_notify_fifo ${join(folder, "fifo")}
  lvs_notify_fifo_script ${reader}
  smtp_server 192.0.2.1
  notification_email {
    a@example.org
  }
}
virtual_server 192.0.2.100 80 {
  delay_loop 0.3
  lb_algo rr
  lb_kind NAT
  protocol TCP
  smtp_alert
  omega
  quorum_up "${note} quorum up"
  quorum_down "${note} quorum down"
  real_server 192.0.2.20 80 {
    notify_up "${note} server up"
    notify_down "${note} server down"
    TCP_CHECK {
      connect_timeout 1
      retry 0
    }
  }
}
`;
}

/** Kind and name of the server, its state, and the body between its arrows. */
function summary(line: string): string[] {
  const { headers, body } = JSON.parse(line) as {
    readonly headers: { readonly Subject: string };
    readonly body: string;
  };
  const [, kind = "", name = "", state = ""] =
    /^\[lvs1\] (\w+) (.*) - (UP|DOWN)$/.exec(headers.Subject) ?? [];
  return [kind, name.replace("of virtual server ", ""), state, body.slice(3, -3)];
}

test("real and virtual servers are told of by scripts, FIFO and mail", async (t) => {
  const lab = await createLab("services");
  t.after(() => lab.close());
  const host = await lab.addHost("balancer", { address: "192.0.2.1/24" });
  const serverHost = await lab.addHost("server", { address: "192.0.2.20/24" });
  const path = (name: string): string => join(lab.scratch, name);
  await start(host, [MAIL_SERVER, "192.0.2.1", "25", path("mails")]);
  const server = await start(serverHost, ["-e", LISTENER]);
  const daemon = runKeepalivedTs(host, configText(lab.scratch));
  const lines = (): string[] => linesOf(path("lines"));
  const until = (line: string): Promise<boolean> =>
    waitFor(`${line} after ${lines()}`, () => lines().at(-1) === line, LIMIT_MS);
  await daemon.waitForLog(/Startup complete/);
  const service = "[192.0.2.100]:tcp:80";
  const realServer = `[192.0.2.20]:tcp:80 ${service}`;
  server.kill("SIGKILL");
  await until(`VS ${service} DOWN`);
  await start(serverHost, ["-e", LISTENER]);
  await until(`VS ${service} UP`);
  await daemon.stop();
  const down = [`RS ${realServer} DOWN`, `VS ${service} DOWN`];
  const up = [`RS ${realServer} UP`, `VS ${service} UP`];
  assert.deepEqual(lines(), [`VS ${service} UP`, ...down, ...up, ...down]);
  // Scripts of the one and the other run side by side.
  const words = linesOf(path("words"));
  const of = (owner: string): string[] => words.filter((line) => line.startsWith(owner));
  assert.deepEqual(of("server"), ["server down", "server up", "server down"]);
  assert.deepEqual(of("quorum"), ["quorum up", "quorum down", "quorum up", "quorum down"]);
  assert.deepEqual(linesOf(path("mails")).map(summary), [
    ["Virtualserver", service, "UP", "Starting with quorum up 1+0=1 <= 1"],
    ["Realserver", realServer, "DOWN", "TCP CHECK failed on service"],
    ["Virtualserver", service, "DOWN", "Lost quorum 1-0=1 > 0"],
    ["Realserver", realServer, "UP", "TCP CHECK succeed on service"],
    ["Virtualserver", service, "UP", "Gained quorum 1+0=1 <= 1"],
    ["Realserver", realServer, "DOWN", "Shutting down"],
    ["Virtualserver", service, "DOWN", "Shutting down"],
  ]);
});
