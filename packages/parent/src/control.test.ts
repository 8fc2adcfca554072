// The control socket of a real daemon (with fake children) and kactl, as a user would call it.

import assert from "node:assert/strict";
import { existsSync, statSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { connect } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { DaemonRun, temporaryFolder, vrrpText } from "./testing/daemon-run.js";
import { kactl, startControlled as start } from "./testing/kactl.js";

function ask(run: DaemonRun, method: string, path: string): Promise<[number, string]> {
  return new Promise((resolve, reject) => {
    const socketPath = join(run.folder, "keepalived.sock");
    const sent = request({ socketPath, method, path }, (response) => {
      let body = "";
      response.setEncoding("utf8");
      response.on("data", (chunk) => {
        body += chunk;
      });
      response.on("end", () => resolve([response.statusCode ?? 0, body]));
    });
    sent.on("error", reject);
    sent.end();
  });
}

test("kactl shows status, causes, events and metrics of a running daemon", async (t) => {
  const run = await start(t);
  const status = kactl(run, "status");
  assert.equal(status.status, 0, status.text);
  assert.match(status.text, /^VI_1 +MASTER +\d+[smhd] +100 of 100 +- +192\.0\.2\.7\/24$/m);
  const shown = JSON.parse(kactl(run, "status", "--json").text);
  assert.equal(shown.instances[0].state, "MASTER");
  assert.match(kactl(run, "why", "VI_1").text, /^VI_1\n {2}MASTER since /);
  const unknown = kactl(run, "why", "nobody");
  assert.equal(unknown.status, 1);
  assert.match(unknown.text, /no vrrp_instance "nobody"; there are: VI_1/);
  assert.match(kactl(run, "events").text, /child VRRP: started, pid \d+/);
  assert.match(kactl(run, "metrics").text, /^keepalived_up 1$/m);
});

test("kactl reload is accepted, or refused with the reason", async (t) => {
  const run = await start(t);
  assert.equal(kactl(run, "reload").status, 0);
  await run.prints(/Reload complete/);
  writeFileSync(join(run.folder, "keepalived.conf"), "vrrp_instance VI_1 {\n  interface\n");
  const refused = kactl(run, "reload");
  assert.equal(refused.status, 1, refused.text);
  assert.match(refused.text, /has errors/);
});

test("kactl drain reaches the checker, is shown, and a new checker hears of it", async (t) => {
  const run = await start(t);
  const [server, service] = ["[192.0.2.20]:tcp:80", "[192.0.2.7]:tcp:80"];
  const unknown = kactl(run, "drain", "192.0.2.21", "80");
  assert.equal(unknown.status, 1);
  assert.match(
    unknown.text,
    /no real server 192\.0\.2\.21 80; there are: \[192\.0\.2\.20\]:tcp:80/,
  );
  const elsewhere = kactl(run, "drain", "192.0.2.20", "80", "of", "[192.0.2.8]:tcp:80");
  assert.match(elsewhere.text, /no real server 192\.0\.2\.20 80 in "\[192\.0\.2\.8\]:tcp:80"/);
  assert.equal(kactl(run, "drain", "192.0.2.20").status, 2);
  const drained = kactl(run, "drain", "192.0.2.20", "80", "of", service);
  assert.deepEqual(drained, {
    status: 0,
    text: `${server} of ${service} gets no new connections\n`,
  });
  await run.prints(/fake child drains \[192\.0\.2\.20\]:tcp:80 of \[192\.0\.2\.7\]:tcp:80: true/);
  assert.match(kactl(run, "status").text, /\[192\.0\.2\.20\]:tcp:80 up, drained/);
  process.kill(run.pid("checkers") ?? 0, "SIGKILL");
  await run.prints(/generation 1 resume \[drained true\]/);
  assert.match(kactl(run, "undrain", "192.0.2.20", "80").text, /gets new connections again/);
  await run.prints(/fake child drains .*: false/);
});

test("kactl says that there is no daemon, and what words it knows", (t) => {
  const missing = { folder: temporaryFolder(t) } as DaemonRun;
  assert.deepEqual([kactl(missing, "status").status, kactl(missing, "dance").status], [3, 2]);
  assert.match(kactl(missing, "status").text, /no daemon is running there/);
});

test("the control socket is root's alone, and goes with the daemon", async (t) => {
  const run = await start(t);
  const path = join(run.folder, "keepalived.sock");
  assert.equal(statSync(path).mode & 0o777, 0o600);
  run.signal("SIGTERM");
  assert.equal(await run.ended, 0);
  assert.equal(existsSync(path), false);
});

test("a follower is told of what happens, and holds nothing up", async (t) => {
  const run = await start(t);
  const socketPath = join(run.folder, "keepalived.sock");
  let heard = "";
  const sent = request({ socketPath, path: "/v1/events?since=0&follow" }, (response) => {
    response.on("data", (chunk) => {
      heard += chunk;
    });
  });
  sent.end();
  t.after(() => sent.destroy());
  process.kill(run.pid("vrrp") ?? 0, "SIGKILL");
  await run.waitFor("the event", () => /ended, pid \d+, SIGKILL/.test(heard));
  run.signal("SIGTERM");
  assert.equal(await run.ended, 0);
});

test("hostile requests cost a refusal", async (t) => {
  const run = await start(t);
  assert.equal((await ask(run, "GET", "/nowhere"))[0], 404);
  assert.equal((await ask(run, "DELETE", "/v1/status"))[0], 405);
  assert.equal((await ask(run, "GET", "/v1/reload"))[0], 405);
  assert.equal((await ask(run, "GET", "/v1/why/%ff"))[0], 404);
  assert.equal((await ask(run, "GET", `/v1/why/${"x".repeat(8_000)}`))[0], 404);
  const socketPath = join(run.folder, "keepalived.sock");
  for (const bytes of ["\0\0\0", `GET / HTTP/1.1\r\n${"a: b\r\n".repeat(20_000)}\r\n`]) {
    await new Promise<void>((resolve) => {
      const socket = connect(socketPath, () => socket.write(bytes));
      socket.on("error", () => undefined);
      socket.on("close", () => resolve());
      socket.resume();
    });
  }
  assert.equal((await ask(run, "GET", "/v1/status"))[0], 200);
});

test("maintenance outlasts a restart of the daemon, and ends when it is told to", async (t) => {
  const folder = temporaryFolder(t);
  const mark = join(folder, "keepalived.maintenance");
  const first = new DaemonRun(t, folder, { config: vrrpText });
  await first.waitFor("the socket", () => existsSync(join(folder, "keepalived.sock")));
  assert.deepEqual(kactl(first, "maintenance", "on"), { status: 0, text: "Maintenance on\n" });
  assert.ok(existsSync(mark));
  first.signal("SIGTERM");
  assert.equal(await first.ended, 0);
  const run = new DaemonRun(t, folder, { config: vrrpText });
  await run.prints(/Maintenance is on since before the start/);
  await run.waitFor("the socket", () => existsSync(join(folder, "keepalived.sock")));
  assert.match(kactl(run, "status").text, /, in MAINTENANCE$/m);
  assert.equal(kactl(run, "maintenance", "off").status, 0);
  assert.equal(existsSync(mark), false);
  assert.doesNotMatch(kactl(run, "status").text, /MAINTENANCE/);
  assert.equal(kactl(run, "maintenance", "maybe").status, 2);
  assert.equal((await ask(run, "POST", "/v1/maintenance/x"))[0], 404);
  assert.equal((await ask(run, "GET", "/v1/maintenance/on"))[0], 405);
  assert.equal((await ask(run, "GET", "/v1/failover/VI_1"))[0], 405);
  assert.equal((await ask(run, "POST", "/v1/failover/%zz"))[0], 404);
  run.signal("SIGTERM");
  assert.equal(await run.ended, 0);
});

test("kactl log-level changes what the log shows, and refuses other words", async (t) => {
  const run = await start(t);
  const changed = kactl(run, "log-level", "debug");
  assert.deepEqual(changed, { status: 0, text: "The log shows debug\n" });
  assert.match(kactl(run, "events").text, /config.*log.*level debug/);
  const refused = kactl(run, "log-level", "loud");
  assert.equal(refused.status, 1);
  assert.match(refused.text, /Want info, detail, debug/);
  assert.equal(kactl(run, "log-level").status, 2);
});
