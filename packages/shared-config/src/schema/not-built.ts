// Keywords that must not be ignored while they are not built: without them the daemon would do
// something else than asked, to others' harm. Every other known keyword is a warning. Also the
// words that documents spell differently from the code.

const dangers: Readonly<Record<string, string>> = {
  net_namespace: "the daemon would act in the wrong network namespace",
  net_namespace_ipvs: "IPVS would be set up in the wrong network namespace",
  "global_defs/v3_checksum_as_v2": "peers would reject every advert",
  "vrrp_instance/unicast_peer": "adverts would go to the multicast group and not to the peers",
  "vrrp_instance/use_vmac": "the addresses would not be held with the virtual MAC",
  "vrrp_instance/use_vmac_addr": "the addresses would not be held with the virtual MAC",
  "vrrp_instance/use_ipvlan": "the addresses would not be held on the ipvlan interface",
  "vrrp_instance/native_ipv6": "IPv6 instances are not supported yet",
  "vrrp_instance/vrf": "adverts would leave outside the VRF",
  "vrrp_instance/auth_hmac": "adverts would be neither signed nor checked",
  "vrrp_instance/v3_checksum_as_v2": "peers would reject every advert",
};

/** What ignoring a keyword comes to, where "ignored" says too little. */
const consequences: Readonly<Record<string, string>> = {
  "vrrp_instance/track_interface": "other interfaces going down changes nothing",
  "vrrp_instance/track_script": "the script is not run and changes nothing",
  "vrrp_instance/track_file": "the file is not read and changes nothing",
  "vrrp_instance/track_process": "the process is not watched and changes nothing",
  "vrrp_instance/track_bfd": "the BFD session changes nothing",
  "virtual_server/sorry_server": "nobody serves when all real servers have failed",
  "global_defs/dynamic_interfaces": "an interface that is missing still ends the start",
  vrrp_sync_group: "its members change state each for itself",
};

/** Checkers: without them a server is taken to be up. */
const checkers: readonly string[] = [
  ...["HTTP_GET", "SSL_GET", "SMTP_CHECK", "MISC_CHECK", "DNS_CHECK"],
  ...["UDP_CHECK", "PING_CHECK", "FILE_CHECK", "BFD_CHECK"],
];

/** Keyword by block and the word that is written for it in documents and by habit. */
const habits: Readonly<Record<string, string>> = {
  "global_defs/vrrp_ipset": "vrrp_ipsets",
  "vrrp_instance/vip": "virtual_ipaddress",
  "vrrp_instance/virtual_ip": "virtual_ipaddress",
  "vrrp_instance/vrid": "virtual_router_id",
  "vrrp_instance/router_id": "virtual_router_id",
  "vrrp_instance/garp_interval": "garp_group",
  "vrrp_instance/gna_interval": "garp_group",
  "virtual_server/real_server/TCP_CHECK/nb_get_retry": "retry",
};

/** Why `keyword` in the block at `path` must not be ignored, or undefined. */
export function dangerOf(path: string, keyword: string): string | undefined {
  return ownValue(dangers, path === "" ? keyword : `${path}/${keyword}`);
}

/** What it comes to that `keyword` in the block at `path` is not acted on. */
export function consequenceOf(path: string, keyword: string): string {
  if (checkers.includes(keyword)) return "the server counts as up without this check";
  const key = path === "" ? keyword : `${path}/${keyword}`;
  return ownValue(consequences, key) ?? "it is accepted and ignored";
}

/** What was meant by a word that no edit distance finds. */
export function misremembered(path: string, keyword: string): string | undefined {
  return ownValue(habits, `${path}/${keyword}`);
}

function ownValue(table: Readonly<Record<string, string>>, key: string): string | undefined {
  return Object.hasOwn(table, key) ? table[key] : undefined;
}
