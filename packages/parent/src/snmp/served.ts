// Which parts of the object tree a configuration has us serve, and the objects in them. Pure.

import type { GlobalConfig } from "@keepalived-ts/shared-config/schema/config";
import { checkerTables, checkOid } from "./keepalived-checker.js";
import { globalOid, globalTables } from "./keepalived-global.js";
import { instanceTables, vrrpOid } from "./keepalived-instances.js";
import { routingTables } from "./keepalived-routing.js";
import { trackTables } from "./keepalived-track.js";
import { ObjectTree } from "./object-tree.js";
import type { Oid } from "./oid.js";
import { rfc2787Oid, rfc2787Tables } from "./rfc2787.js";
import { rfc6527Oid, rfc6527Tables } from "./rfc6527.js";
import type { SnmpTree, SnmpView } from "./view.js";

export function servedSubtrees(global: GlobalConfig): Oid[] {
  const { enableSnmpVrrp, enableSnmpChecker, enableSnmpRfcv2, enableSnmpRfcv3 } = global;
  return [
    ...(enableSnmpVrrp || enableSnmpChecker ? [globalOid] : []),
    ...(enableSnmpVrrp ? [vrrpOid] : []),
    ...(enableSnmpChecker ? [checkOid] : []),
    ...(enableSnmpRfcv2 ? [rfc2787Oid] : []),
    ...(enableSnmpRfcv3 ? [rfc6527Oid] : []),
  ];
}

export function treeOf(view: SnmpView | undefined): SnmpTree {
  if (view === undefined) return new ObjectTree([]);
  const { enableSnmpVrrp, enableSnmpChecker, enableSnmpRfcv2, enableSnmpRfcv3 } =
    view.config.global;
  return new ObjectTree([
    ...(enableSnmpVrrp || enableSnmpChecker ? globalTables(view) : []),
    ...(enableSnmpVrrp
      ? [...instanceTables(view), ...trackTables(view), ...routingTables(view)]
      : []),
    ...(enableSnmpChecker ? checkerTables(view) : []),
    ...(enableSnmpRfcv2 ? rfc2787Tables(view) : []),
    ...(enableSnmpRfcv3 ? rfc6527Tables(view) : []),
  ]);
}
