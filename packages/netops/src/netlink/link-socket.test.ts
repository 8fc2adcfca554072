// How changes of links are cut into calls, and whose each result is, without a kernel; with one in
// test/netns.

import assert from "node:assert/strict";
import { test } from "node:test";
import { RTM_NEWLINK } from "../constants/netlink.js";
import { messageBytes, resultBytes, scriptedTransports } from "../testing/scripted-transport.js";
import { type LinkChange, LinkSocket } from "./link-socket.js";

const ENODEV = 19;
const up = (index: number): LinkChange => ({
  type: "set",
  target: { index },
  settings: { isUp: true },
});
const deletion = (index: number): LinkChange => ({ type: "delete", target: { index } });

test("apply() gives each refusal to its own change, over several calls", async () => {
  const { open, opened } = scriptedTransports((messages, to) => {
    const first = messages[0]?.sequence ?? 0;
    const refused = 18;
    if (first <= refused && refused < first + messages.length) {
      to.receive(resultBytes(refused, ENODEV));
    }
    to.receive(resultBytes(messages.at(-1)?.sequence ?? 0));
  });
  const links = LinkSocket.open({ transport: open });
  const results = await links.apply(Array.from({ length: 20 }, (_, i) => up(i + 1)));
  assert.equal(results.length, 20);
  assert.deepEqual(
    results.flatMap((errno, i) => (errno === null ? [] : [[i, errno]])),
    [[17, "ENODEV"]],
  );
  assert.deepEqual(
    opened[0]?.sent.map((call) => call.length),
    [16, 4],
  );
  links.close();
});

test("apply() gives every deletion a call and a turn of its own", async () => {
  const { open, opened } = scriptedTransports((messages, to) => {
    to.receive(resultBytes(messages.at(-1)?.sequence ?? 0));
  });
  const links = LinkSocket.open({ transport: open });
  const changes = [up(1), up(2), deletion(3), deletion(4), up(5)];
  assert.deepEqual(await links.apply(changes), Array(5).fill(null));
  assert.deepEqual(
    opened[0]?.sent.map((call) => call.map(({ type }) => type)),
    [[16, 16], [17], [17], [16]],
  );
  assert.deepEqual(await links.apply([]), []);
  links.close();
});

test("configuration() counts what is malformed, and gives the kernel's refusal", async () => {
  const answers = [
    (sequence: number) => [messageBytes(RTM_NEWLINK, 0, sequence, Uint8Array.of(0, 1))],
    () => [],
  ];
  const errnos = [0, ENODEV];
  const { open } = scriptedTransports((messages, to) => {
    const sequence = messages[0]?.sequence ?? 0;
    to.receive(...(answers.shift()?.(sequence) ?? []), resultBytes(sequence, errnos.shift()));
  });
  const links = LinkSocket.open({ transport: open });
  assert.deepEqual(await links.configuration({ index: 4 }), { ok: false, errno: "EBADMSG" });
  assert.equal(links.counters.malformed, 1);
  assert.deepEqual(await links.configuration({ name: "v0" }), { ok: false, errno: "ENODEV" });
  links.close();
});
