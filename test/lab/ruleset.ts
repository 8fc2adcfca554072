// The tables of nftables in a form that can be compared, whoever made them and when.

/** What `nft -j list ruleset` says, without numbers that differ from time to time. */
export function comparableRuleset(text: string): readonly string[] {
  const { nftables }: { readonly nftables: readonly object[] } = JSON.parse(text);
  const objects = nftables.filter((object) => !("metainfo" in object));
  return objects.map((object) => JSON.stringify(object, comparable)).sort(byKindOnly);
}

function comparable(key: string, value: unknown): unknown {
  if (key === "handle" || key === "packets" || key === "bytes") return undefined;
  if (key !== "elem" || !Array.isArray(value)) return value;
  return value.map((element) => JSON.stringify(element)).sort();
}

/** Rules keep their order: only what stands before their table counts for the sort. */
function byKindOnly(one: string, other: string): number {
  const kind = (text: string): string =>
    text.startsWith('{"rule') ? text.slice(0, text.indexOf('"expr"')) : text;
  return kind(one) < kind(other) ? -1 : kind(one) > kind(other) ? 1 : 0;
}
