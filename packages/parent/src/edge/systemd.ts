// Tells systemd (or whoever set NOTIFY_SOCKET) how far the daemon is, and that it is alive where a
// watchdog wants to know: sd_notify(3), sd_watchdog_enabled(3). A manager that does not listen is
// none of our business, so failures are not reported.

import { AF_UNIX, SOCK_DGRAM } from "@keepalived-ts/netops/constants/socket";
import { DatagramSocket } from "@keepalived-ts/netops/raw-socket/datagram-socket";
import { encodeUnix } from "@keepalived-ts/netops/raw-socket/sockaddr";
import { KeepalivedError } from "@keepalived-ts/shared-config/base/error";
import { monotonicNowUs } from "./clock.js";

export interface Notifier {
  ready(status: string): void;
  reloading(): void;
  stopping(): void;
}

/** What systemd says by the environment. */
export interface ManagerEnvironment {
  readonly NOTIFY_SOCKET?: string | undefined;
  readonly WATCHDOG_USEC?: string | undefined;
  /** Whom it is for; absent = whoever reads it. */
  readonly WATCHDOG_PID?: string | undefined;
}

/** setInterval's; more than a manager waits for. */
const intervalMsMax = 0x7fffffff;

export function createNotifier(environment: ManagerEnvironment): Notifier {
  const { NOTIFY_SOCKET: address } = environment;
  const notify = (text: string): void => {
    if (address !== undefined && address !== "") sendState(address, text);
  };
  let watchdogMs = watchdogIntervalMs(environment, process.pid);
  return {
    ready: (status) => {
      notify(`READY=1\nSTATUS=${status}`);
      if (watchdogMs === undefined) return;
      // As long as the event loop turns. Children that hang the parent notices by itself.
      setInterval(() => notify("WATCHDOG=1"), watchdogMs).unref();
      watchdogMs = undefined;
    },
    reloading: () => notify(`RELOADING=1\nMONOTONIC_USEC=${Math.trunc(monotonicNowUs())}`),
    stopping: () => notify("STOPPING=1\nSTATUS=Stopping"),
  };
}

/** Half of what the manager waits for; undefined when it does not wait for process `pid`. */
export function watchdogIntervalMs(
  { WATCHDOG_USEC: usec = "", WATCHDOG_PID: wanted }: ManagerEnvironment,
  pid: number,
): number | undefined {
  if (!/^[1-9]\d{0,18}$/.test(usec) || (wanted !== undefined && wanted !== `${pid}`))
    return undefined;
  return Math.min(Math.max(1, Math.floor(Number(usec) / 2_000)), intervalMsMax);
}

/** One socket a message: they are few, and none must keep the process alive. */
function sendState(address: string, text: string): void {
  let socket: DatagramSocket | undefined;
  try {
    socket = DatagramSocket.open({ family: AF_UNIX, type: SOCK_DGRAM, protocol: 0 });
    // unix(7): an abstract name is written with @ for its leading NUL.
    socket.send(Buffer.from(text), encodeUnix(address.replace(/^@/, "\0")));
  } catch (thrown) {
    if (!(thrown instanceof KeepalivedError)) throw thrown;
  } finally {
    socket?.close();
  }
}
