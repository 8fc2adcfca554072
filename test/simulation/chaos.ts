// The faults: what can happen to hosts and links, drawn at random, each with its recovery before
// the chaos ends. Judges nothing.

import { nextInteger, nextRandom } from "@keepalived-ts/shared-config/base/random";
import { virtualAddress } from "@keepalived-ts/vrrp/core/fixtures";
import { Violation } from "./checker.js";
import { type Host, type Network, networks } from "./host.js";
import { pick } from "./scenario.js";
import { calmWeather, linkKey, type World } from "./world.js";

type Fault = (world: World, host: Host, end: number) => void;

const faults: readonly [Fault, ...Fault[]] = [
  blockOneWay,
  blockOneWay,
  killProcess,
  killProcess,
  losePower,
  stopInOrder,
  flapLink,
  freeze,
  reload,
  withdraw,
  orderFailover,
  maintain,
  failScript,
  failScript,
];

/** Schedules faults from now until `end`. */
export function brewChaos(world: World, end: number): void {
  const { random, scenario, time } = world;
  world.weather = {
    loss: nextRandom(random) * scenario.lossMax,
    duplicate: nextRandom(random) * scenario.duplicateMax,
    corrupt: nextRandom(random) * scenario.corruptMax,
    canReorder: nextRandom(random) < 0.5,
  };
  const count = nextInteger(random, 2, 12);
  for (let i = 0; i < count; i++) {
    const host = anyHost(world);
    const fault = pick(random, faults);
    world.after(nextInteger(random, 0, end - time - 1), () => fault(world, host, end));
  }
}

/** Ends every fault. Some routers stay without power, one at least is there. */
export function calmDown(world: World): void {
  world.weather = calmWeather;
  world.blocked.clear();
  const [first = anyHost(world)] = world.hosts;
  const survivor = nextRandom(world.random) < 0.5 ? first : anyHost(world);
  for (const host of world.hosts) {
    world.thaw(host);
    for (const network of networks) {
      if (!host.hasLink(network)) host.setLink(true, world.time, network);
    }
    hasten(world, host);
    host.setScript(1, world.time);
    if (host.isInMaintenance) host.setMaintenance(false, world.time);
    if (host !== survivor && nextRandom(world.random) < 0.15) host.kill(true);
    else if (!host.isConfigured && host.isRunning) host.reload(host.config, world.time);
    else if (!host.isRunning) host.start(world.time, nextRandom(world.random) < 0.5);
  }
  world.trace(null, "calm");
}

export function anyHost(world: World): Host {
  const [first, ...others] = world.hosts;
  if (first === undefined) throw new Error("a world needs hosts");
  return pick(world.random, [first, ...others]);
}

function blockOneWay(world: World, from: Host, end: number): void {
  const to = anyHost(world);
  const key = linkKey(from, to);
  world.trace(null, `blocks ${key}`);
  world.blocked.add(key);
  later(world, end, () => world.blocked.delete(key));
}

/**
 * SIGKILL; the parent starts the next process with what it knows, or the whole daemon comes anew.
 */
function killProcess(world: World, host: Host, end: number): void {
  if (!host.isRunning) return;
  world.trace(host, "killed");
  host.kill(false);
  const hasParent = nextRandom(world.random) < 0.7;
  later(world, end, () => restart(world, host, hasParent));
}

function losePower(world: World, host: Host, end: number): void {
  world.trace(host, "loses power");
  host.kill(true);
  later(world, end, () => restart(world, host, false));
}

function stopInOrder(world: World, host: Host, end: number): void {
  if (!host.isRunning) return;
  world.thaw(host);
  world.trace(host, "stops");
  host.stop(world.time);
  later(world, end, () => restart(world, host, false));
}

/** The process does not get to run; the kernel and the link do. */
function freeze(world: World, host: Host, end: number): void {
  if (!host.isRunning) return;
  world.trace(host, "freezes");
  host.isFrozen = true;
  later(world, end, () => world.thaw(host));
}

function flapLink(world: World, host: Host, end: number): void {
  if (host.isFrozen) return;
  const network = pick<Network>(world.random, networks);
  world.trace(host, `link ${network} down`);
  host.setLink(false, world.time, network);
  later(world, end, () => {
    world.thaw(host);
    world.trace(host, `link ${network} up`);
    host.setLink(true, world.time, network);
  });
}

/**
 * Only a running process: what a dead one left and the new configuration does not name, only the
 * kernel knows, and the core never sees the kernel's addresses.
 */
function reload(world: World, host: Host): void {
  if (!host.isRunning || host.isFrozen || host.isStopping) return;
  const { random } = world;
  const { config } = host;
  const isOwner = config.basePriority === 255;
  const extra = virtualAddress("192.0.2.253");
  world.trace(host, "reloads");
  host.reload(
    {
      ...config,
      basePriority: isOwner ? 255 : nextInteger(random, 1, 254),
      virtualAddresses:
        nextRandom(random) < 0.5
          ? config.virtualAddresses
          : [...config.virtualAddresses.slice(0, 1), extra],
    },
    world.time,
  );
}

/** The instance is taken out of the configuration for a while, perhaps for a moment only. */
function withdraw(world: World, host: Host, end: number): void {
  if (!host.isAble) return;
  world.trace(host, "loses its instance");
  host.withdraw(world.time);
  later(world, end, () => {
    if (host.isConfigured || !host.isRunning || host.isFrozen || host.isStopping) return;
    world.trace(host, "gets its instance back");
    host.reload(host.config, world.time);
  });
}

function orderFailover(world: World, host: Host): void {
  if (!host.isAble) return;
  world.trace(host, "is to fail over");
  host.failOver(world.time);
}

function maintain(world: World, host: Host, end: number): void {
  if (!host.isRunning || host.isFrozen) return;
  world.trace(host, "maintenance");
  host.setMaintenance(true, world.time);
  later(world, end, () => {
    if (host.isFrozen) return;
    world.trace(host, "end of maintenance");
    host.setMaintenance(false, world.time);
  });
}

function failScript(world: World, host: Host, end: number): void {
  if (host.isFrozen) return;
  world.trace(host, "script fails");
  host.setScript(0, world.time);
  later(world, end, () => {
    world.thaw(host);
    world.trace(host, "script succeeds");
    host.setScript(1, world.time);
  });
}

/** Told to stop once more, it does not wait for a successor. */
function hasten(world: World, host: Host): void {
  if (!host.isStopping || !host.isRunning) return;
  host.stop(world.time);
  if (host.isRunning) throw new Violation(`${host.plan.address} was stopped twice and goes on`);
}

function restart(world: World, host: Host, hasParent: boolean): void {
  hasten(world, host);
  if (host.isRunning) return;
  world.trace(host, hasParent ? "resumes" : "starts");
  host.start(world.time, hasParent);
}

/** Half of the recoveries are quick, the others take as long as the chaos. */
function later(world: World, end: number, recover: () => void): void {
  const left = Math.max(1, end - world.time - 1);
  const most = nextRandom(world.random) < 0.5 ? Math.min(left, world.scenario.slowestUs) : left;
  world.after(nextInteger(world.random, 1, Math.max(1, Math.floor(most))), recover);
}
