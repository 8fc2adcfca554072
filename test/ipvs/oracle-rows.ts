// The configurations that Debian's keepalived and ours are given side by side: each row is one or
// more virtual servers with real servers of its own, and what a reload makes of them. Rows do not
// touch each other, so that all live in one file and one run.

/** What the rows' real servers do together after the start, in this order. */
export const phases = [
  { name: "the first server of each row fails", down: [1] },
  { name: "all fail", down: [1, 2, 3] },
  { name: "the second one returns", down: [1, 3] },
  { name: "all return", down: [] },
] as const;

export interface Row {
  readonly name: string;
  /** Text of the file; `row` tells its addresses from those of others. */
  readonly text: string;
  /** What it becomes by a reload; absent = it stays. */
  readonly reloaded?: string | undefined;
}

/** The timing of every virtual server. */
const timing = [
  "delay_loop 1",
  "connect_timeout 5",
  "retry 1",
  "delay_before_retry 0.1",
  "warmup 0",
].join("\n  ");

interface ServerOptions {
  readonly lines?: readonly string[];
  readonly port?: number | null;
  readonly checkLines?: readonly string[];
}

/** The real server `host` of row `row`; its check asks the one port where all listen. */
function server(row: number, host: number, options: ServerOptions = {}): string {
  const { lines = [], port = 80, checkLines = [] } = options;
  const at = `127.${row}.0.${host}`;
  return `real_server ${at}${port === null ? "" : ` ${port}`} {
    ${lines.join("\n    ")}
    TCP_CHECK {
      connect_ip ${at}
      connect_port 80
      ${checkLines.join("\n      ")}
    }
  }`;
}

function server6(row: number, host: number): string {
  return server(row, host).replace(/real_server \S+ 80/, `real_server fd00:${row}::${host} 80`);
}

function two(row: number, options: ServerOptions = {}): string {
  return [1, 2].map((host) => server(row, host, options)).join("\n  ");
}

function three(row: number, options: ServerOptions = {}): string {
  return [1, 2, 3].map((host) => server(row, host, options)).join("\n  ");
}

function block(head: string, lines: readonly string[]): string {
  return `virtual_server ${head} {\n  ${timing}\n  ${lines.join("\n  ")}\n}\n`;
}

/** A TCP service by address with NAT and three servers, unless the lines say else. */
function tcp(row: number, lines: readonly string[], servers: string = two(row)): string {
  const has = (keyword: string): boolean => lines.some((line) => line.startsWith(keyword));
  const usual = ["protocol TCP", "lb_algo rr", "lb_kind NAT"].filter(
    (line) => !has(line.split(" ")[0] ?? line),
  );
  return block(`192.0.2.${row} 80`, [...usual, ...lines, servers]);
}

type Build = (row: number) => Omit<Row, "name">;

const oneService = (lines: readonly string[], servers?: (row: number) => string): Build => {
  return (row) => ({ text: tcp(row, lines, servers?.(row)) });
};

const sorry = (row: number, host = 9): string => `sorry_server 127.${row}.0.${host} 80`;

/** Schedulers and what changes how they work. */
const schedulerRows: Readonly<Record<string, Build>> = {
  ...Object.fromEntries(
    "rr wrr lc wlc lblc sh mh dh fo ovf lblcr sed nq"
      .split(" ")
      .map((name) => [`lb_algo ${name}`, oneService([`lb_algo ${name}`])]),
  ),
  "sh with port and fallback": oneService(["lb_algo sh", "sh-port", "sh-fallback"]),
  "mh with port and fallback": oneService(["lb_algo mh", "mh-port", "mh-fallback"]),
  "flags by number": oneService(["lb_algo sh", "flag-1", "flag-3"]),
  "hashed does nothing": oneService(["lb_algo sh", "hashed"]),
  ops: (row) => ({
    text: block(`192.0.2.${row} 53`, [
      ...["protocol UDP", "lb_algo rr", "lb_kind NAT", "ops"],
      two(row, { port: 53 }),
    ]),
  }),
};

/** How packets reach the servers. */
const forwardingRows: Readonly<Record<string, Build>> = {
  "direct routing": oneService(["lb_kind DR"]),
  "tunnel ipip": oneService(["lb_kind TUN"]),
  "tunnel gue": oneService(["lb_kind TUN type gue port 6080"]),
  "tunnel gue with checksum": oneService(["lb_kind TUN type gue port 6080 csum"]),
  "tunnel gre": oneService(["lb_kind TUN type gre csum"]),
  "forwarding of each server": oneService([], (row) =>
    [
      server(row, 1, { lines: ["lvs_method DR"] }),
      server(row, 2, { lines: ["lvs_method TUN"] }),
      server(row, 3, { port: 8080 }),
    ].join("\n  "),
  ),
  thresholds: oneService([], (row) => two(row, { lines: ["uthreshold 100", "lthreshold 50"] })),
};

