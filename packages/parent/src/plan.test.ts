// kactl plan with a real daemon (and fake children): who reads which file, what is shown, that
// nothing changes. What a plan says is the children's matter: their core/plan.test.ts.

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import { test } from "node:test";
import { checkerText, vrrpText } from "./testing/daemon-run.js";
import { kactl, startControlled } from "./testing/kactl.js";

const changed = vrrpText.replace("virtual_router_id 51", "virtual_router_id 51\n  priority 90");

test("kactl plan shows what a reload would do, and changes nothing", async (t) => {
  const run = await startControlled(t);
  run.writeConfig(changed);
  const planned = kactl(run, "plan");
  assert.equal(planned.status, 0, planned.text);
  assert.match(planned.text, /^vrrp_instance VI_1\n {2}- priority 100\n {2}\+ priority 90$/m);
  assert.match(planned.text, /^- virtual_server 192\.0\.2\.7 80$/m);
  assert.match(planned.text, /^VI_1 changed: none -> BACKUP with priority 90$/m);
  assert.match(planned.text, /^ {2}\+ address\n {2}! a risk$/m);
  const shown = JSON.parse(kactl(run, "plan", "--json").text);
  assert.deepEqual([shown.isEmpty, shown.instances.length, shown.ipvs], [false, 1, []]);
  const status = JSON.parse(kactl(run, "status", "--json").text);
  assert.deepEqual([status.configGeneration, status.instances[0].basePriority], [1, 100]);
  assert.doesNotMatch(run.printed, /Reloading|Opening file.*\n.*Opening file/);
});

test("kactl plan FILE is about another file, which is read by whoever asks", async (t) => {
  const run = await startControlled(t);
  const file = join(run.folder, "other.conf");
  // Without an instance: an interface would have to be there.
  writeFileSync(file, `instance other\n${checkerText.replace("wlc", "rr")}`);
  const planned = kactl(run, "plan", file);
  assert.equal(planned.status, 0, planned.text);
  assert.match(planned.text, /^- vrrp_instance VI_1$/m);
  assert.match(planned.text, /^ {2}- lb_algo wlc\n {2}\+ lb_algo rr$/m);
  assert.match(planned.text, /^ipvsadm -A \[192\.0\.2\.7\]:tcp:80$/m);
  assert.match(planned.text, /^instance changes by a restart only$/m);
  const missing = kactl(run, "plan", join(run.folder, "nowhere.conf"));
  assert.equal(missing.status, 1);
  assert.match(missing.text, /nowhere\.conf/);
});

test("a plan of a configuration with errors says where they are", async (t) => {
  const run = await startControlled(t);
  run.writeConfig("vrrp_instance VI_1 {\n  interface\n");
  const refused = kactl(run, "plan");
  assert.equal(refused.status, 1);
  assert.match(refused.text, /keepalived\.conf:1:/);
});

test("a child that cannot tell costs an answer, not the daemon", async (t) => {
  const run = await startControlled(t, "cannot plan");
  const failed = kactl(run, "plan");
  assert.equal(failed.status, 1);
  assert.match(failed.text, /Cannot make a plan: the \w+ part cannot tell: it has ended, status 3/);
  assert.equal(kactl(run, "status").status, 0);
});

test("bodies that are no configuration are refused", async (t) => {
  const run = await startControlled(t);
  const socketPath = join(run.folder, "keepalived.sock");
  const post = (body: string): Promise<string> =>
    new Promise((resolve, reject) => {
      const sent = request({ socketPath, method: "POST", path: "/v1/plan" }, (response) => {
        let text = `${response.statusCode} `;
        response.on("data", (chunk) => {
          text += chunk;
        });
        response.on("end", () => resolve(text));
      });
      sent.on("error", reject);
      sent.end(body);
    });
  for (const body of ["nonsense", "[]", "{}", '{"global": 1}', "null", "7"]) {
    assert.match(await post(body), /^400 .*"WRONG_BODY"/, body);
  }
  assert.equal(kactl(run, "status").status, 0);
});
