// A real server is up when none of its checks is failed; here that is turned into what must follow:
// one change of its service in the kernel, a report to the parent, the log lines, the quorum.

import { assert } from "@keepalived-ts/shared-config/base/assert";
import { diffDestination } from "./ipvs-diff.js";
import { destinationText } from "./ipvs-table.js";
import { giveOrder } from "./kernel-table.js";
import { aliveWeight, wantedDestination } from "./service-plan.js";
import { log, type RealServer, type Service, type Turn } from "./state.js";
import { snapshotOf } from "./view.js";

/** keepalived's default `quorum`; without a sorry server it only decides what is told. */
const quorum = 1;

export function reportServer(turn: Turn, server: RealServer): void {
  turn.actions.push({ type: "reportRealServer", snapshot: snapshotOf(server) });
}

export function isServerUp(server: RealServer): boolean {
  return server.checks.every((check) => check.result !== false);
}

/** To be called when a result of one of the server's checks has changed. */
export function handleResultChange(turn: Turn, server: RealServer): void {
  if (server.isUp !== isServerUp(server)) {
    moveServer(turn, server);
    updateQuorum(turn, server.service);
  }
  reportServer(turn, server);
}

/** The server goes into the pool or out of it. */
function moveServer(turn: Turn, server: RealServer): void {
  const { service } = server;
  server.isUp = isServerUp(server);
  log(
    turn,
    "info",
    server.isUp
      ? `Adding service ${server.name} to VS ${service.config.name}`
      : `Removing service ${server.name} from VS ${service.config.name}`,
  );
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
