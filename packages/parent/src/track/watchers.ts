// Everything that is watched for the children: the VRRP process touches no disk and starts nothing
// itself, so the parent does and tells it what changed, and the checker of its files. Decides which
// watchers there are.

import type { LogRecord } from "@keepalived-ts/shared-config/base/log";
import type { WatchReport } from "@keepalived-ts/shared-config/ipc/messages";
import type {
  Config,
  TrackedFileConfig,
  TrackingConfig,
} from "@keepalived-ts/shared-config/schema/config";
import { polledLinks } from "../core/polled-links.js";
import { FileTracker } from "./file-tracker.js";
import { LinkPoller } from "./link-poller.js";
import { ProcessTracker } from "./process-tracker.js";
import { ScriptTracker } from "./script-tracker.js";

export interface WatcherPorts {
  reported(report: WatchReport): void;
  log(record: LogRecord): void;
}

const nothing: TrackingConfig = { scripts: [], files: [], processes: [], bfdInstances: [] };

export class Watchers {
  readonly #ports: WatcherPorts;
  #scripts: Map<string, ScriptTracker> = new Map();
  #files: Map<string, FileTracker> = new Map();
  readonly #links: LinkPoller;
  readonly #processes: ProcessTracker;
  #isFirst = true;

  constructor(ports: WatcherPorts) {
    this.#ports = ports;
    this.#links = new LinkPoller({
      changed: (name, isUp) => this.#report("link", name, isUp ? 1 : 0),
      log: (record) => ports.log(record),
    });
    this.#processes = new ProcessTracker({
      changed: (name, isWell) => this.#report("process", name, isWell ? 1 : 0),
      log: (record) => ports.log(record),
    });
  }

  /**
   * From now on this is watched, as far as there are instances or real servers for it. What is
   * watched already keeps its result.
   */
  configure(config: Config): void {
    const { scripts, processes } = config.vrrp === undefined ? nothing : config.tracking;
    const files = usedFiles(config);
    this.#links.configure(polledLinks(config));
    this.#processes.configure(processes, config.global.processMonitorBufferBytes);
    const formerScripts = this.#scripts;
    this.#scripts = new Map(
      scripts.map((config) => {
        const handlers = {
          changed: (isGood: boolean) => this.#report("script", config.name, isGood ? 1 : 0),
          log: (record: LogRecord) => this.#ports.log(record),
        };
        return [config.name, new ScriptTracker(config, handlers, formerScripts.get(config.name))];
      }),
    );
    for (const [name, tracker] of formerScripts) if (!this.#scripts.has(name)) tracker.close();
    for (const tracker of this.#scripts.values()) tracker.start();
    for (const tracker of this.#files.values()) tracker.close();
    this.#files = new Map(
      files.map((config) => {
        const handlers = {
          changed: (value: number) => this.#report("file", config.name, value),
          warned: (text: string) => this.#ports.log({ level: "warn", text }),
        };
        return [config.name, new FileTracker(config, handlers)];
      }),
    );
    for (const tracker of this.#files.values()) tracker.start(this.#isFirst);
    this.#isFirst = false;
  }

  /** Names of the scripts that are under way. */
  get runningScripts(): ReadonlySet<string> {
    const running = [...this.#scripts].filter(([, { watch }]) => watch.isRunning);
    return new Set(running.map(([name]) => name));
  }

  close(): void {
    for (const tracker of this.#scripts.values()) tracker.close();
    for (const tracker of this.#files.values()) tracker.close();
    this.#links.close();
    this.#processes.close();
  }

  #report(kind: WatchReport["kind"], name: string, value: number): void {
    this.#ports.reported({ kind, name, value });
  }
}

/** For instances all, for real servers those that a FILE_CHECK names. */
function usedFiles({ tracking, vrrp, checker }: Config): readonly TrackedFileConfig[] {
  if (vrrp !== undefined || tracking.files.length === 0) return tracking.files;
  const names = new Set<string>();
  for (const { realServers } of checker?.virtualServers ?? []) {
    for (const check of realServers.flatMap(({ checks }) => checks)) {
      if (check.kind === "FILE_CHECK") names.add(check.file);
    }
  }
  return tracking.files.filter(({ name }) => names.has(name));
}
