// How much the log shows: what nothing, -D and -D -D stand for. No behaviour.

export const shownLevels = ["info", "detail", "debug"] as const;
export type ShownLevel = (typeof shownLevels)[number];
