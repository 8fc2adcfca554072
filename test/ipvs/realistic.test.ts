// The farms among the realistic configurations against Debian's checker process, in User Mode Linux
// since it wants IPVS: every value that it holds beside ours.

import assert from "node:assert/strict";
import { test } from "node:test";
import { loadConfig } from "@keepalived-ts/shared-config/schema/load";
import { memoryLoader } from "@keepalived-ts/shared-config/testing/memory-loader";
import { caseOptions, mainPath } from "../golden/case-file.js";
import { compareCheckers } from "../golden/dump-checker.js";
import {
  allFarms,
  namedScripts,
  realisticFiles,
  realisticFolder,
} from "../golden/realistic-files.js";
import { dumpCheckers, makeHost } from "../golden/realistic-host.js";
import { tryRealisticFiles } from "../golden/realistic-run.js";
import { runInUml } from "../lab/uml.js";

/** Where it differs on purpose: the line, why. */
const intended: readonly (readonly [line: RegExp, reason: string])[] = [
  [/Dest = \[10\.0\.0\.5[23]\]/, "a port means nothing to a ping"],
  [/Log all failures/, "checker_log_all_failures counts too"],
  [/^> +Virtual host = (shop|www|rs94)\./, "what the check inherits is shown as it acts"],
  [/ timeout = [05]$/, "0 is the delay_loop of the virtual server"],
];

test("Debian's checker process holds the same values of all farms", async () => {
  const file = realisticFiles().find(({ name }) => name === allFarms);
  const [outcome] = tryRealisticFiles(allFarms);
  assert.ok(file && outcome?.config?.checker, outcome?.ourWords);
  const scripts = namedScripts(realisticFiles());
  const script = `set -- ${realisticFolder}
${makeHost}
for path in ${scripts.join(" ")}; do install -m 755 /dev/stdin $path <<< '#!/bin/sh'; done
set +e
${dumpCheckers(file.path)}`;
  const { stdout, stderr } = await runInUml({ script });
  assert.notEqual(stdout, "", stderr);
  const findings = compareCheckers(stdout, outcome.config);
  assert.deepEqual(
    findings.filter((finding) => !intended.some(([line]) => line.test(finding))),
    [],
  );
  for (const [line, reason] of intended) {
    assert.ok(
      findings.some((finding) => line.test(finding)),
      `no longer differs: ${reason}`,
    );
  }
});

/** What none of the farms has. */
const rareText = `
SSL {
  password sesame
  ca /etc/ssl/ca.pem
  certificate /etc/ssl/c.pem
  key /etc/ssl/k.pem
}
track_file drain {
  file /tmp/drain
  weight 2
}
virtual_server_group MIX {
  192.0.2.7 80
  fwmark 9
  192.0.2.8-9 443
}
virtual_server 192.0.2.1 80 {
  lvs_sched sh
  flag-2
  lvs_method TUN
  protocol TCP
  persistence_timeout 50
  persistence_granularity 255.255.0.0
  sorry_server 10.0.0.9 80
  real_server 10.0.0.1 80 {
    lvs_method TUN type gue port 6080 remcsum
    uthreshold 10
    lthreshold 5
    TCP_CHECK { }
  }
  real_server 10.0.0.2 80 {
    lvs_method TUN type gre
    SMTP_CHECK { }
    FILE_CHECK { track_file drain }
  }
}
virtual_server fwmark 7 {
  lvs_sched mh
  mh-port
  lvs_method NAT
  ip_family inet6
  persistence_timeout 50
  persistence_granularity 64
  real_server 2001:db8::1 80 {
    HTTP_GET {
      url { path / }
      url {
        path /b
        status_code 200 300-302 404
      }
    }
  }
}
virtual_server group MIX {
  lvs_sched rr
  lvs_method NAT
  protocol UDP
  real_server 10.0.0.3 80 {
    UDP_CHECK { }
    DNS_CHECK { type NS }
  }
}
`;

test("Debian's checker process says the same of what is rare, but for a pass phrase", async () => {
  const path = "/tmp/rare.conf";
  const write = `install -m 600 /dev/stdin ${path} << 'END'\n${rareText}END`;
  const { stdout, stderr } = await runInUml({ script: `${write}\n${dumpCheckers(path)}` });
  assert.notEqual(stdout, "", stderr);
  const loader = memoryLoader({ [mainPath]: rareText });
  const { config } = loadConfig({ ...caseOptions(rareText), path: mainPath, loader });
  assert.ok(config);
  assert.deepEqual(compareCheckers(stdout, config), [
    "<  Password : sesame",
    ">  Password : (not shown)",
  ]);
});
