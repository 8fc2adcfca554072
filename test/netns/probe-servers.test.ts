// Probes against servers that somebody else wrote: nginx with and without TLS, over HTTP/1.x and
// HTTP/2, gRPC's own library, dnsmasq, OpenSMTPD.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import type { ProbeResult } from "@keepalived-ts/checker/core/event";
import type {
  CheckConfig,
  GrpcCheckConfig,
  HttpCheckConfig,
  SslConfig,
  UrlConfig,
} from "@keepalived-ts/shared-config/schema/config";
import { must } from "../lab/command.js";
import type { Host } from "../lab/host.js";
import { createLab, type Lab } from "../lab/lab.js";
import { waitFor } from "../lab/wait.js";

const program: string = fileURLToPath(new URL("./probe-run.js", import.meta.url));
const address = "10.8.0.10";
const password = "not-a-secret";

let lab: Lab;
let host: Host;

/** All daemons and probes live in one namespace; names and ports are theirs alone. */
before(async () => {
  lab = await createLab("probe-servers");
  host = await lab.addHost("server", { address: `${address}/24` });
  await makeCertificates();
  writeFileSync(join(lab.scratch, "smtpd.conf"), smtpd, { mode: 0o600 });
  writeFileSync(join(lab.scratch, "nginx.conf"), nginx(lab.scratch));
  mkdirSync(join(lab.scratch, "www"));
  writeFileSync(join(lab.scratch, "www", "page.shtml"), page);
  start(["nginx", "-c", join(lab.scratch, "nginx.conf")]);
  start([
    "dnsmasq",
    "-k",
    "-R",
    "-h",
    "-C",
    "/dev/null",
    "-u",
    "root",
    "-x",
    `${lab.scratch}/dns`,
    ...names,
  ]);
  // Its socket has a fixed place.
  const config = join(lab.scratch, "smtpd.conf");
  start(["unshare", "-m", "sh", "-c", `mount -t tmpfs none /run && exec smtpd -d -f ${config}`]);
  startGrpc("health", 50051, 50052);
  startGrpc("none", 50061, 50062);
  for (const port of [80, 443, 25, 50052, 50062]) await waitForPort(port);
});

after(() => lab.close());

const names = ["--local=/example.org/", "--address=/www.example.org/192.0.2.1"];

const smtpd = `listen on ${address} hostname mail.example.org
action "local" mbox
match from any for any action "local"
`;

const page = "<html>All systems are operational</html>\n";

function nginx(scratch: string): string {
  const server = (name: string, more: string): string => `server {
      listen ${more} ssl; server_name ${name};
      ssl_certificate ${scratch}/server.pem; ssl_certificate_key ${scratch}/server.key;
      root ${scratch}/www; location /page.shtml { ssi on; }
      location / { return 200 "${name}"; }
    }`;
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
    .map((name) => `${name}_temp_path ${scratch}/${name};`)
    .join(" ");
  return `daemon off; user root; worker_processes 1; pid ${scratch}/nginx.pid;
    error_log stderr; events {}
    http { access_log off; ${temporary} default_type text/html;
      server { listen 80; root ${scratch}/www; server_name main;
        location /page.shtml { ssi on; }
        location /gone { return 301 http://elsewhere/; }
        location /host { return 200 "$http_host"; }
      }
      server { listen 8082 http2; root ${scratch}/www; server_name second;
        location /page.shtml { ssi on; }
        location /host { return 200 "$http_host $server_protocol"; }
        location /gone { return 301 http://elsewhere/; }
      }
      server { listen 9444 ssl http2; server_name c.example.org;
        ssl_certificate ${scratch}/server.pem; ssl_certificate_key ${scratch}/server.key;
        location / { return 200 "$ssl_server_name $server_protocol"; }
      }
      ${server("a.example.org", "443")} ${server("b.example.org", "443")}
      server { listen 8443 ssl; ssl_verify_client on; ssl_client_certificate ${scratch}/server.pem;
        ssl_certificate ${scratch}/server.pem; ssl_certificate_key ${scratch}/server.key;
        location / { return 200 "known"; }
      }
    }`;
}

