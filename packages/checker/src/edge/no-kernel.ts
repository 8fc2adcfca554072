// lvs_backend none: a table that nobody balances by, kept here so that checks, quorum and notices
// work where the kernel has no IPVS. Takes every order.

import { applyOrder, type IpvsTable } from "../core/ipvs-table.js";
import type { IpvsPort } from "./ports.js";

export function createNoKernelPort(): IpvsPort {
  const table: IpvsTable = new Map();
  return {
    read: async () => ({
      ok: true,
      services: [...table.values()].map(({ key, parameters, destinations }) => ({
        ...{ key, parameters },
        destinations: [...destinations.values()],
      })),
    }),
    execute: async (orders) =>
      orders.map((order) => {
        applyOrder(table, order);
        return null;
      }),
    statistics: async () => [],
    control: async ({ type }) => {
      if (type === "flush") table.clear();
      return null;
    },
  };
}
