// A command that the daemon runs for the configuration: for a notification, a check or a tracker.

export interface ScriptConfig {
  /** The command and its arguments, as they are given to the kernel. */
  readonly argv: readonly string[];
  /**
   * The file to run: links resolved unless `use_symlink_paths`, the PATH searched. Absent when the
   * host was not asked.
   */
  readonly path?: string | undefined;
  /** Who it runs as: names as the configuration says or implies them. */
  readonly user: string;
  readonly group?: string | undefined;
  /** The user's supplementary groups too (a group that starts with ":"). */
  readonly hasSupplementaryGroups?: boolean | undefined;
  /** The numbers of user and group on this host; absent when the host was not asked. */
  readonly uid?: number | undefined;
  readonly gid?: number | undefined;
}
