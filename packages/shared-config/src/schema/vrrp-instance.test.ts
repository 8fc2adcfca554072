// Instances on their way from text to configuration and back, whatever keywords they put together.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { memoryLoader } from "../testing/memory-loader.js";
import type { Config } from "./config.js";
import { vrrpConfigSchema } from "./config-vrrp-schema.js";
import type { HostFacts } from "./host.js";
import { type LoadResult, loadConfig } from "./load.js";
import { printConfig } from "./print-config.js";

const host: HostFacts = {
  linkExists: (name) => ["eth0", "eth1"].includes(name),
  link: () => ({ isMulticast: true, isEthernet: true }),
  linkMtu: () => 200,
  readSecret: () => ({ found: true, bytes: Buffer.alloc(40, "k"), isExposed: false }),
};

function load(text: string, asked: HostFacts = host): LoadResult {
  const loader = memoryLoader({ "/c": text });
  return loadConfig({ path: "/c", loader, hostName: "router", host: asked, purpose: "test" });
}

function instance(name: string, id: number, lines: readonly string[]): string {
  return [`vrrp_instance ${name} {`, `virtual_router_id ${id}`, ...lines, "}", ""].join("\n");
}

/** One of each form of each keyword, and what makes trouble. */
const lines: readonly string[] = [
  ...["state MASTER", "state BACKUP", "interface eth0", "interface eth1", "vrf eth1"],
  ...["use_vmac", "use_vmac vr.1", "use_vmac 02:00:00:00:00:01 group 3 netlink_notify_msg"],
  ...["use_vmac name vr.2 2:0:0:0:1", "use_vmac_addr", "vmac_xmit_base"],
  ...["use_ipvlan", "use_ipvlan 192.0.2.8/24 vepa group 1", "use_ipvlan ip.1 fe80::8 private"],
  ...["native_ipv6", "version 2", "version 3", "priority 255", "priority 100", "priority 1"],
  ...["strict_mode", "strict_mode off", "advert_int 0.25", "advert_int 2", "advert_int 255"],
  ...["down_timer_adverts 5", "timer_expired_backup", "thread_timer_expired 7", "preempt"],
  ...["nopreempt", "preempt_delay 1.5", "garp_master_delay 0", "garp_master_repeat 3"],
  ...["garp_master_refresh 60", "garp_master_refresh_repeat 2", "garp_lower_prio_delay 9"],
  ...["garp_lower_prio_repeat 0", "garp_extra_if all 9", "vmac_garp_intvl 3"],
  ...["lower_prio_no_advert", "higher_prio_send_advert yes", "mcast_src_ip 192.0.2.1"],
  ...["unicast_src_ip 192.0.2.2", "mcast_src_ip 2001:db8::1", "track_src_ip"],
  ...["mcast_dst_ip 224.0.0.50", "mcast_dst_ip ff02::50", "unicast_peer {\n}"],
  ...["unicast_peer {\n192.0.2.3 min_ttl 0\n192.0.2.4 max_ttl 9\n}", "unicast_peer {\nfe80::3\n}"],
  ...["unicast_fault_no_peer", "check_unicast_src", "old_unicast_checksum", "unicast_ttl 9"],
  ...["old_unicast_checksum never", 'authentication {\nauth_type PASS\nauth_pass "a #b"\n}'],
  ...["authentication {\nauth_type AH\nauth_pass secret\n}"],
  ...['auth_hmac {\nkey 1 file:/k\nkey 2 "0123456789 0123456789 0123456789#"\nactive_key 2\n}'],
  ...["auth_hmac {\nmode permissive\nanti_replay monotonic\ntime_window 9\n}", "accept"],
  ...["v3_checksum_as_v2", "no_accept", "skip_check_adv_addr", "owner_ignore_adverts"],
  ...["virtual_ipaddress {\n192.0.2.9/24\n}", "virtual_ipaddress {\nfe80::9\n2001:db8::9/64\n}"],
  ...["virtual_ipaddress_excluded {\n192.0.2.10 dev eth1\n}", "no_virtual_ipaddress"],
  ...["promote_secondaries", "prompte_secondaries", "dont_track_primary"],
  ...["linkbeat_use_polling", 'notify_master "/bin/m a b"', "notify_backup /b nobody"],
  ...['notify_fault "/f" nobody nogroup', 'notify_stop "/s"', "notify_deleted"],
  ...['notify_deleted "/d"', 'notify "/n"', 'notify_master_rx_lower_pri "/l"'],
  ...["smtp_alert", "notify_priority_changes", "lvs_sync_daemon_interface eth1"],
  ...["kernel_rx_buf_size 4096", "debug 3"],
];

/** What instances inherit. */
const globals: readonly string[] = [
  ...["vrrp_strict", "vrrp_version 3", "vrrp_skip_check_adv_addr", "vrrp_check_unicast_src"],
  ...["vrrp_garp_extra_if all 5", "smtp_alert", "smtp_alert_vrrp off", "vrrp_min_garp"],
  ...["vrrp_notify_priority_changes", "v3_checksum_as_v2", "vmac_prefix vm"],
  ...["vrrp_mcast_group4 224.0.0.99", "vrrp_mcast_group6 ff05::99", "vrrp_owner_ignore_adverts"],
  ...["vrrp_down_timer_adverts 4", "vrrp_garp_lower_prio_repeat 9", "vrrp_lower_prio_no_advert"],
  ...["vrrp_higher_prio_send_advert", "vrrp_garp_master_repeat 4294967295"],
  ...["lvs_sync_daemon eth0", "lvs_sync_daemon eth1 inst V0 id 7"],
];

