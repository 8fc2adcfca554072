// What our daemon sends, as seen by programs that others wrote: tshark decodes it without a
// warning, checksums included, and Debian's keepalived sends the same bytes for the same
// configuration.

import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { describe, it, type TestContext, test } from "node:test";
import type { CapturedFrame } from "../lab/capture.js";
import { startCapture } from "../lab/capture.js";
import { type InstanceText, vrrpConfigText } from "../lab/config-text.js";
import { type DaemonRunner, runDebianKeepalived, runKeepalivedTs } from "../lab/daemon.js";
import { adverts, gratuitousArps } from "../lab/frames.js";
import { createLab } from "../lab/lab.js";
import { waitFor } from "../lab/wait.js";
import { tsharkVerdicts } from "./tshark.js";

const ETHERNET_AND_IP_BYTES = 34;
const SOURCE = "192.0.2.1";
const FAST = { version: 3, advertInterval: 0.05 } as const;
const MANY = Array.from({ length: 20 }, (_, index) => `192.0.2.${100 + index}/24`);

interface Recording {
  readonly frames: readonly CapturedFrame[];
  /** A pcap file. */
  readonly path: string;
  readonly hardwareAddress: string;
}

/** Lets one daemon become master, resign and end, and records all of it. */
async function record(
  t: TestContext,
  runner: DaemonRunner,
  instance: InstanceText,
): Promise<Recording> {
  const lab = await createLab("packets");
  t.after(() => lab.close());
  const host = await lab.addHost("router", { address: `${SOURCE}/24` });
  const capture = await startCapture(lab.lan);
  const daemon = runner(host, vrrpConfigText([instance]));
  const wanted = instance.addresses.length * 5;
  await waitFor("adverts and gratuitous ARP", () => {
    assert.equal(daemon.exit, null, daemon.log());
    const frames = capture.frames();
    return adverts(frames).length >= 3 && gratuitousArps(frames).length >= wanted;
  });
  await daemon.stop();
  const frames = await capture.stop();
  return { frames, path: capture.path, hardwareAddress: await host.hardwareAddress("eth0") };
}

/** The VRRP message without the checksum, which covers the source address in version 3. */
function messages(frames: readonly CapturedFrame[]): readonly string[] {
  const vrrp = frames.filter((frame) => adverts([frame]).length > 0);
  return vrrp.map(({ bytes }) => {
    const length = bytes.readUInt16BE(16) - 20;
    const message = Buffer.from(bytes.subarray(ETHERNET_AND_IP_BYTES)).subarray(0, length);
    message.writeUInt16BE(0, 6);
    return message.toString("hex");
  });
}

/**
 * The IP header's fields that the standard or keepalived fixes: TOS, TTL, protocol, destination.
 */
function headers(frames: readonly CapturedFrame[]): readonly string[] {
  const vrrp = frames.filter((frame) => adverts([frame]).length > 0);
  return vrrp.map(({ bytes }) => {
    const ip = bytes.subarray(14, ETHERNET_AND_IP_BYTES);
    const flags = ip.readUInt16BE(6) & 0xbfff;
    const fixed = [ip.readUInt8(0), ip.readUInt8(1), flags, ip.readUInt8(8), ip.readUInt8(9)];
    return `${fixed.join(" ")} to ${ip.subarray(16, 20).join(".")}`;
  });
}

const instances: readonly { readonly title: string; readonly instance: InstanceText }[] = [
  { title: "version 2", instance: { version: 2, addresses: ["192.0.2.100/24"] } },
  {
    title: "version 2 with PASS",
    instance: { version: 2, password: "secret", addresses: ["192.0.2.100/24"] },
  },
  { title: "version 2 with 20 addresses", instance: { version: 2, addresses: MANY } },
  { title: "version 3", instance: { ...FAST, addresses: ["192.0.2.100/24"] } },
  { title: "version 3 with 20 addresses", instance: { ...FAST, addresses: MANY } },
];

describe("packets of our daemon", { concurrency: 5 }, () => {
  for (const { title, instance } of instances) {
    it(`${title}: tshark finds nothing wrong with what we send`, async (t) => {
      const { path, frames } = await record(t, runKeepalivedTs, instance);
      const verdicts = await tsharkVerdicts(path);
      assert.ok(verdicts.length >= 3);
      // No message, not malformed, both checksums good (1).
      assert.deepEqual([...new Set(verdicts)], ["\t\t1\t1"]);
      assert.equal(adverts(frames).at(-1)?.priority, 0, "the last advert resigns");
    });

    it(`${title}: the same bytes as Debian's keepalived sends`, async (t) => {
      const ours = await record(t, runKeepalivedTs, instance);
      const theirs = await record(t, runDebianKeepalived, instance);
      assert.deepEqual(new Set(messages(ours.frames)), new Set(messages(theirs.frames)));
      assert.deepEqual(new Set(headers(ours.frames)), new Set(headers(theirs.frames)));
    });
  }
});

test("gratuitous ARP: the same frames as Debian's keepalived sends", async (t) => {
  const instance = { ...FAST, addresses: ["192.0.2.100/24", "192.0.2.101/24"] };
  const shape = ({ frames, hardwareAddress }: Recording): readonly string[] => {
    const own = hardwareAddress.replaceAll(":", "");
    const found = frames.filter((frame) => gratuitousArps([frame]).length > 0);
    const texts = found.map(({ bytes }) => bytes.subarray(0, 42).toString("hex"));
    return texts
      .filter((text) => text.includes(own))
      .map((text) => text.replaceAll(own, "(own)"))
      .toSorted();
  };
  const ours = shape(await record(t, runKeepalivedTs, instance));
  assert.equal(ours.length, 10, "five an address");
  assert.deepEqual(ours, shape(await record(t, runDebianKeepalived, instance)));
});

test("tsharkVerdicts() does see a checksum that is wrong", async (t) => {
  const recording = await record(t, runDebianKeepalived, {
    ...FAST,
    addresses: ["192.0.2.100/24"],
  });
  const bytes = readFileSync(recording.path);
  const first = recording.frames.find((frame) => adverts([frame]).length > 0);
  assert.ok(first !== undefined);
  const offset = bytes.indexOf(first.bytes) + ETHERNET_AND_IP_BYTES + 6;
  bytes.writeUInt16BE(bytes.readUInt16BE(offset) ^ 0x0101, offset);
  const path = `${recording.path}.broken`;
  writeFileSync(path, bytes);
  const [broken] = await tsharkVerdicts(path);
  assert.match(broken ?? "", /[Cc]hecksum.*\t0\t1$/);
});
