// The metrics by name, those of mehdy's exporter with its labels; every line is well formed.

import assert from "node:assert/strict";
import { test } from "node:test";
import { newHistogram } from "@keepalived-ts/shared-config/base/histogram";
import { buildConfig, buildInstance, buildStatus } from "../testing/builders.js";
import { type MetricsView, metricsText } from "./metrics-text.js";

/** collector.go of mehdy/keepalived-exporter: names, and labels beside iname, intf and vrid. */
const mehdysNames = [
  "keepalived_up",
  "keepalived_vrrp_state",
  "keepalived_vrrp_excluded_state",
  "keepalived_advertisements_received_total",
  "keepalived_advertisements_sent_total",
  "keepalived_become_master_total",
  "keepalived_release_master_total",
  "keepalived_packet_length_errors_total",
  "keepalived_advertisements_interval_errors_total",
  "keepalived_ip_ttl_errors_total",
  "keepalived_invalid_type_received_total",
  "keepalived_address_list_errors_total",
  "keepalived_authentication_invalid_total",
  "keepalived_authentication_mismatch_total",
  "keepalived_authentication_failure_total",
  "keepalived_priority_zero_received_total",
  "keepalived_priority_zero_sent_total",
  "keepalived_gratuitous_arp_delay_total",
  "keepalived_script_status",
  "keepalived_script_state",
];

function view(name = "VI_1"): MetricsView {
  const base = buildConfig("vrrp");
  const excluded = { address: "198.51.100.1", prefixLength: 32, device: "eth0", scope: 0 };
  const instance = buildInstance({
    name,
    virtualAddresses: [{ address: "192.0.2.7", prefixLength: 24, device: "eth0", scope: 0 }],
    excludedAddresses: [excluded],
  });
  const script = {
    name: "chk",
    script: { argv: ["/bin/true"], user: "root" },
    ...{ intervalUs: 1, timeoutUs: 1, weight: 0, reverse: false, rise: 1, fall: 1 },
    initFail: false,
  };
  const { vrrp, tracking } = base;
  assert.ok(vrrp);
  const status = buildStatus({ instance: name, counters: { advertisementsSent: 12 } });
  return {
    config: {
      ...base,
      vrrp: { ...vrrp, instances: [instance] },
      tracking: { ...tracking, scripts: [script] },
    },
    instances: new Map([[name, status]]),
    trackers: new Map([["script chk", { value: 0 }]]),
    runningScripts: new Set(),
    wallUs: (us) => us,
    isUp: true,
    unknownVirtualRouter: 4,
    advertLateness: { ...newHistogram(), sumUs: 1_500 },
    facts: {
      configHash: 7,
      lastReload: { isSuccessful: true, atUs: 5_000_000 },
      restarts: { vrrp: 1, checker: 0 },
    },
    mirror: { realServers: new Map(), virtualServers: new Map() },
    eventLoopDelayMaxUs: 1_500,
    generation: 2,
  };
}

test("metricsText() has every name of mehdy's exporter, with its labels", () => {
  const text = metricsText(view());
  for (const name of mehdysNames) assert.match(text, new RegExp(`^${name}(\\{| )`, "m"), name);
  const labels = `iname="VI_1",intf="eth0",vrid="${buildInstance().virtualRouterId}"`;
  assert.ok(text.includes(`keepalived_advertisements_sent_total{${labels}} 12\n`), text);
  assert.ok(text.includes(`keepalived_vrrp_state{${labels},ip_address="192.0.2.7"} 2\n`));
  assert.ok(text.includes('keepalived_script_status{name="chk"} 0\n'));
});

test("metricsText() is well formed whatever an instance is called", () => {
  const text = metricsText(view('a"b\\c\nd'));
  const sample = /^[a-z_]+(\{([a-z_]+="([^"\\\n]|\\["\\n])*",?)+\})? -?[0-9.e+]+$/;
  for (const line of text.trimEnd().split("\n")) {
    assert.ok(/^# (HELP|TYPE) /.test(line) || sample.test(line), line);
  }
});

test("metricsText() has the daemon's own: lateness, configuration, reload, restarts", () => {
  const text = metricsText(view());
  for (const line of [
    'keepalived_advert_lateness_seconds_bucket{le="+Inf"} 0',
    "keepalived_advert_lateness_seconds_sum 0.0015",
    "keepalived_config_hash 7",
    "keepalived_config_last_reload_successful 1",
    "keepalived_config_last_reload_timestamp_seconds 5",
    'keepalived_child_restarts_total{process="vrrp"} 1',
  ]) {
    assert.ok(text.includes(`${line}\n`), line);
  }
});

test("metricsText() says down and names no state while the VRRP process is silent", () => {
  const text = metricsText({ ...view(), instances: new Map(), isUp: false });
  assert.match(text, /^keepalived_up 0$/m);
  assert.doesNotMatch(text, /keepalived_vrrp_state/);
});
