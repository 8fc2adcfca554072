// Builds what is native with the machine's C++ compiler and the headers of the npm package
// node-api-headers: the addon, packages/netops/build/netops.node; what is loaded into a process
// before Node, build/preload.so beside it; and what the tests load into User Mode Linux. Nothing is
// downloaded, and one binary serves every Node version (Node-API 8). Does nothing for what is newer
// than its sources. NETOPS_CXXFLAGS adds flags to the addon, as for a build with a sanitizer.

import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, renameSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const netops = join(root, "packages/netops");
const sources = join(netops, "native");
const flags = ["-std=c++17", "-O2", "-g1", "-fPIC", "-shared", "-fvisibility=hidden"];
const warnings = ["-fno-exceptions", "-Wall", "-Wextra", "-Wshadow", "-Wconversion"];

function newest(folder) {
  return Math.max(...readdirSync(folder).map((name) => statSync(join(folder, name)).mtimeMs));
}

function packageFolder(name) {
  return dirname(createRequire(join(netops, "package.json")).resolve(`${name}/package.json`));
}

function isCurrent(output, folder) {
  if (!existsSync(output)) return false;
  const built = statSync(output).mtimeMs;
  return built > newest(folder) && built > statSync(fileURLToPath(import.meta.url)).mtimeMs;
}

/** Compiles all of `folder` into `output`, unless that is up to date. */
function build(output, folder, moreFlags) {
  if (isCurrent(output, folder)) return;
  mkdirSync(dirname(output), { recursive: true });
  const temporary = `${output}.${process.pid}`;
  const compiler = process.env.CXX ?? "c++";
  const files = readdirSync(folder).filter((file) => file.endsWith(".cc"));
  const paths = files.map((file) => join(folder, file));
  const args = [...flags, ...warnings, "-D_GNU_SOURCE", ...moreFlags, ...paths];
  execFileSync(compiler, [...args, "-o", temporary], { stdio: ["ignore", "inherit", "inherit"] });
  renameSync(temporary, output);
}

if (!existsSync(sources)) process.exit(0);
try {
  build(join(netops, "build/netops.node"), sources, [
    "-Wno-unused-parameter",
    "-DNAPI_VERSION=8",
    "-DNODE_GYP_MODULE_NAME=netops",
    "-DBUILDING_NODE_EXTENSION",
    `-I${join(packageFolder("node-api-headers"), "include")}`,
    ...(process.env.NETOPS_CXXFLAGS ?? "").split(" ").filter((flag) => flag !== ""),
  ]);
  build(join(netops, "build/preload.so"), join(sources, "preload"), []);
  const laboratory = join(root, "test/lab/native");
  if (existsSync(laboratory)) build(join(root, "test/dist/lab/uml-xstate.so"), laboratory, []);
} catch (error) {
  process.stderr.write(
    `Cannot build the native addon in ${sources}: ${error.message}\n` +
      "A C++17 compiler is needed: apt-get install g++, or set CXX\n",
  );
  process.exit(1);
}
