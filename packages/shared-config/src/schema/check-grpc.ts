// GRPC_CHECK, a check of ours: grpc.health.v1. Decides ranges; what may be said without TLS is the
// linker's.

import { connectionKeywords } from "./check-options.js";
import type { GrpcCheckDraft } from "./draft-checker.js";
import { boolean, type Field, integer, printWord } from "./forms.js";
import { named } from "./global-forms.js";
import type { Keywords, Rule } from "./keyword.js";
import { type Printable, quoteWord } from "./printed.js";

const nameMax = 255;
/** Certificates of servers do not live longer. */
export const certificateDaysMax = 36_500;

export const grpcKeywords: Keywords<GrpcCheckDraft> = {
  ...connectionKeywords,
  service: {
    ...name("service", 0),
    print: (keyword, config: Printable) =>
      config["service"] === "" ? [] : printWord("service", quoteWord)(keyword, config),
  },
  virtualhost: name("authority"),
  tls: boolean("isSecure"),
  sni_name: name("serverName"),
  verify_certificate: boolean("verifyCertificate"),
  certificate_days: integer("certificateDaysMin", { from: 0, to: certificateDaysMax }),
};

function name(field: Field<GrpcCheckDraft, string>, from: 0 | 1 = 1): Rule<GrpcCheckDraft> {
  return named(field, { from, to: nameMax });
}
