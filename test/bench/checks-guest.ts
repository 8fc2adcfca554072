// Measures one daemon's health checks and IPVS work inside User Mode Linux (checks.ts boots it) and
// prints the figures as JSON: CPU a check, removal, programming, reload. Its words are the
// executable and what to measure. Servers are nginx, so that they cost the guest little.

import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createConnection, createServer, type Server } from "node:net";
import { processTree } from "../lab/daemon.js";
import { sleep, waitFor } from "../lab/wait.js";
import type { Measured } from "./contenders.js";
import { figuresOf } from "./figures.js";

export type ChecksQuestion = "tcp" | "http" | "removal" | "programming" | "addition" | "reload";

const [, , command = "", question = ""] = process.argv;
const configFile = "/tmp/checks.conf";
const limitMs = 90_000;

const checkCount = 1000;
const warmUpMs = 4_000;
const windowMs = 10_000;

function realServer(index: number, lines: string): string {
  const address = `127.${1 + (index >> 16)}.${(index >> 8) & 255}.${index & 255}`;
  return `real_server ${address} 80 {\n${lines}}\n`;
}

function virtualServer(host: number, servers: readonly string[], timing = ""): string {
  const address = `192.${host >> 16}.${(host >> 8) & 255}.${host & 255}`;
  return `virtual_server ${address} 80 {
    protocol TCP\n lb_algo rr\n lb_kind NAT\n ${timing}\n${servers.join("")}}\n`;
}

function start(text: string): ChildProcess {
  writeFileSync(configFile, `global_defs {\n router_id bench\n}\n${text}`);
  const pids = ["-p", "/tmp/bench.pid", "-c", "/tmp/bench-checker.pid"];
  const argv = ["-n", "-l", "-C", "-f", configFile, ...pids];
  return spawn(command, argv, { stdio: "ignore" });
}

async function stop(daemon: ChildProcess): Promise<void> {
  daemon.kill("SIGTERM");
  await once(daemon, "exit");
}

/** CPU time of every thread of every process of the daemon, in microseconds (schedstat). */
function cpuUs(daemon: ChildProcess): number {
  const threads = processTree(daemon.pid ?? -1).flatMap(({ pid }) => {
    const folder = `/proc/${pid}/task`;
    return readdirSync(folder).map((thread) => `${folder}/${thread}/schedstat`);
  });
  const times = threads.map((path) => Number(readFileSync(path, "utf8").split(" ")[0]));
  return times.reduce((sum, value) => sum + value, 0) / 1e3;
}

/** Lines of the kernel's table that show a destination. */
function destinations(): number {
  return readFileSync("/proc/net/ip_vs", "utf8").split("\n  -> ").length - 2;
}

async function waitForDestinations(count: number): Promise<void> {
  await waitFor(`${count} destinations`, () => destinations() === count, limitMs);
}

const nginxText = `worker_processes 1; pid /tmp/nginx.pid; error_log /dev/null; user root;
  events { worker_connections 4096; }
  http { access_log off; keepalive_timeout 0;
    client_body_temp_path /tmp/body; proxy_temp_path /tmp/proxy; fastcgi_temp_path /tmp/fastcgi;
    uwsgi_temp_path /tmp/uwsgi; scgi_temp_path /tmp/scgi;
    server { listen 80 backlog=4096; location / { return 200 "well"; } }
    server { listen 81; location / { stub_status; } } }`;

async function startNginx(): Promise<void> {
  writeFileSync("/tmp/nginx.conf", nginxText);
  execFileSync("nginx", ["-c", "/tmp/nginx.conf"], { stdio: "ignore" });
  await waitFor(
    "nginx",
    () =>
      accepted().then(
        () => true,
        () => false,
      ),
    limitMs,
  );
}

/** Connections that nginx has had since its start, this one included. */
async function accepted(): Promise<number> {
  const socket = createConnection(81, "127.0.0.1");
  socket.end("GET / HTTP/1.0\r\n\r\n");
  let text = "";
  for await (const chunk of socket) text += String(chunk);
  return Number(/accepts handled requests\s+(\d+)/.exec(text)?.[1] ?? Number.NaN);
}

/** What a check costs at 1,000 a second, and how many of these are made. */
async function measureChecks(check: string): Promise<Measured> {
  await startNginx();
  const timing = "delay_loop 1\n connect_timeout 3";
  const servers = Array.from({ length: checkCount }, (_, i) => realServer(i + 256, check));
  const daemon = start(virtualServer(1, servers, timing));
  await waitForDestinations(checkCount);
  await sleep(warmUpMs);
  const [beginMs, beginUs, before] = [performance.now(), cpuUs(daemon), await accepted()];
  await sleep(windowMs);
  const [endMs, endUs, after] = [performance.now(), cpuUs(daemon), await accepted()];
  const count = after - before - 1;
  await stop(daemon);
  execFileSync("nginx", ["-c", "/tmp/nginx.conf", "-s", "quit"], { stdio: "ignore" });
  return {
    "CPU a check, us": (endUs - beginUs) / count,
    "checks a second": count / ((endMs - beginMs) / 1000),
  };
}

