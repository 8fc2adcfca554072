// The form of a conformance case: one clause of an RFC, the state before, what happens, and all
// that must follow. Decides nothing about VRRP.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { VrrpStateName } from "@keepalived-ts/shared-config/ipc/messages";
import type { VrrpAction } from "@keepalived-ts/vrrp/core/action";
import { type Bench, briefOrders } from "@keepalived-ts/vrrp/core/fixtures";

export interface Case {
  /** Document and section. */
  readonly clause: string;
  /** The rule in our own words. */
  readonly rule: string;
  /** A bench in the state before. */
  readonly given: () => Bench;
  readonly when: (bench: Bench) => readonly VrrpAction[];
  /** Every order, in order, without log lines. */
  readonly orders: readonly string[];
  readonly state: VrrpStateName;
  /** Until the next deadline; absent = nothing is waited for. */
  readonly waitsUs?: number;
}

export function runCases(cases: readonly Case[]): void {
  for (const { clause, rule, given, when, orders, state, waitsUs } of cases) {
    test(`${clause}: ${rule}`, () => {
      const bench = given();
      assert.deepEqual(briefOrders(when(bench)), orders);
      assert.equal(bench.state(), state);
      if (waitsUs === undefined) assert.throws(() => bench.remaining(), /waits for nothing/);
      else assert.equal(bench.remaining(), waitsUs);
    });
  }
}
