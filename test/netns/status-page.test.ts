// The status page in a browser (Debian's Chromium, headless): what it shows, that it is live, that
// it fits a phone, and that no name becomes markup.

import assert from "node:assert/strict";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { type Browser, chromium, type Page } from "playwright-core";
import { runKeepalivedTs } from "../lab/daemon.js";
import type { Host } from "../lab/host.js";
import { createLab } from "../lab/lab.js";

const CHROMIUM = "/usr/bin/chromium";
const URL = "http://192.0.2.1:9165/";
const PHONE = { width: 360, height: 780 };
/** Where the pictures go, if somebody wants to look at them. */
const pictures = process.env["STATUS_PAGE_PICTURES"];
/** A browser on a busy machine is slow. */
const limitMs = 45_000;

const MARKUP = "<img/src=x/onerror=alert(1)>";
const instance = (name: string, id: number, more = ""): string => `vrrp_instance ${name} {
  interface eth0
  virtual_router_id ${id}
  priority 120
  ${more}
  virtual_ipaddress {
    192.0.2.${id}
    198.51.100.${id}/32
  }
}
`;
const CONFIG = `global_defs {
  router_id router-1.a-rather-long-name.example.org
  lvs_backend none
  monitor_listen 192.0.2.1
}
vrrp_script web {
  script "/usr/bin/test -e /tmp/web"
  interval 1
  weight -50
  rise 1
  fall 1
}
${instance("VI_web", 50, "version 3\n  track_script {\n    web\n  }")}
${instance(`"${MARKUP}"`, 51, "version 3")}
virtual_server 192.0.2.50 80 {
  delay_loop 1
  protocol TCP
  real_server 192.0.2.1 9165 {
    TCP_CHECK {
      connect_timeout 1
    }
  }
  real_server 192.0.2.1 1 {
    TCP_CHECK {
      connect_timeout 1
      retry 0
    }
  }
}
`;

/** A browser that lives on the host: it reaches nothing else. */
async function browse(t: TestContext, host: Host): Promise<Browser> {
  const home = join(host.scratch, "browser");
  mkdirSync(home, { recursive: true });
  const wrapper = join(host.scratch, "chromium");
  writeFileSync(
    wrapper,
    `#!/bin/sh\nHOME=${home} exec ip netns exec ${host.namespace} ${CHROMIUM} "$@"\n`,
  );
  chmodSync(wrapper, 0o755);
  const args = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"];
  const browser = await chromium.launch({ executablePath: wrapper, args, timeout: limitMs });
  t.after(() => browser.close());
  return browser;
}

async function picture(page: Page, name: string): Promise<void> {
  if (pictures === undefined) return;
  await page.screenshot({ path: join(pictures, `${name}.png`), fullPage: true });
}

test("the status page shows who is master and why, live, on a phone too", async (t) => {
  const lab = await createLab("status-page");
  t.after(() => lab.close());
  const host = await lab.addHost("ours", { address: "192.0.2.1/24" });
  const daemon = runKeepalivedTs(host, CONFIG);
  const [browser] = await Promise.all([
    browse(t, host),
    daemon.waitForLog(/Entering MASTER STATE[\s\S]*Entering MASTER STATE/),
    daemon.waitForLog(/Metrics on 192\.0\.2\.1/),
  ]);
  const page = await browser.newPage({ viewport: PHONE });
  page.setDefaultTimeout(limitMs);
  const complaints: string[] = [];
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("console", (message) => {
    if (message.type() === "error") complaints.push(message.text());
  });
  page.on("dialog", (dialog) => {
    complaints.push(dialog.message());
    void dialog.dismiss();
  });
  await page.goto(URL);
  const web = page.locator("article", { hasText: "VI_web" }).first();
  await web.getByText("MASTER", { exact: true }).waitFor();
  await page.getByText(MARKUP).first().waitFor();
  await page.getByText("1 of 2 servers up").waitFor();
  await page.getByText("router-1.a-rather-long-name").waitFor();
  await web.getByText("Why?").click();
  await web.getByText(/script web/).waitFor();
  await picture(page, "phone");
  const width = await page.evaluate("document.documentElement.scrollWidth");
  assert.ok(Number(width) <= PHONE.width, `${width} pixels wide`);
  await host.setLink("eth0", "down");
  await web.getByText("FAULT", { exact: true }).waitFor();
  await page.getByText(/VI_web: MASTER -> FAULT/).waitFor();
  await page.setViewportSize({ width: 1280, height: 800 });
  await page.emulateMedia({ colorScheme: "dark" });
  await picture(page, "desk");
  await daemon.stop();
  await page.getByText("connection lost").waitFor();
  await picture(page, "lost");
  const own = complaints.filter((each) => !/ERR_|Failed to load resource/.test(each));
  assert.deepEqual(own, []);
});