/** One that signs itself, for the server and as its own authority for clients. */
async function makeCertificates(): Promise<void> {
  const file = (name: string): string => join(lab.scratch, name);
  const names = `subjectAltName=DNS:a.example.org,IP:${address}`;
  const subject = ["-subj", "/CN=test", "-addext", names, "-days", "2", "-newkey", "ec"];
  const curve = ["-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  const out = ["-keyout", file("server.key"), "-out", file("server.pem")];
  await must(["openssl", "req", "-x509", ...subject, ...curve, ...out]);
  const encrypt = ["-aes256", "-passout", `pass:${password}`];
  const from = ["-in", file("server.key"), "-out", file("client.key")];
  await must(["openssl", "ec", ...from, ...encrypt]);
}

/** A server of gRPC's own library that knows of health what it is told in bytes. */
const grpcServer = `
import sys, grpc
from concurrent.futures import ThreadPoolExecutor
answers = {b"": b"\\x08\\x01", b"\\x0a\\x03a.B": b"\\x08\\x02"}
def check(request, context):
    if request in answers: return answers[request]
    context.abort(grpc.StatusCode.NOT_FOUND, "unknown service")
method = grpc.unary_unary_rpc_method_handler(check)
health = grpc.method_handlers_generic_handler("grpc.health.v1.Health", {"Check": method})
server = grpc.server(ThreadPoolExecutor(2))
if sys.argv[1] == "health": server.add_generic_rpc_handlers([health])
server.add_insecure_port(f"${address}:{sys.argv[2]}")
key, chain = [open(name, "rb").read() for name in sys.argv[4:6]]
credentials = grpc.ssl_server_credentials([(key, chain)])
server.add_secure_port(f"${address}:{sys.argv[3]}", credentials)
server.start()
server.wait_for_termination()
`;

function startGrpc(kind: "health" | "none", plainPort: number, securePort: number): void {
  const files = ["server.key", "server.pem"].map((name) => join(lab.scratch, name));
  start(["/usr/bin/python3", "-c", grpcServer, kind, `${plainPort}`, `${securePort}`, ...files]);
}

function start(argv: readonly string[]): void {
  host.spawn(argv, { stdio: "ignore" });
}

async function waitForPort(port: number): Promise<void> {
  await waitFor(`port ${port} of the server`, async () => {
    const connect = `exec 3<>/dev/tcp/${address}/${port}`;
    return (await host.exec(["bash", "-c", connect])).status === 0;
  });
}

async function probe(check: CheckConfig, ssl?: SslConfig): Promise<ProbeResult> {
  const order = JSON.stringify({ check, urlIndex: 0, ssl });
  return JSON.parse(await host.must([process.execPath, program, order])) as ProbeResult;
}

const connection = {
  connectAddress: address,
  retry: 0,
  delayLoopUs: 1e6,
  delayBeforeRetryUs: 1e6,
  warmupUs: 0,
  alpha: false,
  logAllFailures: false,
  connectTimeoutUs: 5_000_000,
};

function http(
  url: Partial<UrlConfig>,
  changes: Partial<Omit<HttpCheckConfig, keyof typeof connection>> = {},
): HttpCheckConfig {
  const whole = { path: "/", statusCodes: [{ from: 200, to: 299 }], tlsCompliant: false, ...url };
  return {
    kind: "HTTP_GET",
    connectPort: 80,
    protocol: "1.0",
    enableSni: false,
    fastRecovery: false,
    urls: [whole],
    ...connection,
    ...changes,
  };
}

const passed: ProbeResult = { outcome: "passed" };

function regex(pattern: string): Pick<UrlConfig, "regex"> {
  return { regex: { pattern, noMatch: false, options: [], offsetMin: 0 } };
}

test("HTTP_GET of nginx: pages whole and in chunks, status, pattern, digest, Host", async () => {
  const path = "/page.shtml";
  const digest = createHash("md5").update(page).digest("hex");
  const moved = [{ from: 301, to: 301 }];
  const rows: readonly (readonly [HttpCheckConfig, ProbeResult])[] = [
    [http({ path, digest }), passed],
    [http({ path, ...regex("systems are oper") }, { protocol: "1.0c" }), passed],
    [http({ path, ...regex("systems are oper") }, { protocol: "1.1" }), passed],
    [http({ path: "/none" }), { outcome: "failed", reason: "HTTP status 404" }],
    [http({ path: "/gone" }), { outcome: "failed", reason: "HTTP status 301" }],
    [http({ path: "/gone", statusCodes: moved }, { protocol: "1.1" }), passed],
    [http({ path: "/host", ...regex("^10\\.8\\.0\\.10$") }), passed],
    [http({ path: "/host", virtualHost: "a.b", ...regex("^a\\.b$") }), passed],
  ];
  for (const [check, expected] of rows) {
    assert.deepEqual(await probe(check), expected, JSON.stringify(check));
  }
});

const secure = { kind: "SSL_GET", connectPort: 443 } as const;

test("SSL_GET of nginx: the name in the handshake chooses the server", async () => {
  for (const name of ["a.example.org", "b.example.org"]) {
    const check = http({ serverName: name, virtualHost: name, ...regex(`^${name}$`) }, secure);
    assert.deepEqual(await probe(check), passed, name);
  }
  const plain = await probe(http({}, { ...secure, connectPort: 80 }));
  assert.equal(plain.outcome, "failed", "TLS to a server that speaks none");
});

test("SSL_GET shows the certificate of SSL, with a key that has a pass phrase", async () => {
  const check = http(regex("^known$"), { ...secure, connectPort: 8443 });
  const certificate = join(lab.scratch, "server.pem");
  const key = join(lab.scratch, "client.key");
  assert.deepEqual(await probe(check, { certificate, key, password }), passed);
  const stranger = await probe(check);
  assert.deepEqual(stranger, { outcome: "failed", reason: "HTTP status 400" });
  const locked = await probe(check, { certificate, key, password: "wrong" });
  assert.deepEqual(locked, { outcome: "notRun", reason: "the files of SSL cannot be used" });
});

test("SSL_GET with verify_certificate and certificate_days looks at the certificate", async () => {
  const ca = { ca: join(lab.scratch, "server.pem") };
  const verified = { ...secure, verifyCertificate: true };
  const a = { serverName: "a.example.org" };
  const refused = (reason: string): ProbeResult => {
    return { outcome: "failed", reason: `certificate refused: ${reason}` };
  };
  assert.deepEqual(await probe(http(a, verified), ca), passed);
  assert.deepEqual(await probe(http({}, verified), ca), passed, "by its address");
  assert.deepEqual(await probe(http(a, verified)), refused("DEPTH_ZERO_SELF_SIGNED_CERT"));
  const b = await probe(http({ serverName: "b.example.org" }, verified), ca);
  assert.deepEqual(b, refused("ERR_TLS_CERT_ALTNAME_INVALID"));
  assert.deepEqual(await probe(http(a, { ...secure, certificateDaysMin: 1 })), passed);
  const old = await probe(http(a, { ...secure, certificateDaysMin: 30 }));
  assert.deepEqual(old, { outcome: "failed", reason: "certificate ends in 1 days" });
});

/** A TLS server whose process dies with its answer: the connection ends, the session does not. */
const abrupt = `
  const { readFileSync } = require("node:fs");
  const [folder] = process.argv.slice(1);
  const key = readFileSync(folder + "/server.key");
  const cert = readFileSync(folder + "/server.pem");
  const answer = "HTTP/1.0 200 OK\\r\\n\\r\\nhello";
  require("node:tls").createServer({ key, cert }, (socket) => {
    socket.on("error", () => undefined);
    socket.once("data", () => socket.write(answer, () => process.kill(process.pid, "SIGKILL")));
  }).listen(9443);
`;

test("SSL_GET with tls_compliant wants the session closed, not only the connection", async () => {
  for (const tlsCompliant of [true, false]) {
    const page = http({ path: "/page.shtml", tlsCompliant }, secure);
    assert.deepEqual(await probe(page), passed);
    start([process.execPath, "-e", abrupt, lab.scratch]);
    await waitFor("port 9443 to be open", async () => {
      const listening = await host.must(["ss", "-Hltn", "sport", "=", ":9443"]);
      return listening !== "";
    });
    const result = await probe(http({ tlsCompliant }, { ...secure, connectPort: 9443 }));
    const reason = "TLS session without an end";
    assert.deepEqual(result, tlsCompliant ? { outcome: "failed", reason } : passed);
  }
});

test("HTTP_GET and SSL_GET of nginx over HTTP/2", async () => {
  const plain = { protocol: "2", connectPort: 8082 } as const;
  const path = "/page.shtml";
  const digest = createHash("md5").update(page).digest("hex");
  assert.deepEqual(await probe(http({ path, digest }, plain)), passed);
  const named = { path: "/host", virtualHost: "www.example.org" };
  const shown = regex("^www.example.org HTTP/2.0$");
  assert.deepEqual(await probe(http({ ...named, ...shown }, plain)), passed);
  const moved = await probe(http({ path: "/gone" }, plain));
  assert.deepEqual(moved, { outcome: "failed", reason: "HTTP status 301" });
  const secure = { kind: "SSL_GET", protocol: "2", connectPort: 9444 } as const;
  const inTls = regex("^c.example.org HTTP/2.0$");
  const url = { serverName: "c.example.org", ...inTls };
  assert.deepEqual(await probe(http(url, secure)), passed);
  const old = await probe(http({}, { ...secure, connectPort: 443 }));
  assert.equal(old.outcome, "failed");
  const text = await probe(http({}, { protocol: "2" }));
  assert.equal(text.outcome, "failed", "a server that speaks HTTP/1.1 only");
});

function grpc(changes: Partial<GrpcCheckConfig>): GrpcCheckConfig {
  const whole = { kind: "GRPC_CHECK", service: "", isSecure: false, connectPort: 50051 } as const;
  return { ...whole, ...connection, ...changes };
}

test("GRPC_CHECK of gRPC's own library, plain and in TLS", async () => {
  assert.deepEqual(await probe(grpc({})), passed);
  const down = await probe(grpc({ service: "a.B" }));
  assert.deepEqual(down, { outcome: "failed", reason: "NOT_SERVING" });
  const unknown = await probe(grpc({ service: "a.C" }));
  assert.match(JSON.stringify(unknown), /grpc-status 5 NOT_FOUND/);
  const none = await probe(grpc({ connectPort: 50061 }));
  assert.match(JSON.stringify(none), /grpc-status 12 UNIMPLEMENTED/);
  const secure = { isSecure: true, connectPort: 50052 };
  assert.deepEqual(await probe(grpc(secure)), passed);
  const verified = { ...secure, verifyCertificate: true, serverName: "a.example.org" };
  const ca = { ca: join(lab.scratch, "server.pem") };
  assert.deepEqual(await probe(grpc(verified), ca), passed);
  const wrong = await probe(grpc({ ...verified, serverName: "z.example.org" }), ca);
  assert.match(JSON.stringify(wrong), /certificate refused/);
  assert.equal((await probe(grpc({ isSecure: true }))).outcome, "failed", "TLS to a plain port");
  assert.equal((await probe(grpc({ connectPort: 80 }))).outcome, "failed", "nginx");
});

test("DNS_CHECK of dnsmasq: a name that it knows passes, one that it does not fails", async () => {
  const check = { kind: "DNS_CHECK", connectPort: 53, type: "A", ...connection } as const;
  assert.deepEqual(await probe({ ...check, name: "www.example.org" }), passed);
  const unknown = await probe({ ...check, name: "none.example.org" });
  assert.deepEqual(unknown, { outcome: "failed", reason: "rcode 3" });
  const foreign = await probe({ ...check, name: "example.com" });
  assert.deepEqual(foreign, { outcome: "failed", reason: "rcode 5" });
});

test("SMTP_CHECK of OpenSMTPD passes; of a web server it does not", async () => {
  const check = { kind: "SMTP_CHECK", heloName: "checker.example.org", ...connection } as const;
  assert.deepEqual(await probe({ ...check, connectPort: 25 }), passed);
  const short = { ...check, connectPort: 80, connectTimeoutUs: 500_000 };
  assert.deepEqual(await probe(short), { outcome: "failed", reason: "connect_timeout" });
});
