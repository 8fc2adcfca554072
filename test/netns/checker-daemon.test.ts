// The whole daemon with checks that need more than the checker: files that the parent watches,
// scripts with weights, pages; without IPVS, so that the machine's kernel does. What follows is
// read from the log.

import assert from "node:assert/strict";
import { renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { runKeepalivedTs } from "../lab/daemon.js";
import { createLab } from "../lab/lab.js";

const server = "[10.7.0.1]:tcp:80";
const service = "[192.0.2.1]:tcp:80";

/** Answers with what stands in the file; without one it answers 503. */
const web = `
  const { readFileSync } = require("node:fs");
  require("node:http").createServer((request, response) => {
    response.setHeader("Connection", "close");
    try {
      response.end(readFileSync(process.argv[1]));
    } catch {
      response.writeHead(503).end();
    }
  }).listen(8080, "10.7.0.1", () => console.log("listening"));
`;

function configText(folder: string): string {
  return `global_defs {
  lvs_backend none
  script_user root
}
track_file load {
  file "${folder}/load"
}
track_file drain {
  file "${folder}/drain"
  weight 0
}
virtual_server 192.0.2.1 80 {
  delay_loop 0.2
  warmup 0
  retry 1
  delay_before_retry 0.1
  protocol TCP
  lb_algo rr
  lb_kind NAT
  real_server 10.7.0.1 80 {
    weight 10
    HTTP_GET {
      connect_port 8080
      retry 0
      url {
        path /
        regex "^it is w[e]ll"
      }
    }
    MISC_CHECK {
      misc_path "/bin/sh ${folder}/weight.sh"
      misc_dynamic
      retry 0
    }
    FILE_CHECK {
      track_file load
      weight 2
    }
    FILE_CHECK {
      track_file drain
    }
  }
}
`;
}

test("files, scripts and pages decide together over a server and its weight", async (t) => {
  const lab = await createLab("checker-daemon");
  t.after(() => lab.close());
  const host = await lab.addHost("director", { address: "10.7.0.1/24" });
  // At one blow: an empty file counts too.
  const write = (name: string, text: string): void => {
    writeFileSync(join(lab.scratch, "new"), text);
    renameSync(join(lab.scratch, "new"), join(lab.scratch, name));
  };
  write("page", "it is well");
  write("weight.sh", "exit 0");
  write("load", "5\n");
  write("drain", "0\n");
  host.spawn([process.execPath, "-e", web, join(lab.scratch, "page")]);
  const daemon = runKeepalivedTs(host, configText(lab.scratch));
  await daemon.waitForLog(/Startup complete/);
  await daemon.waitForLog(/Remote Web server \[10\.7\.0\.1\]:tcp:80 succeed on service\./);
  const weighs = async (from: number, to: number): Promise<void> => {
    const change = `Changing weight from ${from} to ${to} for active service`;
    await daemon.waitForLog(new RegExp(change));
  };
  write("load", "6\n");
  await weighs(20, 22);
  write("weight.sh", "exit 102");
  await weighs(22, 112);
  write("load", "-7\n");
  await weighs(112, 86);
  const moves = (): string[] =>
    [...daemon.log().matchAll(/(Adding|Removing) service (\S+) (?:to|from) VS (\S+)/g)].map(
      ([, move, from, to]) => `${move} ${from} ${to}`,
    );
  const removed = `Removing ${server} ${service}`;
  const added = `Adding ${server} ${service}`;
  const expected: string[] = [];
  for (const [name, bad, good] of [
    ["page", "it is not", "it is well"],
    ["weight.sh", "exit 1", "exit 0"],
    ["drain", "1\n", "0\n"],
  ] as const) {
    expected.push(removed);
    write(name, bad);
    await daemon.waitForLog(countOf("Removing service", expected.length / 2 + 0.5));
    expected.push(added);
    write(name, good);
    await daemon.waitForLog(countOf("Adding service", expected.length / 2));
  }
  assert.deepEqual(moves(), expected);
  await daemon.stop();
});

/** Matches a log that says it at least so often. */
function countOf(text: string, count: number): RegExp {
  return new RegExp(`(?:${text}[^]*){${count}}`);
}
