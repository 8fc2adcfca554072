// Our objects on the bus: which there are, what they show, what may be asked of them. Those, their
// paths and interfaces are keepalived's (org.keepalived.Vrrp1). Answers as GDBus words them. Pure.

import type { VrrpStateName } from "@keepalived-ts/shared-config/ipc/messages";
import type { Config, VrrpInstanceConfig } from "@keepalived-ts/shared-config/schema/config";
import type { DbusValue, Variant } from "./marshal.js";
import type { DbusMessage } from "./message.js";

const root = "/org/keepalived/Vrrp1";
export const vrrpPath: string = `${root}/Vrrp`;
export const vrrpInterface = "org.keepalived.Vrrp1.Vrrp";
export const instanceInterface = "org.keepalived.Vrrp1.Instance";
const propertiesInterface = "org.freedesktop.DBus.Properties";
const introspectableInterface = "org.freedesktop.DBus.Introspectable";
const peerInterface = "org.freedesktop.DBus.Peer";
const errors = "org.freedesktop.DBus.Error";

export interface DbusView {
  readonly config: Config;
  /** By name; an instance of which nothing is known is unknown. */
  readonly states: ReadonlyMap<string, VrrpStateName>;
  /** Of this host: /etc/machine-id. */
  readonly machineId: string | undefined;
}

/** What a caller has us do. */
export type DbusOrder =
  | { readonly type: "printData" | "printStatistics" | "printStatisticsClear" | "reload" }
  | { readonly type: "sendGratuitousArp"; readonly instance: string };

export interface DbusAnswer {
  /** Without serial and destination. */
  readonly message: Pick<DbusMessage, "type" | "errorName" | "signature" | "body">;
  readonly order?: DbusOrder;
}

/** VRRP_STATE_* of keepalived's vrrp.h, and how it writes them. */
export const stateNumbers: Readonly<Record<VrrpStateName | "DELETED" | "STOP", number>> = {
  INIT: 0,
  BACKUP: 1,
  MASTER: 2,
  FAULT: 3,
  DELETED: 97,
  STOP: 98,
};
const stateWords: Readonly<Record<VrrpStateName, string>> = {
  INIT: "Init",
  BACKUP: "Backup",
  MASTER: "Master",
  FAULT: "Fault",
};

/** An interface, as a path can have it: no other characters than these are allowed there. */
export function instancePath(
  { interface: link, virtualRouterId, family }: VrrpInstanceConfig,
  noInterfaceName: string | undefined,
): string {
  const place = (link === "" ? (noInterfaceName ?? "none") : link).replace(/[^A-Za-z0-9_]/g, "_");
  return `${root}/Instance/${place}/${virtualRouterId}/IPv${family}`;
}

export function instancesByPath({
  config,
}: Pick<DbusView, "config">): Map<string, VrrpInstanceConfig> {
  const { dbusNoInterfaceName } = config.global;
  return new Map(
    (config.vrrp?.instances ?? []).map((each) => [instancePath(each, dbusNoInterfaceName), each]),
  );
}

const vrrpMethods: Readonly<Record<string, DbusOrder>> = {
  PrintData: { type: "printData" },
  PrintStats: { type: "printStatistics" },
  PrintStatsClear: { type: "printStatisticsClear" },
  ReloadConfig: { type: "reload" },
};

/** The answer to a method call. */
export function answerCall(call: DbusMessage, view: DbusView): DbusAnswer {
  const path = call.path ?? "";
  const { member = "", interface: face } = call;
  if (face === peerInterface) return peerAnswer(member, view);
  if (face === introspectableInterface || (face === undefined && member === "Introspect")) {
    return member === "Introspect" ? introspection(path, view) : noMethod(member);
  }
  const instance = instancesByPath(view).get(path);
  if (path !== vrrpPath && instance === undefined) {
    return failed("UnknownMethod", `Object does not exist at path “${path}”`);
  }
  if (face === propertiesInterface) return propertiesAnswer(call, instance, view);
  return instance === undefined ? vrrpAnswer(call) : instanceAnswer(call, instance);
}

function done(order?: DbusOrder): DbusAnswer {
  return { message: { type: "return" }, ...(order === undefined ? {} : { order }) };
}

function value(signature: string, body: DbusValue): DbusAnswer {
  return { message: { type: "return", signature, body: [body] } };
}

function failed(name: string, text: string): DbusAnswer {
  return {
    message: { type: "error", errorName: `${errors}.${name}`, signature: "s", body: [text] },
  };
}

function noMethod(member: string): DbusAnswer {
  return failed("UnknownMethod", `No such method “${member}”`);
}

function hasArguments({ signature = "" }: DbusMessage): DbusAnswer | undefined {
  return signature === "" ? undefined : wrongType(signature, "");
}

function wrongType(signature = "", wanted: string): DbusAnswer {
  const text = `Type of message, “(${signature})”, does not match expected type “(${wanted})”`;
  return failed("InvalidArgs", text);
}

function vrrpAnswer(call: DbusMessage): DbusAnswer {
  if (call.interface !== undefined && call.interface !== vrrpInterface) return noInterface(call);
  const { member = "" } = call;
  const order = Object.hasOwn(vrrpMethods, member) ? vrrpMethods[member] : undefined;
  return order === undefined ? noMethod(member) : (hasArguments(call) ?? done(order));
}

