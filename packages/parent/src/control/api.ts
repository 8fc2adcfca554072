// The control API: which request gets which answer. Knows neither sockets nor HTTP's bytes; what is
// done on a request it asks of its ports.

import { errorText } from "@keepalived-ts/shared-config/base/error";
import { canonicalIp } from "@keepalived-ts/shared-config/base/ip";
import { usPerSecond } from "@keepalived-ts/shared-config/base/units";
import type { InstanceStatus } from "@keepalived-ts/shared-config/ipc/messages";
import type { Config, VrrpInstanceConfig } from "@keepalived-ts/shared-config/schema/config";
import { configSchema } from "@keepalived-ts/shared-config/schema/config-schema";
import type { DrainOrder } from "../core/event.js";
import { type ShownLevel, shownLevels } from "../core/shown-level.js";
import { explain } from "./explain.js";
import { findServers, someServers } from "./find-servers.js";
import { type MetricsView, metricsText } from "./metrics-text.js";
import type { PlanJson } from "./plan-json.js";
import { type StatusView, statusJson } from "./status-json.js";

export interface ApiRequest {
  readonly method: string;
  /** With its query. */
  readonly target: string;
  /** Of an order that takes one. */
  readonly body?: string | undefined;
}

/** Orders that take a body. */
export function takesBody({ method, target }: ApiRequest): boolean {
  return method === "POST" && target === "/v1/plan";
}

export interface ApiAnswer {
  readonly status: number;
  readonly type: "application/json" | "text/plain; version=0.0.4";
  readonly body: string;
}

/** Everything that is known at one moment. */
export interface ApiView extends StatusView, MetricsView {
  readonly config: Config;
}

/** busy: another one is under way, and this one cannot be kept for later. */
export type ReloadOutcome = "accepted" | "refused" | "pending" | "busy" | "stopping";

/** `why`: what is wrong with the configuration. */
export type PlanOutcome = PlanJson | { readonly why: string };

/** accepted: it follows at once. */
export type UpgradeOutcome = "accepted" | { readonly why: string };

export interface ApiPorts {
  /** Undefined before the first configuration is in force; with the kernel's counts or without. */
  view(hasTraffic: boolean): Promise<ApiView | undefined>;
}

/** What a client may have done, where it may have anything done. */
export interface ApiOrders {
  /** With a time: goes back unless it is confirmed by then. */
  reload(confirmWithinUs?: number): ReloadOutcome;
  /** What a reload would do; of the daemon's own file if no configuration is given. */
  plan(config: Config | undefined): Promise<PlanOutcome>;
  /** Resolves when it is known whether the installed release can go on from here. */
  upgrade(): Promise<UpgradeOutcome>;
  /** False = there is nothing to confirm. */
  confirm(): boolean;
  /** Whoever has taken over, or that nobody has, or that there is no answer. */
  failover(instance: string): Promise<{ readonly successor: string } | "nobody" | "silent">;
  /** @throws when it cannot be kept over a restart. */
  setMaintenance(isOn: boolean): void;
  drain(order: DrainOrder): void;
  showLog(level: ShownLevel): void;
}

const nameMax = 256;
/** A day. */
const confirmSecondsMax = 86_400;

export async function answer(
  request: ApiRequest,
  ports: ApiPorts,
  orders?: ApiOrders,
): Promise<ApiAnswer> {
  const path = request.target.replace(/\?.*$/s, "");
  const isOrder =
    /^\/v1\/((reload|confirm|upgrade|plan)$|(maintenance|failover|drain|undrain|log-level)\/)/.test(
      path,
    );
  if (isOrder && request.method !== "POST") return wrongMethod(path, "POST");
  if (isOrder && orders !== undefined) return orderAnswer(request, ports, orders);
  const isKnown = path === "/v1/status" || path === "/metrics" || path.startsWith("/v1/why/");
  if (!isKnown) return failure(404, "NOT_FOUND", `There is no ${path.slice(0, nameMax)} here`);
  if (request.method !== "GET") return wrongMethod(path, "GET");
  const view = await ports.view(path === "/metrics");
  if (view === undefined) return failure(503, "STARTING", "No configuration is in force yet");
  if (path === "/v1/status") return json(200, statusJson(view));
  if (path === "/metrics") return metrics(view);
  return whyAnswer(path.slice("/v1/why/".length), view);
}

