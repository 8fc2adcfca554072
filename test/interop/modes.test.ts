// The modes of VRRP beside IPv4 multicast, between our daemon and Debian's keepalived: IPv6,
// unicast peers of both families, authentication headers. One holder comes out in both orders of
// priority, and each accepts the other's adverts; who has another key is refused.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { readStatistics } from "../lab/daemon.js";
import { gratuitousArps, neighbourAdvertisements } from "../lab/frames.js";
import { waitFor } from "../lab/wait.js";
import {
  expectNothingRejected,
  type InstanceOptions,
  IPV4,
  IPV6,
  IPV6_UNICAST,
  Pair,
  type PairNetwork,
  patienceMs,
  REJECTED,
  type Side,
} from "./pair.js";
import { tsharkVerdicts } from "./tshark.js";

interface Mode {
  readonly title: string;
  readonly network: PairNetwork;
  readonly options: InstanceOptions;
  readonly isUnicast: boolean;
  readonly lines: readonly string[];
}

const V2 = { version: 2, advertInterval: 1 } as const;
const V3 = { version: 3, advertInterval: 0.2 } as const;
const AH = ["authentication {", "auth_type AH", "auth_pass secret12", "}"];
const PASS = ["authentication {", "auth_type PASS", "auth_pass secret12", "}"];

const MODES: readonly Mode[] = [
  { title: "v3 over IPv6", network: IPV6, options: V3, isUnicast: false, lines: [] },
  { title: "v2 over IPv6", network: IPV6, options: V2, isUnicast: false, lines: [] },
  { title: "v2 unicast", network: IPV4, options: V2, isUnicast: true, lines: [] },
  { title: "v2 unicast with PASS", network: IPV4, options: V2, isUnicast: true, lines: PASS },
  { title: "v3 unicast", network: IPV4, options: V3, isUnicast: true, lines: [] },
  {
    title: "v3 unicast with old_unicast_checksum on one side, detected on the other",
    network: IPV4,
    options: V3,
    isUnicast: true,
    lines: [],
  },
  { title: "v3 unicast over IPv6", network: IPV6_UNICAST, options: V3, isUnicast: true, lines: [] },
  { title: "AH", network: IPV4, options: V2, isUnicast: false, lines: AH },
  { title: "AH unicast", network: IPV4, options: V2, isUnicast: true, lines: AH },
];

function start(pair: Pair, side: Side, priority: number, mode: Mode): void {
  const peers = ["unicast_peer {", pair.other(side).address, "}"];
  const unicast = mode.isUnicast ? [`unicast_src_ip ${side.address}`, ...peers] : [];
  const isOld = mode.title.includes("old_unicast_checksum") && side === pair.peer;
  const old = isOld ? ["old_unicast_checksum"] : [];
  side.start({ ...mode.options, priority, lines: [...unicast, ...mode.lines, ...old] });
}

describe("modes of VRRP with Debian's keepalived", { concurrency: 4 }, () => {
  for (const mode of MODES) {
    const limitMs = patienceMs(mode.options.advertInterval ?? 1);
    for (const name of ["ours", "peer"] as const) {
      it(`${mode.title}: one holder, ${name} being higher`, async (t) => {
        const pair = await Pair.create(t, { label: "modes", network: mode.network });
        const high = pair.side(name);
        const low = pair.other(high);
        start(pair, low, 100, mode);
        await pair.settledAt(low, limitMs);
        start(pair, high, 150, mode);
        await pair.settledAt(high, limitMs);
        await expectNothingRejected(pair);
        await high.daemon.stop();
        await pair.settledAt(low, limitMs);
        await expectAnnounced(pair);
        const isOld = mode.title.includes("old_unicast_checksum");
        await expectNoWarning(pair, isOld || mode.title === "v2 over IPv6");
      });
    }
  }

  for (const { title, ours } of [
    { title: "another key", ours: AH.with(2, "auth_pass secret13") },
    { title: "PASS against AH", ours: PASS },
    { title: "no authentication against AH", ours: [] },
  ]) {
    it(`AH, ${title}: each refuses the other's adverts`, async (t) => {
      const pair = await Pair.create(t, { label: "modes" });
      const [mode] = MODES.filter((each) => each.title === "AH");
      assert.ok(mode !== undefined);
      start(pair, pair.ours, 100, { ...mode, lines: ours });
      start(pair, pair.peer, 100, mode);
      const limitMs = patienceMs(1);
      await pair.ours.watch.waitFor(pair.vip, true, limitMs);
      await pair.peer.watch.waitFor(pair.vip, true, limitMs);
      if (title === "another key") {
        await waitFor("ours to say so", () => REJECTED.test(pair.ours.log()), limitMs);
        const counted = async (): Promise<boolean> => {
          const statistics = await readStatistics(pair.peer.daemon);
          return [...statistics].some(([key, n]) => /Authentication Errors/.test(key) && n > 0);
        };
        await waitFor("the peer to count it", counted, limitMs);
      }
      assert.equal(await pair.ours.host.holds(pair.vip), true);
      assert.equal(await pair.peer.host.holds(pair.vip), true);
      assert.doesNotMatch(pair.ours.log(), /secret1/, "a key is never logged");
    });
  }
});

/** Both have been MASTER, and have told all neighbours. */
async function expectAnnounced(pair: Pair): Promise<void> {
  const frames = pair.capture.frames();
  const announced = [...gratuitousArps(frames), ...neighbourAdvertisements(frames)];
  for (const side of [pair.ours, pair.peer]) {
    const own = await side.host.hardwareAddress("eth0");
    const found = announced.filter(
      ({ address, hardwareAddress }) => address === pair.vip && hardwareAddress === own,
    );
    assert.ok(found.length >= 5, `${side.name} has sent ${found.length} announcements`);
  }
}

/** tshark decodes all that ours has sent without a word, and finds both checksums right. */
async function expectNoWarning({ capture, ours }: Pair, isUnknownForm: boolean): Promise<void> {
  await capture.stop();
  // The RFCs know no other form of the checksum, and no version 2 over IPv6.
  if (isUnknownForm) return;
  const own = await ours.host.hardwareAddress("eth0");
  const sent = `eth.src == ${own}`;
  const verdicts = await tsharkVerdicts(capture.path, `vrrp && ${sent}`);
  assert.ok(verdicts.length >= 3);
  // No message, not malformed, the checksums good (1); IPv6 has none in its header.
  assert.match([...new Set(verdicts)].join(), /^\t\t1\t1?$/);
  const [advertisement] = await tsharkVerdicts(capture.path, `icmpv6.type == 136 && ${sent}`);
  assert.match(advertisement ?? "", /^\s*$/);
}
