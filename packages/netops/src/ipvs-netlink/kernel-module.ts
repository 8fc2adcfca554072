// Loads the kernel's IPVS module the way ipvsadm does. Says only whether modprobe succeeded;
// whether IPVS is there is asked of the kernel.

import { execFile } from "node:child_process";

/** A hung modprobe must not hold up the start. */
const timeoutMs = 10_000;

export function loadIpvsModule(): Promise<boolean> {
  return new Promise((resolve) => {
    const environment = { PATH: "/usr/sbin:/usr/bin:/sbin:/bin" };
    execFile("modprobe", ["--", "ip_vs"], { timeout: timeoutMs, env: environment }, (error) =>
      resolve(error === null),
    );
  });
}
