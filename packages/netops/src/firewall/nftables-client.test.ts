// Transactions and their outcomes, and readings that change under us, without a kernel; with one in
// test/netns/firewall.test.ts.

import assert from "node:assert/strict";
import { test } from "node:test";
import { NLM_F_ACK, NLMSG_DONE } from "../constants/netlink.js";
import { messageBytes, resultBytes, scriptedTransports } from "../testing/scripted-transport.js";
import { encodeChange } from "./change-codec.js";
import { type FirewallChange, NftablesClient, type TableKey } from "./nftables-client.js";

const [EPERM, ENOENT] = [1, 2];
const table: TableKey = { family: "ip", name: "keepalived" };
const set = { table, name: "vips", keyTypes: ["ipv4_addr"] } as const;
const changes: readonly FirewallChange[] = [
  { type: "addTable", table },
  {
    type: "addElements",
    set,
    elements: Array.from({ length: 1_200 }, (_, i) => ({ key: [`10.0.${i >> 8}.${i & 255}`] })),
  },
  { type: "deleteTable", table },
];

test("apply() is one call: begin, all messages, end, the last message acknowledged", async () => {
  const { open, opened } = scriptedTransports((messages, to) => {
    to.receive(resultBytes(messages.at(-2)?.sequence ?? 0));
  });
  const client = NftablesClient.open({ transport: open });
  assert.deepEqual(await client.apply(changes), { ok: true });
  const [call = [], ...others] = opened[0]?.sent ?? [];
  assert.equal(others.length, 0);
  assert.deepEqual(
    call.map(({ type }) => type),
    [0x10, 0xa00, 0xa0c, 0xa0c, 0xa0c, 0xa02, 0x11],
  );
  const acknowledged = call.filter(({ flags }) => (flags & NLM_F_ACK) !== 0);
  assert.deepEqual(acknowledged, call.slice(-2, -1));
  assert.deepEqual(
    call.map(({ sequence }) => sequence),
    [1, 2, 3, 4, 5, 6, 7],
  );
  client.close();
});

test("apply() gives each refusal to its change, whichever of its messages it is of", async () => {
  const { open } = scriptedTransports((messages, to) => {
    to.receive(
      resultBytes(messages[4]?.sequence ?? 0, ENOENT),
      resultBytes(messages.at(-2)?.sequence ?? 0),
    );
  });
  const client = NftablesClient.open({ transport: open });
  assert.deepEqual(await client.apply(changes), {
    ok: false,
    errno: "ENOENT",
    refusals: [{ change: 1, errno: "ENOENT" }],
  });
  client.close();
});

test("apply() does not wait for more when the begin is refused", async () => {
  const { open } = scriptedTransports((messages, to) => {
    to.receive(resultBytes(messages[0]?.sequence ?? 0, EPERM));
  });
  const client = NftablesClient.open({ transport: open });
  const refused = { ok: false, errno: "EPERM", refusals: [] };
  assert.deepEqual(await client.apply(changes), refused);
  assert.deepEqual(await client.apply(changes), refused);
  assert.equal(client.counters.timeouts, 0);
  client.close();
});

test("apply() of nothing sends nothing, and after close() nothing is done", async () => {
  const { open, opened } = scriptedTransports(() => undefined);
  const client = NftablesClient.open({ transport: open });
  assert.deepEqual(await client.apply([]), { ok: true });
  assert.equal(opened[0]?.sent.length, 0);
  const pending = client.apply(changes);
  client.close();
  const cancelled = { ok: false, errno: "ECANCELED", refusals: [] };
  for (const outcome of [await pending, await client.apply(changes)]) {
    assert.equal(outcome.ok, false);
    assert.deepEqual({ ...outcome, refusals: [] }, cancelled);
  }
});

test("tables() reads again when they changed, and counts what is malformed", async () => {
  let attempt = 0;
  const [request] = encodeChange({ type: "addTable", table });
  const payload = request?.subarray(16) ?? new Uint8Array();
  const { open } = scriptedTransports((messages, to) => {
    attempt += 1;
    const sequence = messages[0]?.sequence ?? 0;
    const flags = attempt === 1 ? 0x12 : 0x02;
    to.receive(
      messageBytes(0xa00, flags, sequence, payload),
      messageBytes(0xa00, flags, sequence, Uint8Array.of(2, 0)),
      messageBytes(0xa0f, flags, sequence, Uint8Array.of(2, 0)),
      messageBytes(NLMSG_DONE, flags, sequence, new Uint8Array(4)),
    );
  });
  const client = NftablesClient.open({ transport: open });
  assert.deepEqual(await client.tables(), { ok: true, value: [table] });
  assert.equal(attempt, 2);
  assert.equal(client.counters.malformed, 2);
  client.close();
});

test("sets() gives up on a table that changes all the time", async () => {
  const { open } = scriptedTransports((messages, to) => {
    to.receive(messageBytes(NLMSG_DONE, 0x12, messages[0]?.sequence ?? 0, new Uint8Array(4)));
  });
  const client = NftablesClient.open({ transport: open });
  assert.deepEqual(await client.sets(table), { ok: false, errno: "EINTR" });
  client.close();
});
