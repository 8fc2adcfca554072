// That no password is shown, however the line around it is written.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { loadConfig } from "../schema/load.js";
import { memoryLoader } from "../testing/memory-loader.js";
import { renderDiagnostics } from "./render.js";
import { concealSecrets, isSecret, isSecretBlock } from "./secrets.js";

test("concealSecrets() hides all that follows a keyword that takes a secret", () => {
  assert.equal(concealSecrets("  auth_pass a b # c"), "  auth_pass ********");
  assert.equal(concealSecrets("authentication { auth_pass a }"), "authentication ********");
  assert.equal(concealSecrets("auth_pass"), "auth_pass");
  assert.equal(concealSecrets("priority 100"), "priority 100");
});

test("concealSecrets() hides what a definition or list gives to a name of a secret", () => {
  assert.equal(concealSecrets("$VRRP_PASS=a b"), "$VRRP_PASS= ********");
  assert.equal(concealSecrets("$VIP=192.0.2.1"), "$VIP=192.0.2.1");
  assert.equal(concealSecrets("~LST({i, pw}, {1, a}) x"), "~LST({i, pw} ********");
  const nested = "~SEQ(i, 1, 2) ~LST(key";
  assert.equal(concealSecrets(`${nested}, a) x`), `${nested} ********`);
  assert.equal(concealSecrets("~LST(v, a) x"), "~LST(v, a) x");
});

test("loadConfig() shows no secret that a definition or list brought, nor the way it came", () => {
  const secret = "pa55word-that-nobody-may-see";
  const text = `$PASS=${secret} surplus
~LST({id, pass}, {300, ${secret}}) vrrp_instance V$id { authentication { auth_pas $pass } }
~LST(p, ${secret}, x) vrrp_instance V { authentication { auth_pas ${"$"}{p} } }
vrrp_instance W {
  authentication { auth_pass $PASS }
  ~LST({id, pass}, {300, ${secret}}) virtual_router_id $id
}
`;
  const { diagnostics } = loadConfig({ path: "/c", loader: memoryLoader({ "/c": text }) });
  assert.ok(diagnostics.some((each) => each.trail !== undefined));
  const shown = diagnostics.filter((each) => !each.sourceLine?.startsWith("~LST(p,"));
  assert.ok(!JSON.stringify(shown).includes(secret), renderDiagnostics(shown));
});

test("isSecret() knows mistyped keywords too", () => {
  for (const keyword of ["auth_pas", "auhtpass", "autentication", "passwrd", "key"]) {
    assert.ok(isSecret(keyword), keyword);
  }
  for (const keyword of ["auth_type", "keys", "state", "advert_int"]) {
    assert.ok(!isSecret(keyword), keyword);
  }
});

test("isSecretBlock() knows the blocks that hold secrets", () => {
  assert.ok(isSecretBlock("vrrp_instance/authentication"));
  assert.ok(isSecretBlock("SSL"));
  assert.ok(!isSecretBlock("vrrp_instance"));
});

test("loadConfig() shows no password in any diagnostic of a broken authentication block", () => {
  const secret = "pa55word-that-nobody-may-see";
  const parts = [
    ...["authentication", "auth_type", "auth_pass", "auth_pas", "PASS", "AH", "pass", "{", "}"],
    ...[secret, `"${secret}"`, `"${secret}`, "\n", "\n", "version 3", "priority 300", "zzz"],
  ];
  const inside = fc.array(fc.constantFrom(...parts), { maxLength: 14 });
  fc.assert(
    fc.property(inside, (words) => {
      const text = [
        "vrrp_instance V {\ninterface eth0\nvirtual_router_id 1\nauthentication {\n",
        words.join(" "),
        "\nauth_type PASS\nauth_pass",
        ` ${secret}\n}\n}`,
      ].join("");
      // A word can leave the block by a brace; what stands outside is no secret to anyone.
      fc.pre(!words.includes("}"));
      const { diagnostics } = loadConfig({ path: "/c", loader: memoryLoader({ "/c": text }) });
      assert.ok(!renderDiagnostics(diagnostics).includes(secret), text);
      assert.ok(!JSON.stringify(diagnostics).includes(secret), text);
    }),
    { numRuns: 500 },
  );
});
