// Builds packages/netops/native into packages/netops/build/netops.node with the machine's C++
// compiler and the headers of the npm package node-api-headers: nothing is downloaded, and one
// binary serves every Node version (Node-API 8). Does nothing when the binary is newer than its
// sources. NETOPS_CXXFLAGS adds flags, as for a build with a sanitizer.

import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, renameSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const netops = join(root, "packages/netops");
const sources = join(netops, "native");
const output = join(netops, "build/netops.node");

function newest(folder) {
  return Math.max(...readdirSync(folder).map((name) => statSync(join(folder, name)).mtimeMs));
}

function packageFolder(name) {
  return dirname(createRequire(join(netops, "package.json")).resolve(`${name}/package.json`));
}

function isCurrent() {
  if (!existsSync(output)) return false;
  const built = statSync(output).mtimeMs;
  return built > newest(sources) && built > statSync(fileURLToPath(import.meta.url)).mtimeMs;
}

function build() {
  mkdirSync(dirname(output), { recursive: true });
  const temporary = `${output}.${process.pid}`;
  const compiler = process.env.CXX ?? "c++";
  const files = readdirSync(sources).filter((name) => name.endsWith(".cc"));
  const args = [
    "-std=c++17",
    "-O2",
    "-g1",
    "-fPIC",
    "-shared",
    "-fvisibility=hidden",
    "-fno-exceptions",
    "-Wall",
    "-Wextra",
    "-Wshadow",
    "-Wconversion",
    "-Wno-unused-parameter",
    "-DNAPI_VERSION=8",
    "-DNODE_GYP_MODULE_NAME=netops",
    "-DBUILDING_NODE_EXTENSION",
    "-D_GNU_SOURCE",
    `-I${join(packageFolder("node-api-headers"), "include")}`,
    ...(process.env.NETOPS_CXXFLAGS ?? "").split(" ").filter((flag) => flag !== ""),
    ...files.map((name) => join(sources, name)),
    "-o",
    temporary,
  ];
  execFileSync(compiler, args, { stdio: ["ignore", "inherit", "inherit"] });
  renameSync(temporary, output);
}

if (!existsSync(sources) || isCurrent()) process.exit(0);
try {
  build();
} catch (error) {
  process.stderr.write(
    `Cannot build the native addon in ${sources}: ${error.message}\n` +
      "A C++17 compiler is needed: apt-get install g++, or set CXX\n",
  );
  process.exit(1);
}