const persistenceRows: Readonly<Record<string, Build>> = {
  "persistence by default": oneService(["persistence_timeout"]),
  "persistence 60": oneService(["persistence_timeout 60"]),
  "persistence of networks": oneService([
    ...["persistence_timeout 60", "persistence_granularity 255.255.255.0"],
  ]),
  "granularity alone": oneService(["persistence_granularity 255.255.0.0"]),
  "every port": (row) => ({
    text: block(`192.0.2.${row}`, [
      ...["protocol TCP", "lb_algo rr", "lb_kind NAT", "persistence_timeout 30"],
      two(row, { port: null }),
    ]),
  }),
  "persistence engine": (row) => ({
    text: block(`192.0.2.${row} 5060`, [
      ...["protocol UDP", "lb_algo rr", "lb_kind NAT"],
      ...["persistence_engine sip", "persistence_timeout 60"],
      two(row, { port: 5060 }),
    ]),
  }),
};

const familyRows: Readonly<Record<string, Build>> = {
  "IPv6 address": (row) => ({
    text: block(`2001:db8::${row} 80`, [
      ...["protocol TCP", "lb_algo wrr", "lb_kind NAT"],
      ...[1, 2].map((host) => server6(row, host)),
    ]),
  }),
  "IPv6 persistence of networks": (row) => ({
    text: block(`2001:db8::${row} 80`, [
      ...["protocol TCP", "lb_algo wrr", "lb_kind NAT"],
      ...["persistence_timeout 60", "persistence_granularity 64"],
      ...[1, 2].map((host) => server6(row, host)),
    ]),
  }),
  mark: (row) => ({
    text: block(`fwmark ${row}`, ["lb_algo rr", "lb_kind DR", two(row, { port: null })]),
  }),
  "mark of IPv6": (row) => ({
    text: block(`fwmark ${row}`, [
      ...["ip_family inet6", "lb_algo rr", "lb_kind NAT"],
      ...[1, 2].map((host) => server6(row, host)),
    ]),
  }),
  UDP: (row) => ({
    text: block(`192.0.2.${row} 53`, [
      ...["protocol UDP", "lb_algo rr", "lb_kind NAT", two(row, { port: 53 })],
    ]),
  }),
  SCTP: (row) => ({
    text: block(`192.0.2.${row} 9999`, [
      ...["protocol SCTP", "lb_algo rr", "lb_kind NAT", two(row, { port: 9999 })],
    ]),
  }),
};

/** A TCP service with three servers. */
function farm(row: number, lines: readonly string[]): string {
  return tcp(row, lines, three(row));
}

const quorumRows: Readonly<Record<string, Build>> = {
  "sorry server": (row) => ({ text: farm(row, [sorry(row)]) }),
  "sorry server with its own method": (row) => ({
    text: farm(row, [sorry(row), "sorry_server_lvs_method DR"]),
  }),
  "sorry server with inhibit": (row) => ({
    text: farm(row, [sorry(row), "sorry_server_inhibit"]),
  }),
  "quorum 2 and a sorry server": (row) => ({ text: farm(row, ["quorum 2", sorry(row)]) }),
  "quorum 2 without one": (row) => ({ text: farm(row, ["quorum 2"]) }),
  "hysteresis and a sorry server": (row) => ({
    text: farm(row, ["quorum 2", "hysteresis 1", sorry(row)]),
  }),
  "weights, quorum 5 and a sorry server": (row) => ({
    text: tcp(
      row,
      ["quorum 5", "lb_algo wrr", sorry(row)],
      [1, 2, 3].map((host) => server(row, host, { lines: [`weight ${host + 1}`] })).join("\n  "),
    ),
  }),
  "inhibit_on_failure of one": (row) => ({
    text: tcp(
      row,
      [],
      [server(row, 1, { lines: ["inhibit_on_failure"] }), server(row, 2)].join("\n  "),
    ),
  }),
  "inhibit_on_failure of all and a sorry server": (row) => ({
    text: farm(row, ["inhibit_on_failure", sorry(row)]),
  }),
  "a sorry server that is a real server": (row) => ({
    text: farm(row, ["quorum 3", sorry(row, 3)]),
  }),
  alpha: oneService(["alpha"]),
  "alpha and a sorry server": (row) => ({ text: farm(row, ["alpha", sorry(row)]) }),
  "weight 0": oneService(["lb_algo wrr"], (row) =>
    [server(row, 1, { lines: ["weight 0"] }), server(row, 2), server(row, 3)].join("\n  "),
  ),
  "weight of the virtual server": oneService(["lb_algo wrr", "weight 7"]),
};

