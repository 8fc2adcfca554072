// lvs_backend none and ha_suspend with the whole daemon in a network namespace, where real servers
// fail and return and addresses come and go; no IPVS is needed.

import assert from "node:assert/strict";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { type TestContext, test } from "node:test";
import { type Daemon, runKeepalivedTs } from "../lab/daemon.js";
import type { Host } from "../lab/host.js";
import { createLab } from "../lab/lab.js";

const service = "VS [192.0.2.100]:tcp:80";
const server = "[127.0.0.1]:tcp:8080";
const limitMs = 20_000;

const listen = 'require("node:net").createServer().listen(8080, "127.0.0.1", () => console.log(1))';

/** Something that listens where the check asks. */
async function startServer(host: Host): Promise<ChildProcess> {
  const child = host.spawn([process.execPath, "-e", listen], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  assert.ok(child.stdout !== null);
  await once(child.stdout, "data");
  return child;
}

function configText(lines: string): string {
  return `global_defs {
    lvs_backend none
  }
  virtual_server 192.0.2.100 80 {
    delay_loop 0.2
    warmup 0.1
    retry 1
    delay_before_retry 0.1
    protocol TCP
    lb_algo rr
    lb_kind NAT
    ${lines}
    real_server 127.0.0.1 8080 {
      TCP_CHECK {
      }
    }
  }`;
}

async function setUp(t: TestContext, lines: string): Promise<{ host: Host; daemon: Daemon }> {
  const lab = await createLab("backend");
  t.after(() => lab.close());
  const host = await lab.addHost("director", { address: "192.0.2.1/24" });
  return { host, daemon: runKeepalivedTs(host, configText(lines)) };
}

test("lvs_backend none: a server's failure and return move quorum and sorry server", async (t) => {
  const { host, daemon } = await setUp(t, "sorry_server 127.0.0.9 80");
  await daemon.waitForLog(/Removing service \[127\.0\.0\.1\]:tcp:8080 from VS/, limitMs);
  await daemon.waitForLog(/Adding sorry server \[127\.0\.0\.9\]:tcp:80 to VS/, limitMs);
  const child = await startServer(host);
  await daemon.waitForLog(/Removing sorry server \[127\.0\.0\.9\]:tcp:80 from VS/, limitMs);
  for (const text of [
    `Gained quorum 1+0=1 <= 1 for ${service}`,
    `Lost quorum 1-0=1 > 0 for ${service}`,
    `Adding service ${server} to ${service}`,
  ]) {
    assert.ok(daemon.log().includes(text), `${text}\n${daemon.log()}`);
  }
  assert.doesNotMatch(daemon.log(), /repairing|Cannot/);
  child.kill("SIGKILL");
  const { status } = await daemon.stop();
  assert.equal(status, 0);
  assert.ok(daemon.log().includes(`Shutting down service ${server} from ${service}`));
});

const grpcServer = `
  const { createServer } = require("node:http2");
  let status = 2;
  process.stdin.on("data", () => { status = 1; });
  const server = createServer();
  server.on("stream", (stream) => {
    stream.resume();
    stream.respond({ "content-type": "application/grpc" }, { waitForTrailers: true });
    stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
    stream.end(Buffer.from([0, 0, 0, 0, 2, 8, status]));
  });
  server.listen(8080, "127.0.0.1", () => console.log(1));`;

test("GRPC_CHECK: a server that says NOT_SERVING is out, and comes in with SERVING", async (t) => {
  const lab = await createLab("backend");
  t.after(() => lab.close());
  const host = await lab.addHost("director", { address: "192.0.2.1/24" });
  const child = host.spawn([process.execPath, "-e", grpcServer], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  assert.ok(child.stdout !== null && child.stdin !== null);
  await once(child.stdout, "data");
  const daemon = runKeepalivedTs(host, configText("").replace("TCP_CHECK", "GRPC_CHECK"));
  await daemon.waitForLog(/GRPC_CHECK on service \[127\.0\.0\.1\]:tcp:8080 failed/, limitMs);
  child.stdin.write("x");
  await daemon.waitForLog(/GRPC_CHECK of \[127\.0\.0\.1\]:tcp:8080 success\./, limitMs);
  await daemon.waitForLog(/Adding service \[127\.0\.0\.1\]:tcp:8080 to VS/, limitMs);
  const { status } = await daemon.stop();
  assert.equal(status, 0);
});

test("ha_suspend: checks wait for the address, and stop when it goes", async (t) => {
  const { host, daemon } = await setUp(t, "ha_suspend");
  await daemon.waitForLog(/Suspending healthchecker for service/, limitMs);
  await daemon.waitForLog(/Startup complete/, limitMs);
  assert.doesNotMatch(daemon.log(), /TCP connection to/);
  const [link = ""] = (await host.ip("-o", "-4", "addr", "show", "to", "192.0.2.1"))
    .split(/\s+/)
    .slice(1);
  await host.ip("addr", "add", "192.0.2.100/32", "dev", link);
  await daemon.waitForLog(
    /Activating healthchecker for service .*(\n.*)*TCP_CHECK on service/,
    limitMs,
  );
  await host.ip("addr", "del", "192.0.2.100/32", "dev", link);
  await daemon.waitForLog(/Activating (.*\n)*.*Suspending healthchecker for service/, limitMs);
  const { status } = await daemon.stop();
  assert.equal(status, 0);
});
