// What tshark, which shares no line with us, thinks of captured packets.

import { must } from "../lab/command.js";

/** Warnings of tshark's experts and the verdicts on checksums, one line a frame. */
export async function tsharkVerdicts(
  path: string,
  filter: string = "vrrp",
): Promise<readonly string[]> {
  const fields = [
    "_ws.expert.message",
    "_ws.malformed",
    "vrrp.checksum.status",
    "ip.checksum.status",
  ];
  const output = await must([
    "tshark",
    "-r",
    path,
    "-Y",
    filter,
    "-o",
    "ip.check_checksum:TRUE",
    "-T",
    "fields",
    ...fields.flatMap((field) => ["-e", field]),
  ]);
  // An empty field at the end of a line is a verdict too.
  return output.replace(/\n$/, "").split("\n");
}