function orderAnswer(
  { target, body = "" }: ApiRequest,
  ports: ApiPorts,
  orders: ApiOrders,
): ApiAnswer | Promise<ApiAnswer> {
  const [path = "", query = ""] = target.split("?", 2);
  const [, , order, word = ""] = path.split("/");
  if (order === "reload") return reloadAnswer(orders, new URLSearchParams(query).get("confirm"));
  if (order === "confirm") return confirmAnswer(orders);
  if (order === "plan") return planAnswer(body, orders);
  if (order === "upgrade") return upgradeAnswer(orders);
  if (order === "log-level") return logLevelAnswer(word, orders);
  if (order === "drain" || order === "undrain") return drainAnswer(path, ports, orders);
  return order === "maintenance"
    ? maintenanceAnswer(word, orders)
    : failoverAnswer(word, ports, orders);
}

/** 202: what comes of it is in the log and the events. */
function reloadAnswer(orders: ApiOrders, confirm: string | null): ApiAnswer {
  const seconds = confirm === null ? undefined : wholeNumber(confirm);
  if (confirm !== null && (seconds === undefined || seconds < 1 || seconds > confirmSecondsMax)) {
    const message = `Want 1 to ${confirmSecondsMax} seconds, not "${confirm.slice(0, nameMax)}"`;
    return failure(400, "WRONG_TIME", message);
  }
  const outcome = orders.reload(seconds === undefined ? undefined : seconds * usPerSecond);
  if (outcome === "accepted" || outcome === "pending") {
    return json(202, { outcome, ...(seconds && { confirmWithinSeconds: seconds }) });
  }
  return failure(409, outcome.toUpperCase(), reloadRefusals[outcome]);
}

const reloadRefusals = {
  refused: "The configuration has errors, the running one stays in force; see the log, or -t",
  busy: "Another configuration is just coming into force: try again",
  stopping: "The daemon is stopping",
} as const;

function confirmAnswer(orders: ApiOrders): ApiAnswer {
  if (orders.confirm()) return json(200, { outcome: "confirmed" });
  const message =
    "No configuration waits to be confirmed: it is in force for good, or was too late";
  return failure(409, "NOTHING_TO_CONFIRM", message);
}

/** The body is a whole configuration as --dump-config has it, secrets included, or nothing. */
async function planAnswer(body: string, orders: ApiOrders): Promise<ApiAnswer> {
  const given = body === "" ? undefined : configOf(body);
  if (typeof given === "string") return failure(400, "WRONG_BODY", given);
  try {
    const outcome = await orders.plan(given);
    return "why" in outcome ? failure(409, "REFUSED", outcome.why) : json(200, outcome);
  } catch (thrown) {
    return failure(503, "CANNOT_PLAN", `Cannot make a plan: ${errorText(thrown)}`);
  }
}

/** Text = what is wrong with it. */
function configOf(body: string): Config | string {
  let value: unknown;
  try {
    // JSON has no undefined, which stands for "there is no such part".
    value = { vrrp: undefined, checker: undefined, ...JSON.parse(body) };
  } catch {
    return "Want a configuration as JSON";
  }
  const checked = configSchema.safeParse(value);
  if (checked.success) return checked.data;
  const [first] = checked.error.issues;
  return `Want a configuration of this release: ${first?.path.join(".")}: ${first?.message}`;
}

async function upgradeAnswer(orders: ApiOrders): Promise<ApiAnswer> {
  const outcome = await orders.upgrade();
  if (outcome === "accepted") return json(202, { outcome });
  return failure(409, "CANNOT_UPGRADE", outcome.why);
}

function logLevelAnswer(word: string, orders: ApiOrders): ApiAnswer {
  const level = shownLevels.find((each) => each === word);
  if (level === undefined) return failure(404, "NOT_FOUND", `Want ${shownLevels.join(", ")}`);
  orders.showLog(level);
  return json(200, { logLevel: level });
}

function maintenanceAnswer(word: string, orders: ApiOrders): ApiAnswer {
  if (word !== "on" && word !== "off") return failure(404, "NOT_FOUND", "Want on or off");
  try {
    orders.setMaintenance(word === "on");
  } catch (thrown) {
    return failure(409, "NOT_KEPT", errorText(thrown));
  }
  return json(200, { isInMaintenance: word === "on" });
}