function instanceAnswer(call: DbusMessage, { name }: VrrpInstanceConfig): DbusAnswer {
  if (call.interface !== undefined && call.interface !== instanceInterface) {
    return noInterface(call);
  }
  if (call.member !== "SendGarp") return noMethod(call.member ?? "");
  return hasArguments(call) ?? done({ type: "sendGratuitousArp", instance: name });
}

function noInterface({ interface: face, path }: DbusMessage): DbusAnswer {
  return failed("UnknownMethod", `No such interface “${face}” on object at path ${path}`);
}

function peerAnswer(member: string, { machineId }: DbusView): DbusAnswer {
  if (member === "Ping") return done();
  if (member !== "GetMachineId") return noMethod(member);
  return machineId === undefined
    ? failed("Failed", "Unable to load /etc/machine-id")
    : value("s", machineId);
}

function propertiesOf(instance: VrrpInstanceConfig, view: DbusView): Map<string, Variant> {
  const state = view.states.get(instance.name);
  const shown =
    state === undefined ? [stateNumbers.INIT, "Unknown"] : [stateNumbers[state], stateWords[state]];
  return new Map([
    ["Name", { signature: "(s)", value: [instance.name] }],
    ["State", { signature: "(us)", value: shown }],
  ]);
}

function propertiesAnswer(
  { member = "", signature, body = [] }: DbusMessage,
  instance: VrrpInstanceConfig | undefined,
  view: DbusView,
): DbusAnswer {
  const [face, name] = body;
  const own = instance === undefined ? vrrpInterface : instanceInterface;
  const wanted = { Get: "ss", GetAll: "s", Set: "ssv" }[member];
  if (wanted === undefined) return noMethod(member);
  if (signature !== wanted) {
    return wrongType(signature, wanted);
  }
  if (face !== own && face !== "") return failed("InvalidArgs", `No such interface “${face}”`);
  const properties = instance === undefined ? new Map() : propertiesOf(instance, view);
  if (member === "GetAll") return value("a{sv}", properties);
  const property = properties.get(String(name));
  if (property === undefined) return failed("InvalidArgs", `No such property “${name}”`);
  if (member === "Set") return failed("InvalidArgs", `Property “${name}” is not writable`);
  return value("v", property);
}

const standardXml = `  <interface name="org.freedesktop.DBus.Properties">
    <method name="Get">
      <arg type="s" name="interface_name" direction="in"/>
      <arg type="s" name="property_name" direction="in"/>
      <arg type="v" name="value" direction="out"/>
    </method>
    <method name="GetAll">
      <arg type="s" name="interface_name" direction="in"/>
      <arg type="a{sv}" name="properties" direction="out"/>
    </method>
    <method name="Set">
      <arg type="s" name="interface_name" direction="in"/>
      <arg type="s" name="property_name" direction="in"/>
      <arg type="v" name="value" direction="in"/>
    </method>
    <signal name="PropertiesChanged">
      <arg type="s" name="interface_name"/>
      <arg type="a{sv}" name="changed_properties"/>
      <arg type="as" name="invalidated_properties"/>
    </signal>
  </interface>
  <interface name="org.freedesktop.DBus.Introspectable">
    <method name="Introspect">
      <arg type="s" name="xml_data" direction="out"/>
    </method>
  </interface>
  <interface name="org.freedesktop.DBus.Peer">
    <method name="Ping"/>
    <method name="GetMachineId">
      <arg type="s" name="machine_uuid" direction="out"/>
    </method>
  </interface>
`;
const vrrpXml = `  <interface name="${vrrpInterface}">
${Object.keys(vrrpMethods)
  .map((name) => `    <method name="${name}"/>\n`)
  .join("")}\
    <signal name="VrrpStarted"/>
    <signal name="VrrpReloaded"/>
    <signal name="VrrpStopped"/>
  </interface>
`;
const instanceXml = `  <interface name="${instanceInterface}">
    <method name="SendGarp"/>
    <signal name="VrrpStatusChange">
      <arg type="u" name="status"/>
    </signal>
    <property type="s" name="Name" access="read"/>
    <property type="(us)" name="State" access="read"/>
  </interface>
`;

/** Of our objects and of all that lies above them. */
function introspection(path: string, view: DbusView): DbusAnswer {
  const own = instancesByPath(view);
  const below = path === "/" ? "/" : `${path}/`;
  const paths = [vrrpPath, ...own.keys()];
  const children = new Set(
    paths
      .filter((each) => each.startsWith(below))
      .map((each) => each.slice(below.length).split("/")[0] ?? ""),
  );
  const nodes = [...children].map((name) => `  <node name="${name}"/>\n`).join("");
  const face = path === vrrpPath ? vrrpXml : own.has(path) ? instanceXml : undefined;
  if (face === undefined && children.size === 0) {
    return failed("UnknownMethod", `Object does not exist at path “${path}”`);
  }
  const doctype =
    '<!DOCTYPE node PUBLIC "-//freedesktop//DTD D-BUS Object Introspection 1.0//EN"\n' +
    ' "http://www.freedesktop.org/standards/dbus/1.0/introspect.dtd">\n';
  const inner = face === undefined ? "" : standardXml + face;
  return value("s", `${doctype}<node>\n${inner}${nodes}</node>\n`);
}
