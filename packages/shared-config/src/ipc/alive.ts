// A child's sign of life: as long as its event loop turns, the parent hears of it. Never piles up:
// a parent that does not read is not told twice.

import type { IpcPeer } from "./channel.js";
import { aliveIntervalMs } from "./messages.js";

/** Says so until the process ends; does not keep it alive. */
export function sayAlive(peer: IpcPeer): void {
  let isWriting = false;
  const say = (): void => {
    if (isWriting || !peer.connected) return;
    isWriting = true;
    peer.send?.({ type: "alive" }, () => {
      isWriting = false;
    });
  };
  setInterval(say, aliveIntervalMs).unref();
}
