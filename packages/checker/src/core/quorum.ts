// The arithmetic of a quorum: from what weight of live servers a virtual server counts as up, and
// down to what weight it stays so. Pure numbers; who is told and what the kernel gets is decided in
// virtual-server.ts. Follows update_quorum_state of keepalived's check/ipwrapper.c.

export interface QuorumRule {
  /** At least 1. */
  readonly quorum: number;
  /** Below quorum. */
  readonly hysteresis: number;
}

/** Whether there is a quorum now. Nobody alive is never one, whatever the hysteresis. */
export function quorumAfter(rule: QuorumRule, hadQuorum: boolean, aliveWeight: number): boolean {
  const { quorum, hysteresis } = rule;
  if (!hadQuorum) return aliveWeight >= quorum + hysteresis;
  return aliveWeight > 0 && aliveWeight >= quorum - hysteresis;
}

/** The comparison that the last step came to, as keepalived writes it: `2+1=3 <= 4`. */
export function quorumText(rule: QuorumRule, hasQuorum: boolean, aliveWeight: number): string {
  const { quorum, hysteresis } = rule;
  return hasQuorum
    ? `${quorum}+${hysteresis}=${quorum + hysteresis} <= ${aliveWeight}`
    : `${quorum}-${hysteresis}=${quorum - hysteresis} > ${aliveWeight}`;
}
