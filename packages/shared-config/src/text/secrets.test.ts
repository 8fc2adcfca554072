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
