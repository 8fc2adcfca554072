// Mail about changes: the same configuration run by Debian's keepalived and by ours, with a mail
// server beside them. Who writes to whom, about what and in which words must be the same.

import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { vrrpConfigText } from "../lab/config-text.js";
import { type DaemonRunner, runDebianKeepalived, runKeepalivedTs } from "../lab/daemon.js";
import type { Host } from "../lab/host.js";
import { createLab } from "../lab/lab.js";
import { waitFor } from "../lab/wait.js";

const LIMIT_MS = 20_000;
const SERVER: string = fileURLToPath(new URL("../lab/mail-server.js", import.meta.url));

interface Mail {
  readonly helo: string;
  readonly from: string;
  readonly to: readonly string[];
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
}

async function startServer(host: Host, path: string): Promise<void> {
  const argv = [process.execPath, SERVER, "192.0.2.1", "25", path];
  const server = host.spawn(argv, { stdio: ["ignore", "pipe", "inherit"] });
  await new Promise((resolve) => server.stdout?.once("data", resolve));
}

function story(lines: readonly string[], isReloaded: boolean): string {
  const common = { version: 3, advertInterval: 0.2 } as const;
  const first = { ...common, name: "VI_1", virtualRouterId: 1, addresses: ["192.0.2.101/24"] };
  const second = { ...common, name: "VI_2", virtualRouterId: 2, addresses: ["192.0.2.102/24"] };
  const instances = [
    { ...first, lines: ["smtp_alert"] },
    ...(isReloaded ? [] : [{ ...second, lines: ["smtp_alert", "notify_deleted"] }]),
  ];
  const group = "vrrp_sync_group G {\ngroup {\nVI_1\n}\nsmtp_alert\n}\n";
  return `${vrrpConfigText(instances, lines)}${group}`;
}

const GLOBALS = [
  "router_id lvs1",
  "smtp_server 192.0.2.1",
  "smtp_helo_name router.example.org",
  "notification_email_from keepalived@example.org",
  "notification_email {\na@example.org\nb@example.org\n}",
];

/** What each mail says, those about one subject in order. */
async function tellStory(t: TestContext, runner: DaemonRunner): Promise<readonly string[]> {
  const lab = await createLab("mail");
  t.after(() => lab.close());
  const host = await lab.addHost("router", { address: "192.0.2.1/24" });
  const path = join(lab.scratch, "mails");
  const part = join(lab.scratch, "part.conf");
  await startServer(host, path);
  writeFileSync(part, story(GLOBALS, false));
  const mails = (): Mail[] =>
    existsSync(path)
      ? readFileSync(path, "utf8")
          .split("\n")
          .slice(0, -1)
          .map((line) => JSON.parse(line) as Mail)
      : [];
  const until = async (count: number, subject: string): Promise<void> => {
    const hits = (): boolean => mails().filter((each) => isAbout(each, subject)).length >= count;
    await waitFor(`${count} mails "${subject}"`, hits, LIMIT_MS);
  };
  const daemon = runner(host, `include ${part}\n`);
  await until(1, "Instance VI_1 - Entering MASTER state");
  await until(1, "Instance VI_2 - Entering MASTER state");
  await until(1, "Group G - Entering MASTER state");
  await host.setPlugged("eth0", false);
  await until(1, "Instance VI_2 - Entering FAULT state");
  await until(1, "Group G - Entering FAULT state");
  await host.setPlugged("eth0", true);
  await until(2, "Instance VI_2 - Entering MASTER state");
  await until(2, "Group G - Entering MASTER state");
  writeFileSync(part, story(GLOBALS, true));
  daemon.signal("SIGHUP");
  await until(1, "Instance VI_2 - Deleted");
  await daemon.stop();
  return mails().map(summary).toSorted();
}

function isAbout({ headers }: Mail, subject: string): boolean {
  return headers["Subject"]?.includes(subject) === true;
}

function summary({ from, to, body, headers }: Mail): string {
  return [headers["Subject"], from, to, headers["X-Mailer"], body].join(" | ");
}

test("mail says the same as that of Debian's keepalived", async (t) => {
  const [theirs, ours] = await Promise.all([
    tellStory(t, runDebianKeepalived),
    tellStory(t, runKeepalivedTs),
  ]);
  // keepalived has ended before its last mail is on its way.
  const isLast = (text: string): boolean => text.includes("VI_1 - Stopping");
  assert.equal(ours.filter(isLast).length, 1);
  assert.deepEqual(
    ours.filter((text) => !isLast(text)),
    theirs.filter((text) => !isLast(text)),
  );
});
