// IpvsClient without a kernel; with one in test/ipvs.

import assert from "node:assert/strict";
import { test } from "node:test";
import { NLMSG_DONE } from "../constants/netlink.js";
import { MessageWriter, type NetlinkMessage } from "../netlink/message.js";
import {
  messageBytes,
  resultBytes,
  type ScriptedAnswer,
  type ScriptedTransport,
  scriptedTransports,
} from "../testing/scripted-transport.js";
import { encodeGenericHeader } from "./genl-family.js";
import { IPVS_CMD_GET_INFO, IPVS_CMD_GET_SERVICE } from "./ip-vs.js";
import { type IpvsChange, IpvsClient, type IpvsServiceKey } from "./ipvs-client.js";
import { encodeService } from "./service-codec.js";

const [EPERM, ENOENT, EEXIST] = [1, 2, 17];
const controller = 16;
const family = 0x1c;
const web: IpvsServiceKey = { kind: "address", address: "192.0.2.1", port: 80, protocol: "TCP" };

function payload(command: number, write: (writer: MessageWriter) => void): Uint8Array {
  const writer = new MessageWriter();
  encodeGenericHeader(writer, command, 1);
  write(writer);
  return writer.bytes();
}

/** Answers what open() asks, and leaves the rest to `answer`. */
function kernelWith(answer: ScriptedAnswer): ScriptedAnswer {
  return (messages, to, failed) => {
    const [{ type, sequence, payload: asked } = { type: 0, sequence: 0, payload: [] }] = messages;
    if (type === controller) {
      const found = payload(1, (writer) => writer.attributeU16(1, family));
      to.receive(messageBytes(controller, 0, sequence, found), resultBytes(sequence));
    } else if (asked[0] === IPVS_CMD_GET_INFO) {
      const info = payload(14, (writer) => writer.attributeU32(1, 0x010201));
      to.receive(messageBytes(family, 0, sequence, info), resultBytes(sequence));
    } else answer(messages, to, failed);
  };
}

function lastSequence(messages: readonly NetlinkMessage[]): number {
  return messages.at(-1)?.sequence ?? 0;
}

test("open() says what to do when the kernel has no IPVS, after one try to load it", async () => {
  const { open, opened } = scriptedTransports((messages, to) => {
    to.receive(resultBytes(lastSequence(messages), ENOENT));
  });
  let loads = 0;
  const loadModule = (): Promise<boolean> => Promise.resolve(++loads < 0);
  await assert.rejects(IpvsClient.open({ transport: open, loadModule }), (error: unknown) => {
    assert.ok(error instanceof Error && "code" in error);
    assert.equal(error.code, "IPVS_UNAVAILABLE");
    assert.match(error.message, /modprobe ip_vs/);
    return true;
  });
  assert.equal(loads, 1);
  assert.equal(opened[0]?.isClosed, true);
});

test("open() finds IPVS after its module was loaded", async () => {
  let isLoaded = false;
  const loaded = kernelWith(() => undefined);
  const { open } = scriptedTransports((messages, to, failed) => {
    if (isLoaded) loaded(messages, to, failed);
    else to.receive(resultBytes(lastSequence(messages), ENOENT));
  });
  const loadModule = (): Promise<boolean> => {
    isLoaded = true;
    return Promise.resolve(true);
  };
  const client = await IpvsClient.open({ transport: open, loadModule });
  client.close();
});

test("open() says which privilege is missing", async () => {
  const { open } = scriptedTransports((messages, to, failed) => {
    if (messages[0]?.type === controller) kernelWith(() => undefined)(messages, to, failed);
    else to.receive(resultBytes(lastSequence(messages), EPERM));
  });
  await assert.rejects(IpvsClient.open({ transport: open }), {
    code: "IPVS_FORBIDDEN",
    message: /CAP_NET_ADMIN/,
  });
});

async function openWith(answer: ScriptedAnswer): Promise<[IpvsClient, ScriptedTransport]> {
  const { open, opened } = scriptedTransports(kernelWith(answer));
  const client = await IpvsClient.open({ transport: open });
  const [transport] = opened;
  assert.ok(transport);
  return [client, transport];
}

test("apply() sends 64 changes a call and keeps results in order", async () => {
  const [client, transport] = await openWith((messages, to) => {
    const first = messages[0]?.sequence ?? 0;
    to.receive(resultBytes(first, EEXIST), resultBytes(lastSequence(messages)));
  });
  const changes = Array.from(
    { length: 130 },
    (_, i): IpvsChange => ({
      type: "deleteDestination",
      service: web,
      destination: { address: "192.0.2.9", port: i },
    }),
  );
  const results = await client.apply(changes);
  const refused = results.flatMap((result, i) => (result === null ? [] : [[i, result]]));
  assert.deepEqual(refused, [
    [0, "EEXIST"],
    [64, "EEXIST"],
    [128, "EEXIST"],
  ]);
  assert.deepEqual(
    transport.sent.slice(2).map((call) => call.length),
    [64, 64, 2],
  );
  client.close();
});

test("services() skips and counts what it cannot read", async () => {
  const [client] = await openWith((messages, to) => {
    const sequence = lastSequence(messages);
    const good = payload(1, (writer) => {
      encodeService(writer, { key: web, scheduler: "rr", flags: 0, timeoutS: 0, netmask: 32 });
    });
    const unknownProtocol = payload(1, (writer) =>
      writer.nested(1, () => {
        writer.attributeU16(1, 2);
        writer.attributeU16(2, 254);
      }),
    );
    for (const one of [good, unknownProtocol, Uint8Array.of(1)]) {
      to.receive(messageBytes(family, 2, sequence, one));
    }
    to.receive(messageBytes(NLMSG_DONE, 2, sequence, new Uint8Array(4)));
  });
  const services = await client.services();
  assert.ok(services.ok);
  assert.deepEqual(
    services.value.map(({ key }) => key),
    [web],
  );
  assert.equal(client.counters.malformed, 2);
  client.close();
});

test("service() gives the errno name, and EBADMSG for an empty answer", async () => {
  const answers = [
    (sequence: number): Uint8Array => resultBytes(sequence, 3),
    (sequence: number): Uint8Array => resultBytes(sequence),
  ];
  const [client] = await openWith((messages, to) => {
    assert.equal(messages[0]?.payload[0], IPVS_CMD_GET_SERVICE);
    to.receive(answers.shift()?.(lastSequence(messages)) ?? new Uint8Array(0));
  });
  assert.deepEqual(await client.service(web), { ok: false, errno: "ESRCH" });
  assert.deepEqual(await client.service(web), { ok: false, errno: "EBADMSG" });
  client.close();
});

test("close() settles what is pending", async () => {
  const [client] = await openWith(() => undefined);
  const flushed = client.flush();
  client.close();
  assert.equal(await flushed, "ECANCELED");
});
