// KEEPALIVED-MIB, global part: settings of the daemon. 1.3.6.1.4.1.9586.100.5.1

import type { SnmpValue } from "./agentx-types.js";
import { oidOf } from "./oid.js";
import { address, addressType, gauge, ifThere, integer, oneOrTwo, text, truth } from "./values.js";
import { numbered, type SnmpColumn, type SnmpView, table } from "./view.js";

export const keepalivedOid: readonly number[] = oidOf("1.3.6.1.4.1.9586.100.5");
export const globalOid: readonly number[] = [...keepalivedOid, 1];
export const routerIdOid: readonly number[] = [...globalOid, 2, 0];

const usPerS = 1e6;

/** on(1), off(2), unset(3) */
function switchState(value: boolean | undefined): SnmpValue {
  if (value === undefined) return integer(3);
  return oneOrTwo(value);
}

function mailServer(
  { config: { global } }: SnmpView,
  shown: (server: string) => SnmpValue,
): SnmpValue | undefined {
  // InetAddressType dns(16) is not shown by keepalived, which looks a name up at the start.
  const { smtpServer } = global;
  return smtpServer !== undefined && /^[\d.]+$|:/.test(smtpServer) ? shown(smtpServer) : undefined;
}

const flushNumbers = { all: 1, no: 2, VS: 3 } as const;

export function globalTables(view: SnmpView): SnmpColumn[] {
  const { global } = view.config;
  const scalars = (): { index: number[]; row: SnmpView }[] => [{ index: [0], row: view }];
  return [
    ...table({
      entry: globalOid,
      columns: {
        1: () => text(view.version),
        2: () => text(global.routerId),
        4: () => oneOrTwo(global.enableTraps),
        5: () => oneOrTwo(!global.linkbeatUsePolling),
        6: () => oneOrTwo(global.lvsFlush),
        // The kernel's IPVS has counted in 64 bits since Linux 4.1.
        7: () => truth(true),
        8: () => text(global.netNamespace ?? ""),
        9: () => truth(global.enableDbus),
        10: () => truth(global.dynamicInterfaces),
        11: () => integer(flushNumbers[global.lvsFlushOnStop]),
      },
      rows: scalars,
    }),
    ...table({
      entry: [...globalOid, 3],
      columns: {
        1: () => mailServer(view, addressType),
        2: () => mailServer(view, address),
        3: () => mailServer(view, () => gauge(global.smtpConnectTimeoutUs / usPerS)),
        4: () => ifThere(global.notificationEmailFrom, text),
        6: () => mailServer(view, () => gauge(global.smtpPort)),
        7: () => oneOrTwo(!global.noEmailFaults),
        8: () => switchState(global.smtpAlert),
        9: () => switchState(global.smtpAlertVrrp),
        10: () => switchState(global.smtpAlertChecker),
      },
      rows: scalars,
    }),
    ...table({
      entry: [...globalOid, 3, 5, 1],
      columns: { 2: (email: string) => text(email) },
      rows: () => numbered(global.notificationEmails),
    }),
  ];
}
