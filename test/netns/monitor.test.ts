// Metrics and the status page on an address and port, as a scraper, a browser and an enemy use
// them: the text is read by Prometheus's own Python library.

import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import { type Daemon, runKeepalivedTs } from "../lab/daemon.js";
import type { Host } from "../lab/host.js";
import { createLab } from "../lab/lab.js";
import { waitFor } from "../lab/wait.js";

const CONFIG = `global_defs {
  lvs_backend none
  monitor_listen 192.0.2.1
}
vrrp_instance VI_1 {
  interface eth0
  virtual_router_id 51
  advert_int 1
  virtual_ipaddress {
    192.0.2.10
  }
}
virtual_server 192.0.2.10 80 {
  delay_loop 1
  protocol TCP
  real_server 192.0.2.1 9165 {
    weight 4
    TCP_CHECK {
      connect_timeout 1
    }
  }
  real_server 192.0.2.1 1 {
    TCP_CHECK {
      connect_timeout 1
      retry 0
    }
  }
}
`;
const BASE = "http://192.0.2.1:9165";
/** Reads the text as a Prometheus server does, and tells names, labels and values. */
const PARSER = `
import json, sys
from prometheus_client.parser import text_string_to_metric_families as families
samples = [s for f in families(sys.stdin.read()) for s in f.samples]
print(json.dumps([[s.name, s.labels, s.value] for s in samples]))
`;

type Sample = readonly [name: string, labels: Readonly<Record<string, string>>, value: number];

async function start(t: TestContext, name: string): Promise<{ host: Host; daemon: Daemon }> {
  const lab = await createLab(name);
  t.after(() => lab.close());
  const host = await lab.addHost("ours", { address: "192.0.2.1/24" });
  const daemon = runKeepalivedTs(host, CONFIG);
  await daemon.waitForLog(/Entering MASTER STATE/);
  await daemon.waitForLog(/Metrics on 192\.0\.2\.1 port 9165/);
  return { host, daemon };
}

async function fetched(host: Host, path: string, ...options: string[]): Promise<string> {
  const { stdout } = await host.exec(["curl", "-s", "-m", "10", ...options, `${BASE}${path}`]);
  return stdout;
}

async function samples(host: Host): Promise<readonly Sample[]> {
  const script = join(host.scratch, "parser.py");
  writeFileSync(script, PARSER);
  const command = `curl -sf -m 10 ${BASE}/metrics | /usr/bin/python3 ${script}`;
  const { status, stdout, stderr } = await host.exec(["bash", "-o", "pipefail", "-c", command]);
  assert.equal(status, 0, stderr);
  return JSON.parse(stdout) as Sample[];
}

async function metricsRead(t: TestContext): Promise<void> {
  const { host } = await start(t, "monitor-metrics");
  const find = (all: readonly Sample[], name: string, labels: object = {}): number | undefined =>
    all.find(
      ([each, has]) =>
        each === name && Object.entries(labels).every(([label, value]) => has[label] === value),
    )?.[2];
  const up = { real_server: "[192.0.2.1]:tcp:9165" };
  const all = await waitFor("a server that is up and one that is down", async () => {
    const found = await samples(host);
    const isDown =
      find(found, "keepalived_real_server_up", { real_server: "[192.0.2.1]:tcp:1" }) === 0;
    const isChecked = (find(found, "keepalived_check_duration_seconds_count") ?? 0) >= 2;
    return isDown && isChecked && find(found, "keepalived_real_server_up", up) === 1 && found;
  });
  assert.equal(find(all, "keepalived_up"), 1);
  assert.equal(find(all, "keepalived_real_server_weight", up), 4);
  assert.equal(find(all, "keepalived_virtual_server_quorum"), 1);
  assert.equal(find(all, "keepalived_vrrp_state", { iname: "VI_1" }), 2);
  const sent = await waitFor("adverts", async () => {
    return (find(await samples(host), "keepalived_advert_lateness_seconds_count") ?? 0) >= 2;
  });
  assert.ok(sent);
}

async function enemiesBounded(t: TestContext): Promise<void> {
  const { host, daemon } = await start(t, "monitor-enemies");
  assert.match(
    await fetched(host, "/", "-i"),
    /200 OK[\s\S]*content-security-policy[\s\S]*<main>/i,
  );
  assert.match(await fetched(host, "/v1/reload", "-X", "POST"), /WRONG_METHOD/);
  assert.match(await fetched(host, "/v1/reload"), /WRONG_METHOD/);
  assert.match(await fetched(host, "/../../etc/passwd", "--path-as-is"), /NOT_FOUND/);
  assert.match(await fetched(host, "/__proto__"), /NOT_FOUND/);
  assert.match(await fetched(host, "/v1/why/VI_1"), /"state":"MASTER"/);
  assert.equal(
    await fetched(host, "/", "-H", `x: ${"a".repeat(20_000)}`, "-o", "/dev/null", "-f"),
    "",
  );
  const raw = "exec 3<>/dev/tcp/192.0.2.1/9165";
  const held: ChildProcess[] = [];
  // Connections that say nothing, or half of it, and streams that nobody reads.
  for (const line of ["", "GET / HT", "GET /v1/stream HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n"]) {
    const hold = `${raw.replace("3", "{fd}")}; printf '${line}' >&$fd`;
    const script = `for i in {1..40}; do ${hold}; done; sleep 60`;
    held.push(host.spawn(["bash", "-c", script]));
  }
  await waitFor("room for others again", async () => {
    return (await fetched(host, "/metrics")).includes("keepalived_up 1");
  });
  for (const child of held) child.kill("SIGKILL");
  assert.equal(daemon.exit, null);
  assert.doesNotMatch(daemon.log(), /Reloading|uncaught/i);
  assert.ok(await host.holds("192.0.2.10"));
}

async function streamTells(t: TestContext): Promise<void> {
  const { host } = await start(t, "monitor-stream");
  const reader = spawn("ip", [
    ...["netns", "exec", host.namespace],
    ...["curl", "-sN", "-m", "60", `${BASE}/v1/stream`],
  ]);
  let text = "";
  reader.stdout.on("data", (data: Buffer) => {
    text += data.toString();
  });
  t.after(() => reader.kill());
  await waitFor("a state", () => /event: status\ndata: \{.*"state":"MASTER"/.test(text));
  assert.match(text, /event: past\ndata: \[.*BACKUP -> MASTER/);
  await host.setLink("eth0", "down");
  await waitFor("the transition", () => /event: happened\ndata: .*MASTER -> FAULT/.test(text));
  await waitFor("the new state", () => /"state":"FAULT"/.test(text));
}

describe("monitor_listen", { concurrency: 3 }, () => {
  it("metrics are what Prometheus's library reads, with servers and durations", metricsRead);
  it("requests of enemies are refused, and cost nobody anything", enemiesBounded);
  it("the stream tells of every change", streamTells);
});
