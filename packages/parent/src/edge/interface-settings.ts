// Sets what the VRRP process wants below /proc/sys and puts the former values back when it wants
// them no more, however that process has ended. Decides no values, but that lowering rp_filter of
// `all` must not open interfaces that are not concerned.

import {
  type InterfaceSysctl,
  SysctlGuard,
  type SysctlMemory,
  sysctlFailureText,
  sysctlInterfaces,
} from "@keepalived-ts/netops/sysctl";
import type { LogRecord } from "@keepalived-ts/shared-config/base/log";
import type { InterfaceSetting } from "@keepalived-ts/shared-config/ipc/messages";

const forAll: InterfaceSysctl = { family: "ipv4", interface: "all", name: "rp_filter" };

export class InterfaceSettings {
  readonly #log: (record: LogRecord) => void;
  readonly #guard = new SysctlGuard();
  /** What was said already: the same list comes again and again. */
  readonly #told: Set<string> = new Set();

  constructor(log: (record: LogRecord) => void) {
    this.#log = log;
  }

  /** What is to be put back, for another release to do. */
  get memories(): readonly SysctlMemory[] {
    return this.#guard.memories;
  }

  adopt(memories: readonly SysctlMemory[]): void {
    this.#guard.adopt(memories);
  }

  /** From now on these are set, and no others. */
  want(settings: readonly InterfaceSetting[]): void {
    const lowersAll = settings.some((each) => isForAll(each));
    const wanted = [...(lowersAll ? this.#raised(settings) : []), ...settings];
    for (const failure of this.#guard.restore(wanted)) this.#complain(sysctlFailureText(failure));
    for (const { value, ...sysctl } of wanted) {
      const errno = this.#guard.set(sysctl, value);
      if (errno === "ENOENT") this.#guard.forgetInterface(sysctl.interface);
      else if (errno !== null) this.#complain(sysctlFailureText({ sysctl, value, errno }));
    }
  }

  /**
   * The kernel takes the higher of an interface's rp_filter and that of `all`. So where the former
   * was lower, it takes over what `all` has had (clear_rp_filter of keepalived's
   * vrrp/vrrp_if_config.c).
   */
  #raised(settings: readonly InterfaceSetting[]): InterfaceSetting[] {
    const former = this.#guard.formerValue(forAll);
    if (!former.ok || former.value === 0) return [];
    const { value } = former;
    const own = settings.filter(({ name }) => name === forAll.name);
    const spared = new Set(own.map((each) => each.interface));
    return sysctlInterfaces("ipv4")
      .filter((name) => !spared.has(name))
      .map((name): InterfaceSetting => ({ ...forAll, interface: name, name: "rp_filter", value }))
      .filter((each) => {
        const reading = this.#guard.formerValue(each);
        return reading.ok && reading.value < value;
      });
  }

  #complain(text: string): void {
    if (this.#told.has(text)) return;
    this.#told.add(text);
    this.#log({ level: "warn", text });
  }
}

function isForAll(setting: InterfaceSetting): boolean {
  return setting.name === forAll.name && setting.interface === forAll.interface;
}
