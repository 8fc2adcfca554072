// The settings of global_defs and of the top level, every default filled in. The parent keeps them
// all; what a child needs of them is part of that child's configuration too.

export interface GlobalConfig {
  /** `router_id`, else the host name. */
  readonly routerId: string;
}