const anyGlobals: fc.Arbitrary<string> = fc
  .array(fc.constantFrom(...globals), { maxLength: 5 })
  .map((chosen) => ["global_defs {", ...chosen, "}", ""].join("\n"));

const anyInstance: fc.Arbitrary<string[]> = fc
  .array(fc.constantFrom(...lines), { maxLength: 14 })
  .map((chosen) => ["interface eth0", ...chosen]);

/** What stands in any text that can be loaded; the schema of the children has the last word. */
function loaded(text: string): Config | undefined {
  const { config } = load(text);
  if (config?.vrrp !== undefined) vrrpConfigSchema.parse(config.vrrp);
  return config;
}

test("printConfig() writes an instance that reads back to the same configuration", () => {
  fc.assert(
    fc.property(anyGlobals, fc.array(anyInstance, { minLength: 1, maxLength: 3 }), (top, all) => {
      const text = all.map((each, index) => instance(`V${index}`, index + 1, each)).join("");
      const config = loaded(`${top}${text}`);
      if (config === undefined) return;
      const printed = printConfig(config);
      assert.deepEqual(loaded(printed), config, printed);
    }),
    { numRuns: 2000 },
  );
});

test("printConfig() writes nothing of a plain instance that would have to be mended", () => {
  const text = instance("V", 1, ["interface eth0", "virtual_ipaddress {\n192.0.2.9\n}"]);
  const config = loaded(text);
  assert.ok(config !== undefined);
  const { diagnostics } = load(printConfig(config));
  // Defaults of global_defs are printed, too, acted on or not.
  const others = diagnostics.filter(({ code }) => code !== "NOT_SUPPORTED_YET");
  assert.deepEqual(others, []);
});

test("printConfig() gives back a password to the byte", () => {
  const lines = ["interface eth0", "virtual_ipaddress {\n192.0.2.9\n}"];
  for (const password of ["a", "12345678", "é", "{}#! !", "a\\b"]) {
    const secret = `authentication {\nauth_type PASS\nauth_pass "${password}"\n}`;
    const config = loaded(instance("V", 1, [...lines, secret]));
    assert.ok(config !== undefined);
    const bytes = Buffer.from(password).toString("hex").padEnd(16, "0");
    assert.equal(config.vrrp?.instances[0]?.authentication?.data, bytes);
    assert.deepEqual(loaded(printConfig(config))?.vrrp, config.vrrp);
  }
});

test("loadConfig() keeps the file of a key when the host is not asked for it", () => {
  const lines = ["interface eth0", "virtual_ipaddress {\n192.0.2.9\n}"];
  const hmac = "auth_hmac {\nkey 1 file:/k\nactive_key 1\n}";
  const { config } = load(instance("V", 1, [...lines, hmac]), {});
  assert.deepEqual(config?.vrrp?.instances[0]?.hmacAuthentication?.keys, [{ id: 1, file: "/k" }]);
});

test("loadConfig() looks up interface groups by name", () => {
  const lines = ["interface eth0", "use_vmac group dmz", "virtual_ipaddress {\n192.0.2.9\n}"];
  const text = instance("V", 1, lines);
  const named = { ...host, names: (): Map<string, number> => new Map([["dmz", 7]]) };
  assert.equal(load(text, named).config?.vrrp?.instances[0]?.vmac?.group, 7);
  const unnamed = { ...host, names: (): Map<string, number> => new Map() };
  const codes = load(text, unnamed).diagnostics.map((each) => each.code);
  assert.ok(codes.includes("UNDEFINED_NAME"));
});

test("loadConfig() names a link for each interface and family of use_vmac addresses", () => {
  const own = "virtual_ipaddress {\n192.0.2.9\n198.51.100.9 dev eth1\n198.51.100.8 dev eth1\n}";
  const lines = ["interface eth0", "use_vmac vmac0 2:0:0:0:1", "use_vmac_addr", own];
  const excluded = "virtual_ipaddress_excluded {\n2001:db8::9\n}";
  const { config } = load(instance("V", 51, [...lines, excluded]));
  const links = config?.vrrp?.instances[0]?.addressLinks ?? [];
  assert.deepEqual(
    links.map((link) => [link.name, link.interface, link.hardwareAddress, link.addresses.length]),
    [
      ["vrrp.51", "eth1", "02:00:00:00:01:33", 2],
      ["vrrp6.51", "eth0", "00:00:5e:00:02:33", 1],
    ],
  );
});

test("loadConfig() names ten thousand virtual interfaces of one kind in linear time", () => {
  const one = (index: number): string =>
    instance(`V${index}`, 1, ["interface eth0", "use_vmac", "virtual_ipaddress {\n192.0.2.9\n}"]);
  const text = Array.from({ length: 10_000 }, (_, index) => one(index)).join("");
  const { diagnostics } = load(text);
  assert.ok(diagnostics.length > 0);
});
