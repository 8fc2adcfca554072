// The statistics file (SIGUSR2, SIGRTMAX - 1): counters of every instance in keepalived's form,
// which exporters parse line by line.

import type { InstanceStatus } from "@keepalived-ts/shared-config/ipc/messages";

/** Sections with their lines: what keepalived calls a counter, and what the core does. */
const sections: readonly (readonly [
  title: string,
  rows: readonly (readonly [string, string])[],
])[] = [
  [
    "Advertisements",
    [
      ["Received", "advertisementsReceived"],
      ["Sent", "advertisementsSent"],
    ],
  ],
  ["Became master", [["", "becomeMaster"]]],
  ["Released master", [["", "releaseMaster"]]],
  [
    "Packet Errors",
    [
      ["Length", "packetLengthErrors"],
      ["TTL", "ttlErrors"],
      ["Invalid Type", "typeErrors"],
      ["Advertisement Interval", "advertIntervalErrors"],
      ["Address List", "addressListErrors"],
    ],
  ],
  [
    "Authentication Errors",
    [
      ["Invalid Type", "authenticationTypeInvalid"],
      ["Type Mismatch", "authenticationTypeMismatch"],
      ["Failure", "authenticationFailures"],
    ],
  ],
  [
    "Priority Zero",
    [
      ["Received", "priorityZeroReceived"],
      ["Sent", "priorityZeroSent"],
    ],
  ],
];

export function statisticsText(instances: Iterable<InstanceStatus>): string {
  return [...instances]
    .map(({ instance, counters }) => `VRRP Instance: ${instance}\n${countersText(counters)}`)
    .join("");
}

function countersText(counters: InstanceStatus["counters"]): string {
  return sections
    .map(([name, rows]) => {
      const [[first = "", only = ""] = []] = rows;
      if (first === "") return `  ${name}: ${counters[only] ?? 0}\n`;
      const lines = rows.map(([label, counter]) => `    ${label}: ${counters[counter] ?? 0}\n`);
      return `  ${name}:\n${lines.join("")}`;
    })
    .join("");
}
