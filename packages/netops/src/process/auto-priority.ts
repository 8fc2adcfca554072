// How a process whose timers run late rises to a real-time priority: step by step, up to what
// max_auto_priority allows, as keepalived does. Pure.

export interface AutoPriorityRule {
  /** 0 or less: never. */
  readonly maximum: number;
  readonly delayUs: number;
}

/** The priority to rise to from `present` (0 = none) after a timer was late; undefined = stay. */
export function nextAutoPriority(
  rule: AutoPriorityRule,
  present: number,
  lateUs: number,
): number | undefined {
  if (lateUs < rule.delayUs || present >= rule.maximum) return undefined;
  return present + 1;
}
