// How the sockets for adverts are read: at first each packet wakes the process; where many come in
// a tick, the socket is looked at once a tick instead and read in batches, which costs a fraction.
// A tick is a millisecond, and longer where adverts come at long intervals. Adverts count from
// their arrival all the same. Also what bounds a flood: the loop gets to its timers between two
// looks. Knows no packet.

/** A socket that can be read without waiting for it. */
export interface PacedSocket {
  /** No longer wakes the process. */
  pause(): void;
  resume(): void;
  /** Reads one batch and hands it out; how many it had. */
  receiveNow(): number;
}

export interface PacePorts {
  /** Microseconds of CLOCK_MONOTONIC. */
  now(): number;
  /** Calls tick() at this instant. */
  wakeAt(atUs: number): void;
}

const shortTickUs = 1_000;
/** Below what a packet's age may be (advert-receiver.ts). */
const longTickUs = 4_000;
/** Of the shortest configured interval: so much later at most a better router is noticed. */
const tickShare = 1 / 50;
const windowTicks = 10;
/** As many in a window: more than three a tick. */
const busyCount = 32;
/** Ticks with one packet or none until a socket wakes the process again. */
const quietTicksMost = 10;
/** Of one socket in one tick: 256 packets. A tick that finds more is followed by a short one. */
const batchesMost = 4;
/** What a full batch has: DatagramSocket's. */
const batchFull = 64;

interface Window {
  from: number;
  count: number;
}

export class ReceivePace {
  readonly #ports: PacePorts;
  readonly #windows: Map<PacedSocket, Window> = new Map();
  /** Sockets that are looked at, and how many quiet ticks they have had. */
  readonly #paced: Map<PacedSocket, number> = new Map();
  #tickUs = shortTickUs;
  #lookedAt = Number.NEGATIVE_INFINITY;

  constructor(ports: PacePorts) {
    this.#ports = ports;
  }

  /** What the shortest of the configured advert intervals allows. */
  useInterval(advertIntervalUs: number): void {
    this.#tickUs = Math.min(Math.max(advertIntervalUs * tickShare, shortTickUs), longTickUs);
  }

  /** `socket` has woken the process with `count` packets. */
  woken(socket: PacedSocket, count: number): void {
    if (this.#paced.has(socket)) return;
    const now = this.#ports.now();
    const window = this.#windows.get(socket);
    if (window === undefined) {
      this.#windows.set(socket, { from: now, count });
    } else if (now - window.from > windowTicks * this.#tickUs) {
      window.from = now;
      window.count = count;
    } else {
      window.count += count;
      if (window.count >= busyCount) this.#pace(socket);
    }
  }

  /** The same between ticks, unless the last look was just now: a master is to be given up. */
  lookAgain(): void {
    if (this.#paced.size === 0 || this.#ports.now() - this.#lookedAt < shortTickUs) return;
    this.#lookedAt = this.#ports.now();
    // One batch: what has come since the last tick. A flood must not hold up the takeover.
    for (const socket of this.#paced.keys()) socket.receiveNow();
  }

  /** Looks at every socket that does not wake the process. */
  tick(): void {
    this.#lookedAt = this.#ports.now();
    let isFlood = false;
    for (const [socket, quietTicks] of this.#paced) {
      const count = read(socket);
      const isQuiet = count <= 1;
      isFlood ||= count >= batchesMost * batchFull;
      // Its handler may have closed it.
      if (!this.#paced.has(socket)) continue;
      if (!isQuiet) this.#paced.set(socket, 0);
      else if (quietTicks + 1 < quietTicksMost) this.#paced.set(socket, quietTicks + 1);
      else this.#rouse(socket);
    }
    const tickUs = isFlood ? shortTickUs : this.#tickUs;
    if (this.#paced.size > 0) this.#ports.wakeAt(this.#ports.now() + tickUs);
  }

  /** The socket is closed. */
  forget(socket: PacedSocket): void {
    this.#windows.delete(socket);
    this.#paced.delete(socket);
  }

  #pace(socket: PacedSocket): void {
    socket.pause();
    if (this.#paced.size === 0) this.#ports.wakeAt(this.#ports.now() + this.#tickUs);
    this.#paced.set(socket, 0);
  }

  #rouse(socket: PacedSocket): void {
    this.#paced.delete(socket);
    this.#windows.delete(socket);
    socket.resume();
  }
}

function read(socket: PacedSocket): number {
  let total = 0;
  for (let i = 0; i < batchesMost; i += 1) {
    const count = socket.receiveNow();
    total += count;
    if (count < batchFull) break;
  }
  return total;
}
