// The host that the realistic configurations are tried on, as text for bash in a network and mount
// namespace of its own: the interfaces that they name, in pairs, with addresses.

/** The two ends of each cable. */
const cables: readonly (readonly [string, string])[] = [
  ["eth0", "eth1"],
  ["eth2", "eth3"],
  ["bond0", "bond0.20"],
  ["bond0.30", "eth0.100"],
  ["ens3", "ens4"],
  ["ens192", "ens224"],
  ["enp1s0", "br-lan"],
  ["wlan0", "p33p1"],
  ["p33p1.2", "p33p1.3"],
  ["ha-5f0d6c3e-2a", "qr-9b1e2c4d-77"],
  ["qg-0a1b2c3d-4e", "wan0"],
];

const addresses: readonly (readonly [string, string])[] = [
  ["eth0", "192.0.2.1/24"],
  ["eth0", "2001:db8::1/64"],
  ["eth1", "198.51.100.1/24"],
  ["eth2", "10.0.0.11/24"],
  ["eth0.100", "100.64.0.1/24"],
  ["bond0", "10.20.0.11/24"],
  ["bond0.30", "10.30.30.2/24"],
  ["ens3", "203.0.113.11/24"],
];

const commands: readonly string[] = [
  "link set lo up",
  ...cables.flatMap(([one, other]) => [
    `link add ${one} type veth peer name ${other}`,
    `link set ${one} up`,
    `link set ${other} up`,
  ]),
  ...addresses.map(
    ([link, address]) =>
      `address add ${address} dev ${link}${address.includes(":") ? " nodad" : ""}`,
  ),
];

/** For bash. */
export const makeLinks: string = `ip -batch - <<'END'
${commands.join("\n")}
END
`;

/** For bash: what is private to the host; `$1` holds the files. */
export const makeHost: string = `set -e
mount -t tmpfs none /run
mount -t tmpfs none /etc/keepalived
cp -r "$1"/. /etc/keepalived
${makeLinks}`;

/**
 * For bash, in namespaces of their own, PID namespace included: Debian's VRRP process on the file
 * `$2` with the id `$3`. Its dump and log go to the folder `$1` under the name `$4`; it dies with
 * the shell.
 */
export const dumpVrrp: string = `set -e
mount -t tmpfs none /run
mkdir /run/tmp
export TMPDIR=/run/tmp
${makeLinks}
name=$4
log=$1/$name.log
keepalived -n -l -D -G -P -i "$3" -f "$2" > "$log" 2>&1 &
pid=$!
until grep -qs 'Startup complete' "$log"; do
  kill -0 $pid 2> /dev/null || exit 0
  sleep 0.02
done
# Debian's build dies of some dumps now and then and is started again: ask until there is one.
# The title is that of the last section.
for i in $(seq 400); do
  [ $((i % 40)) = 1 ] && kill -USR1 $pid
  grep -qs -- '-< Interfaces >-' /run/tmp/keepalived.data && break
  sleep 0.02
done
cp /run/tmp/keepalived.data "$1/$name.data"
`;

/** For bash, in a guest with IPVS: Debian's checker process on a file. Its dump goes to stdout. */
export function dumpCheckers(path: string): string {
  return `
mkdir /run/dumps
export TMPDIR=/run/dumps
dump=$TMPDIR/keepalived_check.data
keepalived -n -l -D -G -C -i main -f ${path} > /run/log 2>&1 &
pid=$!
until grep -qs 'Activating BFD healthchecker' /run/log; do
  kill -0 $pid 2> /dev/null || break
  sleep 0.05
done
for i in $(seq 400); do
  [ $((i % 40)) = 1 ] && kill -USR1 $pid
  grep -qs -- '-< Checker track files >-' $dump && break
  sleep 0.05
done
# The section is a short one, and the last.
sleep 1
cat $dump
cat /run/log >&2
kill -KILL $pid
`;
}
