// A real server is up when none of its checks is failed; here that is turned into what must follow:
// one change of its service in the kernel, a report to the parent, the log lines, the quorum.

import { assert } from "@keepalived-ts/shared-config/base/assert";
import { isCheckFailed } from "./check.js";
import { diffDestination } from "./ipvs-diff.js";
import { destinationText } from "./ipvs-table.js";
import { giveOrder } from "./kernel-table.js";
import { aliveWeight, effectiveWeight, wantedDestination } from "./service-plan.js";
import { log, type RealServer, type Service, type Turn } from "./state.js";
import { snapshotOf } from "./view.js";

/** keepalived's default `quorum`; without a sorry server it only decides what is told. */
const quorum = 1;

export function reportServer(turn: Turn, server: RealServer): void {
  turn.actions.push({ type: "reportRealServer", snapshot: snapshotOf(server) });
}

export function isServerUp(server: RealServer): boolean {
  return !server.checks.some(isCheckFailed);
}

/** To be called when one of the server's checks may have another result or weight. */
export function handleCheckChange(turn: Turn, server: RealServer): void {
  const isUp = isServerUp(server);
  const weight = effectiveWeight(server);
  if (server.isUp === isUp && server.weight === weight) return;
  if (server.isUp === isUp) changeWeight(turn, server, weight);
  else moveServer(turn, server, isUp, weight);
  updateQuorum(turn, server.service);
}

function changeWeight(turn: Turn, server: RealServer, weight: number): void {
  if (server.isUp) {
    const where = `for active service ${server.name} of VS ${server.service.config.name}`;
    log(turn, "info", `Changing weight from ${server.weight} to ${weight} ${where}`);
  }
  server.weight = weight;
  orderDestination(turn, server);
}

/** The server goes into the pool or out of it. */
function moveServer(turn: Turn, server: RealServer, isUp: boolean, weight: number): void {
  const { name } = server.service.config;
  server.isUp = isUp;
  server.weight = weight;
  const text = isUp
    ? `Adding service ${server.name} to VS ${name}`
    : `Removing service ${server.name} from VS ${name}`;
  log(turn, "info", text);
  orderDestination(turn, server);
}

function orderDestination(turn: Turn, server: RealServer): void {
  const { service } = server;
  if (!service.isKernelKnown) return;
  const model = turn.pool.kernel.get(service.text);
  // A service that the kernel has not (it was refused) is put up whole after the next reading.
  if (model === undefined) return;
  const present = model.destinations.get(destinationText(server.config));
  const order = diffDestination(service.config.key, present, wantedDestination(server));
  if (order !== undefined) giveOrder(turn, order);
}

export function updateQuorum(turn: Turn, service: Service): void {
  const sum = aliveWeight(service);
  assert(sum >= 0, "weights are not negative");
  const hasQuorum = sum >= quorum;
  if (hasQuorum === service.hasQuorum) return;
  service.hasQuorum = hasQuorum;
  const { name } = service.config;
  if (hasQuorum) log(turn, "info", `Gained quorum ${quorum}+0=${quorum} <= ${sum} for VS ${name}`);
  else log(turn, "info", `Lost quorum ${quorum}-0=${quorum} > ${sum} for VS ${name}`);
}
