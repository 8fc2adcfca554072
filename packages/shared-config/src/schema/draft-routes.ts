// What lines of addresses, routes and rules said, before names are resolved.

import type { Span } from "../text/source.js";
import type { VirtualAddress } from "./config-routes.js";

/** One line of virtual_ipaddress. */
export interface AddressDraft extends Omit<VirtualAddress, "device"> {
  readonly device: string | undefined;
  readonly family: 4 | 6;
  readonly span: Span;
}
