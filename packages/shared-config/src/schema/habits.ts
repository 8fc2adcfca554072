// Words that documents, older releases and memory spell in a way that keepalived does not know, and
// what is meant by them. The word stays an unknown keyword; this only helps to mend it.

export interface Habit {
  readonly nearest: string;
  /** What to do, where putting the nearest word in its place is not enough. */
  readonly hint?: string;
}

const pacingHint =
  "pacing is set for interfaces: garp_group { interface <if> ... } at the top level";

/** By block and word. */
const habits: Readonly<Record<string, Habit>> = {
  "vrrp_instance/vip": { nearest: "virtual_ipaddress" },
  "vrrp_instance/virtual_ip": { nearest: "virtual_ipaddress" },
  "vrrp_instance/vrid": { nearest: "virtual_router_id" },
  "vrrp_instance/router_id": { nearest: "virtual_router_id" },
  "vrrp_instance/garp_interval": { nearest: "garp_group", hint: pacingHint },
  "vrrp_instance/gna_interval": { nearest: "garp_group", hint: pacingHint },
  "virtual_server/real_server/TCP_CHECK/nb_get_retry": { nearest: "retry" },
};

/** What was meant by a word that no edit distance finds. */
export function misremembered(path: string, keyword: string): Habit | undefined {
  const key = `${path}/${keyword}`;
  return Object.hasOwn(habits, key) ? habits[key] : undefined;
}
