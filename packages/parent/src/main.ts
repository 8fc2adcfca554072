// The entry of the parent process. Loads nothing before signals are safe: SIGHUP and SIGUSR1 that
// come while Node still starts would end the process or open its debugger.

// They stay for good: netops' own handlers replace these in the kernel, and removing a listener
// would reset the kernel's. Nothing is lost: no configuration was read yet, and nothing can be
// reported yet.
for (const early of ["SIGHUP", "SIGUSR1", "SIGUSR2"] as const) process.on(early, waitForStart);

const { runCommand } = await import("./run.js");
const { launcherPath } = await import("./edge/terminal.js");
const { readConfig } = await import("./edge/config-source.js");
const { fileURLToPath } = await import("node:url");

const status = await runCommand(process.argv.slice(2), {
  modules: {
    vrrp: fileURLToPath(import.meta.resolve("@keepalived-ts/vrrp/main")),
    checker: fileURLToPath(import.meta.resolve("@keepalived-ts/checker/main")),
  },
  program: [launcherPath()],
  readConfig,
});
// What is still open then (a terminal's descriptor, a retry timer) must not delay the end.
process.exit(status);

function waitForStart(): boolean {
  return true;
}
