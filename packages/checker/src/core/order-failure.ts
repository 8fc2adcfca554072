// The words for an order that the kernel refused: what could not be done, why, and what helps.
// Pure.

import { realServerName } from "@keepalived-ts/shared-config/base/service-name";
import type { IpvsOrder } from "./ipvs-table.js";
import { serviceName } from "./service-plan.js";

export function orderFailureText(order: IpvsOrder, error: string): string {
  return `Cannot ${deed(order)}: ${error}${advice(order, error)}`;
}

function deed(order: IpvsOrder): string {
  const service = serviceName(order.service);
  const server = "destination" in order ? realServerName(order.service, order.destination) : "";
  switch (order.type) {
    case "addService":
      return `add VS ${service} to IPVS`;
    case "editService":
      return `change VS ${service} in IPVS`;
    case "deleteService":
      return `delete VS ${service} from IPVS`;
    case "addDestination":
      return `add service ${server} to VS ${service}`;
    case "editDestination":
      return `change service ${server} of VS ${service}`;
    case "deleteDestination":
      return `delete service ${server} from VS ${service}`;
  }
}

function advice(order: IpvsOrder, error: string): string {
  if (order.type === "addService" || order.type === "editService") {
    const { scheduler } = order.parameters;
    // ip_vs_ctl.c answers ENOENT when the scheduler is neither built in nor loadable.
    if (error === "ENOENT") {
      const remedy = `load it with modprobe ip_vs_${scheduler}`;
      return `, the kernel has no scheduler "${scheduler}": ${remedy}`;
    }
  }
  if (error === "EPERM") return ", CAP_NET_ADMIN is needed";
  if (error === "EAFNOSUPPORT") return ", the kernel's IPVS does not know this address family";
  return "";
}
