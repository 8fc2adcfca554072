// Entry of `scripts/bench [--quick] [failover|handover|addresses|load...]`: runs the benchmarks,
// writes results/bench.json and results/bench.md, prints the table. Judges nothing.

import { mkdirSync, writeFileSync } from "node:fs";
import { cpus, release } from "node:os";
import { join } from "node:path";
import { PROJECT_ROOT } from "../lab/daemon.js";
import { addressSeries } from "./addresses.js";
import { checksSeries } from "./checks.js";
import { configLoads, configSeries } from "./config.js";
import { runSeries, type Series } from "./contenders.js";
import { failoverSeries } from "./failover.js";
import { type Row, tableOf } from "./figures.js";
import { handOverSeries } from "./hand-over.js";
import { hostileSeries } from "./hostile.js";
import { type Load, loadSeries } from "./load.js";
import { monitoringSeries } from "./monitoring.js";
import { probesSeries } from "./probes.js";
import { reloadSeries } from "./reload.js";
import { soakSeries } from "./soak.js";
import { startSeries } from "./start.js";

const roles = ["master", "backup"] as const;
const loads: readonly Load[] = [
  ...roles.flatMap((role) => [1, 255, 1000].map((count) => ({ role, count, intervalS: 1 }))),
  ...roles.flatMap((role) => [0.1, 0.01].map((intervalS) => ({ role, count: 255, intervalS }))),
  ...roles.map((role) => ({ role, count: 255, intervalS: 0.01, isHogged: true })),
];

function allSeries(isQuick: boolean): Readonly<Record<string, readonly Series[]>> {
  const rounds = (full: number): number => (isQuick ? 3 : full);
  const windowMs = isQuick ? 5_000 : 20_000;
  return {
    failover: [
      failoverSeries(1, rounds(15)),
      failoverSeries(0.1, rounds(25)),
      failoverSeries(0.01, rounds(25)),
    ],
    handover: [
      handOverSeries(1, rounds(15)),
      handOverSeries(0.1, rounds(15)),
      handOverSeries(0.01, rounds(15)),
    ],
    addresses: [addressSeries(500, rounds(7)), addressSeries(2000, rounds(7))],
    start: [startSeries(rounds(10))],
    config: configLoads.map((load) => configSeries(load, rounds(7))),
    soak: [soakSeries(false), soakSeries(true)],
    checks: checksSeries(rounds(5)),
    probes: [probesSeries(isQuick ? 1 : 2, isQuick ? 10_000 : 60_000)],
    hostile: [hostileSeries(1_000_000, isQuick ? 1 : 3)],
    reload: [reloadSeries(1000, rounds(5))],
    monitoring: [monitoringSeries(isQuick ? 1 : 3)],
    load: loads.map((load) => loadSeries(load, isQuick ? 1 : 3, windowMs)),
  };
}

const words = process.argv.slice(2);
const series = allSeries(words.includes("--quick"));
const named = words.filter((word) => word !== "--quick");
const unknown = named.find((name) => !(name in series));
if (unknown !== undefined) {
  const known = Object.keys(series).join(", ");
  process.stderr.write(`Cannot run benchmark "${unknown}": want one of ${known}\n`);
  process.exit(2);
}

const rows: Row[] = [];
const folder = join(PROJECT_ROOT, "results");
mkdirSync(folder, { recursive: true });
const machine = {
  at: new Date().toISOString(),
  kernel: release(),
  cpu: cpus()[0]?.model ?? "unknown",
  cores: cpus().length,
  node: process.version,
};
for (const [name, list] of Object.entries(series)) {
  if (named.length > 0 && !named.includes(name)) continue;
  for (const entry of list) {
    rows.push(...(await runSeries(entry, (text) => process.stderr.write(`${text}\n`))));
    writeFileSync(join(folder, "bench.json"), `${JSON.stringify({ machine, rows }, null, 2)}\n`);
  }
}
const where = `${machine.cores} x ${machine.cpu}, Linux ${machine.kernel}, Node ${machine.node}`;
writeFileSync(join(folder, "bench.md"), `# Side by side\n\n${where}\n\n${tableOf(rows)}`);
process.stdout.write(tableOf(rows));