const groupOf = (row: number, lines: readonly string[]): string =>
  `virtual_server_group g${row} {\n  ${lines.join("\n  ")}\n}\n`;

const groupRows: Readonly<Record<string, Build>> = {
  "group of lines": (row) => {
    const servers = block(`group g${row}`, [
      ...["protocol TCP", "lb_algo rr", "lb_kind NAT", three(row)],
    ]);
    const lines = [`198.51.${row}.1 80`, `198.51.${row}.2 81`];
    return {
      text: groupOf(row, lines) + servers,
      reloaded: groupOf(row, [lines[0] ?? "", `198.51.${row}.3 80`]) + servers,
    };
  },
  "group of a range with a sorry server": (row) => ({
    text:
      groupOf(row, [`198.51.${row}.10-13 80`]) +
      block(`group g${row}`, [
        ...["protocol TCP", "lb_algo rr", "lb_kind NAT", "quorum 2", sorry(row), three(row)],
      ]),
  }),
  "group of marks": (row) => ({
    text:
      groupOf(row, [`fwmark ${row}`, `fwmark ${row + 1000}`]) +
      block(`group g${row}`, ["lb_algo rr", "lb_kind DR", three(row, { port: null })]),
  }),
  "group for TCP and UDP": (row) => {
    const servers = (protocol: string): string =>
      block(`group g${row}`, [`protocol ${protocol}`, "lb_algo rr", "lb_kind NAT", three(row)]);
    const group = groupOf(row, [`198.51.${row}.1 80`, `198.51.${row}.2 80`]);
    return { text: group + servers("TCP") + servers("UDP") };
  },
  "group of IPv6": (row) => ({
    text:
      groupOf(row, [`2001:db8:${row}::1-3 80`]) +
      block(`group g${row}`, [
        ...["protocol TCP", "lb_algo rr", "lb_kind NAT"],
        ...[1, 2].map((host) => server6(row, host)),
      ]),
  }),
};

/** What a reload does. */
const reloadRows: Readonly<Record<string, Build>> = {
  "reload: scheduler, persistence": (row) => ({
    text: tcp(row, []),
    reloaded: tcp(row, ["lb_algo wrr", "persistence_timeout 99"]),
  }),
  "reload: weight": (row) => ({
    text: tcp(row, []),
    reloaded: tcp(
      row,
      [],
      [server(row, 1, { lines: ["weight 5"] }), server(row, 2), server(row, 3)].join("\n  "),
    ),
  }),
  "reload: forwarding": (row) => ({ text: tcp(row, []), reloaded: tcp(row, ["lb_kind DR"]) }),
  "reload: servers go and come": (row) => ({
    text: tcp(row, [], [server(row, 1), server(row, 2)].join("\n  ")),
    reloaded: tcp(row, [], [server(row, 2), server(row, 3)].join("\n  ")),
  }),
  "reload: a virtual server goes": (row) => ({ text: tcp(row, []), reloaded: "" }),
  "reload: a virtual server comes": (row) => ({ text: "", reloaded: tcp(row, []) }),
  "reload: a sorry server comes": (row) => ({
    text: tcp(row, []),
    reloaded: tcp(row, [sorry(row), "sorry_server_inhibit"]),
  }),
  "reload: a quorum out of reach of a weight": (row) => ({
    text: tcp(row, [sorry(row)]),
    reloaded: tcp(row, [sorry(row), "quorum 3"]),
  }),
  "reload: flags": (row) => ({
    text: tcp(row, ["lb_algo sh"]),
    reloaded: tcp(row, ["lb_algo sh", "sh-port"]),
  }),
};

const builds = {
  ...schedulerRows,
  ...forwardingRows,
  ...persistenceRows,
  ...familyRows,
  ...quorumRows,
  ...groupRows,
  ...reloadRows,
};

/** Numbered from 1: row n has the servers 127.n.0.1 to 3. */
export const rows: readonly Row[] = Object.entries(builds).map(([name, build], i) => ({
  name,
  ...build(i + 1),
}));