const removalRounds = 20;
const periodMs = 100;

/** How long after a check was due the server has left the table, its port being closed by then. */
async function measureRemoval(): Promise<Measured> {
  let checkedMs = 0;
  const listen = async (): Promise<Server> => {
    const server = createServer((socket) => {
      checkedMs = performance.now();
      socket.destroy();
    });
    server.listen(80, "127.1.1.0");
    await once(server, "listening");
    return server;
  };
  let server = await listen();
  const check = "TCP_CHECK {\n retry 0\n}\n";
  const timing = `delay_loop ${periodMs / 1000}\n warmup 0.1`;
  const daemon = start(virtualServer(1, [realServer(256, check)], timing));
  await waitForDestinations(1);
  await sleep(2_000);
  const late: number[] = [];
  for (let round = 0; round < removalRounds; round++) {
    await sleep(300 + ((round * 37) % periodMs));
    server.close();
    while (destinations() > 0) await sleep(1);
    late.push(performance.now() - checkedMs - periodMs);
    server = await listen();
    await waitForDestinations(1);
  }
  await stop(daemon);
  return { "check due to removal, ms": figuresOf(late).median };
}

function table(services: number, serversEach: number, weight: (index: number) => number): string {
  return Array.from({ length: services }, (_, service) => {
    const servers = Array.from({ length: serversEach }, (_, i) => {
      const index = service * serversEach + i;
      return realServer(index, `weight ${weight(index)}\n`);
    });
    return virtualServer(service + 1, servers);
  }).join("");
}

/** Reading a long table costs the guest's only processor some 20 ms. */
const lookMs = 100;

/** How long it takes from the first destination to the last, and until the last. */
async function fillingMs(count: number, beginMs: number): Promise<readonly [number, number]> {
  let firstMs: number | undefined;
  for (;;) {
    const now = destinations();
    const atMs = performance.now();
    if (now > 0) firstMs ??= atMs;
    if (now >= count) return [atMs - (firstMs ?? atMs), atMs - beginMs];
    await sleep(lookMs);
  }
}

async function measureProgramming(): Promise<Measured> {
  const text = table(1000, 4, () => 1);
  const beginMs = performance.now();
  const daemon = start(text);
  const [filledMs, tookMs] = await fillingMs(4000, beginMs);
  await stop(daemon);
  return { "1,000 x 4 from exec, ms": tookMs, "from the first to the last, ms": filledMs };
}

/** The same services are what a reload adds to a running daemon that has one. */
async function measureAddition(): Promise<Measured> {
  const daemon = start(table(1, 1, () => 1));
  await waitForDestinations(1);
  await sleep(3_000);
  writeFileSync(
    configFile,
    table(1000, 4, () => 1),
  );
  const beginMs = performance.now();
  daemon.kill("SIGHUP");
  const [, tookMs] = await fillingMs(4000, beginMs);
  await stop(daemon);
  return { "1,000 x 4 from SIGHUP, ms": tookMs };
}

/** The last of the servers gets another weight. */
async function measureReload(): Promise<Measured> {
  const [services, each] = [100, 100];
  const daemon = start(table(services, each, () => 1));
  await waitForDestinations(services * each);
  await sleep(3_000);
  writeFileSync(
    configFile,
    table(services, each, (i) => (i === services * each - 1 ? 7 : 1)),
  );
  const cpuBefore = cpuUs(daemon);
  const beginMs = performance.now();
  daemon.kill("SIGHUP");
  while (!readFileSync("/proc/net/ip_vs", "utf8").includes(" Masq    7 ")) await sleep(20);
  const tookMs = performance.now() - beginMs;
  await sleep(2_000);
  const usedUs = cpuUs(daemon) - cpuBefore;
  await stop(daemon);
  return { "10,000 servers, one changed, ms": tookMs, "its CPU, ms": usedUs / 1000 };
}

const measures: Readonly<Record<ChecksQuestion, () => Promise<Measured>>> = {
  tcp: () => measureChecks("TCP_CHECK {\n}\n"),
  http: () => measureChecks("HTTP_GET {\n url {\n path /\n status_code 200\n }\n}\n"),
  removal: measureRemoval,
  programming: measureProgramming,
  addition: measureAddition,
  reload: measureReload,
};

const measured = await measures[question as ChecksQuestion]();
process.stdout.write(JSON.stringify(measured));
process.exit(0);