async function failoverAnswer(
  encodedName: string,
  ports: ApiPorts,
  orders: ApiOrders,
): Promise<ApiAnswer> {
  const view = await ports.view(false);
  if (view === undefined) return failure(503, "STARTING", "No configuration is in force yet");
  const found = findInstance(encodedName, view);
  if (!found.ok) return found.answer;
  const { instance, status } = found;
  if (status.state !== "MASTER") {
    const message = `${instance.name} is ${status.state}: only a MASTER can be followed by another`;
    return failure(409, "NOT_MASTER", message);
  }
  const outcome = await orders.failover(instance.name);
  if (outcome === "silent") return failure(503, "NO_ANSWER", "The VRRP process does not answer");
  if (outcome !== "nobody") return json(200, { instance: instance.name, ...outcome });
  const message = `Nobody has taken over ${instance.name}: it stays as it was, see kactl why`;
  return failure(409, "NO_SUCCESSOR", message);
}

/** /v1/drain/ADDRESS/PORT, of every virtual server or of that whose name follows. */
async function drainAnswer(path: string, ports: ApiPorts, orders: ApiOrders): Promise<ApiAnswer> {
  const view = await ports.view(false);
  if (view === undefined) return failure(503, "STARTING", "No configuration is in force yet");
  const [, , order, ...words] = path.split("/");
  const [address = "", port = "", virtualServer] = words.map((word) => decoded(word) ?? "");
  const target = { address: canonicalIp(address) ?? "", port, virtualServer };
  const found = findServers(view.supervisor.mirror, target);
  const isDrained = order === "drain";
  if (found.length === 0) {
    const place = `${address} ${port}`.slice(0, nameMax);
    const where = virtualServer === undefined ? "" : ` in "${virtualServer.slice(0, nameMax)}"`;
    const message = `There is no real server ${place}${where}`;
    return failure(404, "UNKNOWN_SERVER", message, { known: someServers(view.supervisor.mirror) });
  }
  for (const one of found) orders.drain({ ...one, isOn: isDrained });
  return json(200, { isDrained, servers: found });
}

function whyAnswer(encoded: string, view: ApiView): ApiAnswer {
  const found = findInstance(encoded, view);
  if (!found.ok) return found.answer;
  const { instance, status } = found;
  const reasons = explain(instance, status, view, view.now);
  return json(200, { instance: instance.name, state: status.state, reasons });
}

type Found =
  | { readonly ok: true; readonly instance: VrrpInstanceConfig; readonly status: InstanceStatus }
  | { readonly ok: false; readonly answer: ApiAnswer };

function findInstance(encoded: string, view: ApiView): Found {
  const name = decoded(encoded);
  const instances = view.config.vrrp?.instances ?? [];
  const instance = instances.find((each) => each.name === name);
  if (instance === undefined) {
    const known = instances.slice(0, 20).map((each) => each.name);
    const message = `There is no vrrp_instance "${(name ?? encoded).slice(0, nameMax)}"`;
    return { ok: false, answer: failure(404, "UNKNOWN_INSTANCE", message, { known }) };
  }
  const status = view.instances.get(instance.name);
  if (status !== undefined) return { ok: true, instance, status };
  const message = "The VRRP process does not answer, its state is unknown";
  return { ok: false, answer: failure(503, "NO_ANSWER", message) };
}

function wholeNumber(text: string): number | undefined {
  return /^\d{1,9}$/.test(text) ? Number(text) : undefined;
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

function metrics(view: ApiView): ApiAnswer {
  return { status: 200, type: "text/plain; version=0.0.4", body: metricsText(view) };
}

function json(status: number, value: object): ApiAnswer {
  return { status, type: "application/json", body: `${JSON.stringify(value)}\n` };
}

function wrongMethod(path: string, wanted: string): ApiAnswer {
  return failure(405, "WRONG_METHOD", `${path} wants ${wanted}`);
}

export function failure(
  status: number,
  code: string,
  message: string,
  more: object = {},
): ApiAnswer {
  return json(status, { error: { code, message, ...more } });
}
