// Tests that need a kernel or a network of their own, many to one guest: the test file names its
// steps, on the host each is a test, and the same file is run once inside the guest to carry them
// out in order.

import { spawn } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { runInUml, type UmlOptions, type UmlResult } from "./uml.js";

export interface Step {
  /** As a test's name: symbol and rule. */
  readonly name: string;
  run(): Promise<void> | void;
}

interface StepOutcome {
  readonly name: string;
  readonly error: string | null;
}

type Guest = (
  argv: readonly string[],
  environment: Readonly<Record<string, string>>,
) => Promise<UmlResult>;

const insideVariable = "KEEPALIVED_TS_INSIDE_GUEST";
const outcomeMark = "step-outcome ";
const namespaceTimeoutMs = 120_000;

/** In one boot of User Mode Linux. Call once in a test file, with its `import.meta.url`. */
export function testInUml(
  fileUrl: string,
  steps: readonly Step[],
  options: Omit<UmlOptions, "argv" | "script"> = {},
): Promise<void> {
  return testInGuest(fileUrl, steps, (argv, environment) =>
    runInUml({ ...options, argv, environment: { ...options.environment, ...environment } }),
  );
}

/** In one new network namespace, which ends with its last process. Call once in a test file. */
export function testInNamespace(fileUrl: string, steps: readonly Step[]): Promise<void> {
  return testInGuest(fileUrl, steps, runInNamespace);
}

/** A failed step does not hold up the others. */
async function testInGuest(fileUrl: string, steps: readonly Step[], guest: Guest): Promise<void> {
  if (process.env[insideVariable] !== undefined) {
    await carryOut(steps);
    return;
  }
  const outcomes = outcomesOf(fileUrl, guest);
  // Each test waits for it and fails with it; this only says that nobody is late in doing so.
  outcomes.catch(() => undefined);
  for (const step of steps) {
    test(step.name, async () => {
      const outcome = (await outcomes).find(({ name }) => name === step.name);
      if (outcome === undefined) throw new Error("The guest ended before this step");
      if (outcome.error !== null) throw new Error(`Inside the guest: ${outcome.error}`);
    });
  }
}

async function outcomesOf(fileUrl: string, guest: Guest): Promise<StepOutcome[]> {
  const argv = [process.execPath, fileURLToPath(fileUrl)];
  const { status, stdout, stderr } = await guest(argv, { [insideVariable]: "1" });
  if (status !== 0) throw new Error(`The guest's node ended with ${status}\n${stdout}${stderr}`);
  return stdout
    .split("\n")
    .filter((line) => line.startsWith(outcomeMark))
    .map((line): StepOutcome => JSON.parse(line.slice(outcomeMark.length)));
}

function runInNamespace(
  argv: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<UmlResult> {
  return new Promise((resolve, reject) => {
    // NODE_TEST_CONTEXT would make the guest's node talk to the host's test runner.
    const { NODE_TEST_CONTEXT: _context, ...inherited } = process.env;
    const guest = spawn("unshare", ["--net", "--fork", "--kill-child", "--", ...argv], {
      env: { ...inherited, ...environment },
      stdio: ["ignore", "pipe", "pipe"],
      timeout: namespaceTimeoutMs,
      killSignal: "SIGKILL",
    });
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    guest.stdout.on("data", (data: Buffer) => stdout.push(data));
    guest.stderr.on("data", (data: Buffer) => stderr.push(data));
    guest.on("error", reject);
    guest.on("close", (status) =>
      resolve({
        status: status ?? -1,
        stdout: Buffer.concat(stdout).toString("utf8"),
        stderr: Buffer.concat(stderr).toString("utf8"),
      }),
    );
  });
}

async function carryOut(steps: readonly Step[]): Promise<void> {
  for (const step of steps) {
    const outcome = { name: step.name, error: await errorOf(step) };
    process.stdout.write(`${outcomeMark}${JSON.stringify(outcome)}\n`);
  }
}

async function errorOf(step: Step): Promise<string | null> {
  try {
    await step.run();
    return null;
  } catch (thrown) {
    return thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
  }
}
