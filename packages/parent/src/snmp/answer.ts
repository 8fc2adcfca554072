// What is answered to the requests of a master agent, from the objects at one moment. RFC 2741
// section 7.2. Decides what is read and what a set means; carries nothing out. Pure.

import {
  agentxError,
  type RequestPdu,
  type SearchRange,
  type SentPdu,
  type VarBind,
} from "./agentx-types.js";
import { isRefusal, type ObjectTree } from "./object-tree.js";

type Response = Extract<SentPdu, { type: "response" }>;

/** Variables in one answer: a response to more would be longer than a datagram anyway. */
const variablesMax = 2_000;
/** Changes of one set. */
const changesMax = 100;

export function response(error: number, index = 0, varbinds: readonly VarBind[] = []): Response {
  return { type: "response", error, index, varbinds };
}

/** Get, GetNext and GetBulk. */
export function answerRead<Change>(
  request: Extract<RequestPdu, { ranges: readonly SearchRange[] }>,
  tree: ObjectTree<Change>,
): Response {
  const { ranges } = request;
  if (ranges.length > variablesMax) return response(agentxError.genErr);
  if (request.type === "get") {
    return response(
      0,
      0,
      ranges.map(({ start }) => varbindAt(tree, start)),
    );
  }
  if (request.type === "getBulk") return response(0, 0, bulk(request, tree));
  return response(
    0,
    0,
    ranges.map((range) => nextVarbind(tree, range)),
  );
}

/** RFC 2741 section 7.2.3.3. */
function bulk<Change>(
  { ranges, nonRepeaters, maxRepetitions }: Extract<RequestPdu, { type: "getBulk" }>,
  tree: ObjectTree<Change>,
): VarBind[] {
  const varbinds = ranges.slice(0, nonRepeaters).map((range) => nextVarbind(tree, range));
  let repeated = ranges.slice(nonRepeaters);
  if (repeated.length === 0) return varbinds;
  const room = Math.floor((variablesMax - varbinds.length) / repeated.length);
  for (let i = 0; i < Math.min(maxRepetitions, room); i++) {
    const found = repeated.map((range) => nextVarbind(tree, range));
    varbinds.push(...found);
    if (found.every(({ value }) => value.type === "endOfMibView")) break;
    repeated = repeated.map((range, at) => {
      const varbind = found[at];
      if (varbind === undefined) return range;
      return { start: varbind.oid, isIncluded: false, end: range.end };
    });
  }
  return varbinds;
}

function varbindAt<Change>(tree: ObjectTree<Change>, oid: readonly number[]): VarBind {
  const found = tree.get(oid);
  return { oid, value: typeof found === "string" ? { type: found } : found.value };
}

function nextVarbind<Change>(tree: ObjectTree<Change>, range: SearchRange): VarBind {
  const found = tree.next(range);
  return found === undefined
    ? { oid: range.start, value: { type: "endOfMibView" } }
    : { oid: found.oid, value: found.value };
}

export type TestedSet<Change> =
  | { readonly ok: true; readonly changes: readonly Change[] }
  | { readonly ok: false; readonly response: Response };

/** RFC 2741 section 7.2.4.1: either all of it can be done or nothing is. */
export function testSet<Change extends object>(
  varbinds: readonly VarBind[],
  tree: ObjectTree<Change>,
): TestedSet<Change> {
  if (varbinds.length > changesMax) return refused(agentxError.resourceUnavailable, 0);
  const changes: Change[] = [];
  for (const [at, { oid, value }] of varbinds.entries()) {
    const found = tree.get(oid);
    if (typeof found === "string") return refused(agentxError.noCreation, at);
    if (found.write === undefined) return refused(agentxError.notWritable, at);
    if (!isSettable(value)) return refused(agentxError.wrongType, at);
    const change = found.write(value);
    if (isRefusal(change)) return refused(change.error, at);
    changes.push(change);
  }
  return { ok: true, changes };
}

function isSettable(
  value: VarBind["value"],
): value is Exclude<
  VarBind["value"],
  { type: "noSuchObject" | "noSuchInstance" | "endOfMibView" }
> {
  return !["noSuchObject", "noSuchInstance", "endOfMibView"].includes(value.type);
}

function refused<Change>(error: number, at: number): TestedSet<Change> {
  return { ok: false, response: response(error, at + 1) };
}
