// Mail through real sockets: what the server gets, encryption, credentials, refusal.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, type TestContext, test } from "node:test";
import type { LogRecord } from "@keepalived-ts/shared-config/base/log";
import type { GlobalConfig } from "@keepalived-ts/shared-config/schema/config";
import { globalDefaults } from "@keepalived-ts/shared-config/schema/config-global-defaults";
import { type ReceivedMail, type SinkOptions, SmtpSink } from "../testing/smtp-sink.js";
import { Mailer } from "./mailer.js";

const folder: string = mkdtempSync(join(tmpdir(), "mailer-"));
after(() => rmSync(folder, { recursive: true }));

const mail = { subject: "VRRP Instance VI_1 - Stopping", body: "=> VRRP Instance stopping <=" };

interface Bench {
  readonly mailer: Mailer;
  readonly received: Promise<ReceivedMail>;
  readonly logged: string[];
  readonly log: Promise<string>;
}

async function setUp(
  t: TestContext,
  server: Omit<SinkOptions, "received">,
  config: Partial<GlobalConfig> = {},
): Promise<Bench> {
  let take: (received: ReceivedMail) => void = () => undefined;
  const received = new Promise<ReceivedMail>((resolve) => {
    take = resolve;
  });
  const sink = new SmtpSink({ ...server, received: (each) => take(each) });
  const smtpPort = await sink.listen();
  const logged: string[] = [];
  let wake: (text: string) => void = () => undefined;
  const log = new Promise<string>((resolve) => {
    wake = resolve;
  });
  const mailer = new Mailer(({ text }: LogRecord) => {
    logged.push(text);
    wake(text);
  });
  mailer.configure({
    ...globalDefaults,
    routerId: "lvs1",
    smtpServer: "127.0.0.1",
    smtpPort,
    smtpHeloName: "router.example",
    notificationEmailFrom: "keepalived@example.org",
    notificationEmails: ["a@example.org", '"On call" <b@example.org>'],
    ...config,
  });
  t.after(async () => {
    sink.close();
    await mailer.close();
  });
  return { mailer, received, logged, log };
}

test("Mailer sends keepalived's mail to everybody", async (t) => {
  const { mailer, received, log } = await setUp(t, {});
  mailer.post(mail);
  const { headers, ...rest } = await received;
  assert.deepEqual(rest, {
    helo: "router.example",
    isEncrypted: false,
    credentials: [],
    from: "keepalived@example.org",
    to: ["a@example.org", "b@example.org"],
    body: "=> VRRP Instance stopping <=",
  });
  assert.equal(headers.get("Subject"), "[lvs1] VRRP Instance VI_1 - Stopping");
  assert.equal(headers.get("X-Mailer"), "Keepalived");
  assert.equal(await log, "SMTP alert successfully sent");
});

test("Mailer sends none without a server or without an address", async (t) => {
  for (const config of [{ smtpServer: undefined }, { notificationEmails: [] }]) {
    const { mailer, logged } = await setUp(t, {}, config);
    mailer.post(mail);
    await mailer.close();
    assert.deepEqual(logged, []);
  }
});

test("Mailer encrypts and says who it is, when told to", async (t) => {
  const [key, cert] = ["key.pem", "cert.pem"].map((name) => join(folder, name));
  const subject = ["-subj", "/CN=localhost", "-days", "2", "-nodes"];
  const files = ["-keyout", key ?? "", "-out", cert ?? ""];
  execFileSync("openssl", ["req", "-x509", "-newkey", "rsa:2048", ...subject, ...files], {
    stdio: "ignore",
  });
  const tls = { key: readFileSync(key ?? "", "utf8"), cert: readFileSync(cert ?? "", "utf8") };
  const settings = { smtpTlsVerify: false, smtpUser: "user", smtpPassword: "secret" } as const;
  for (const smtpTls of ["starttls", "implicit"] as const) {
    const isImplicit = smtpTls === "implicit";
    const { mailer, received } = await setUp(t, { tls, isImplicit }, { ...settings, smtpTls });
    mailer.post(mail);
    const { isEncrypted, credentials } = await received;
    assert.equal(isEncrypted, true);
    assert.deepEqual(credentials, ["user", "secret"]);
    const wary = await setUp(t, { tls, isImplicit }, { ...settings, smtpTls, smtpTlsVerify: true });
    wary.mailer.post(mail);
    assert.match(await wary.log, /self-signed certificate.*tried again in 5 s/);
  }
  // A server that cannot encrypt is sent nothing.
  const plain = await setUp(t, {}, { ...settings, smtpTls: "starttls" });
  plain.mailer.post(mail);
  assert.match(await plain.log, /tried again in 5 s/);
  assert.doesNotMatch(plain.logged.join(), /secret/);
});

test("Mailer gives up what is refused for good, and keeps what may be taken later", async (t) => {
  const refused = await setUp(t, { recipientStatus: 550 });
  refused.mailer.post(mail);
  assert.match(await refused.log, /Cannot send the mail .*550.*given up after 1 attempts/);
  const busy = await setUp(t, { recipientStatus: 451 });
  busy.mailer.post(mail);
  assert.match(await busy.log, /451.*tried again in 5 s/);
});
