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
  assert.ok(!JSON.stringify(diagnostics).includes(secret), renderDiagnostics(diagnostics));
});

/** Ways for a password to a place where something else is wrong, whatever the names. */
const leaks: Readonly<Record<string, string>> = {
  "before the secret on its line": "~LST(p, SECRET) vrrp_instance V { authentication { pas $p } }",
  "a definition of an innocent name": "$A=SECRET\0\n$B=SECRET\nvrrp_instance V { auth_pass $B }",
  "a definition of several lines": "$A= \\\nSECRET\0 \\\n SECRET\nauth_pass $A",
  "a definition in a definition": "$A=SECRET $U\n$B=x%{A}\nzz { auth_pass %{B} %{U} } %{NO}",
  "a list that names what it gives":
    "~LST({i, p}, {300, SECRET}) vrrp_instance V { virtual_router_id $i auth_pass $p }",
  "a keyword out of a definition": "$K=auth_pass\n$K SECRET { }\n",
  "a block out of a definition": "$K=authentication\nvrrp_instance V { $K { psk SECRET\n } x %{NO}",
  "a line of a secret block": "vrrp_instance V { authentication {\n psk SECRET %{NO}\n~SEQ(x\n}\n}",
  "a name in a secret block": "vrrp_instance V { authentication {\n auth_pass x%{SECRET}\n}\n}",
  "a name after a keyword": "vrrp_instance V { authentication { auth_pass x%{SECRET} } }",
  "an include in a secret block": "vrrp_instance V { authentication {\n include /pw\n}\n}",
  "an include of a list": "~LST(p, SECRET) include /use\n",
  "a mistyped block": "vrrp_instance V { autentication {\n psk SECRET %{NO}\n}\n}",
  "a silencing comment": "SSL {\n pass SECRET # keepalived-ts: silence NO_SUCH\n}",
  "an open secret block": "SSL {\n pass SECRET %{NO}",
  "a line with a NUL": "auth_pass\\\nSECRET\0\n$PASS=\\\nSECRET\0",
};

for (const [way, written] of Object.entries(leaks)) {
  test(`loadConfig() shows no secret: ${way}`, () => {
    const secret = "pa55wordThatNobodyMaySee";
    const files = {
      "/c": written.replaceAll("SECRET", secret).replaceAll("%{", `${"$"}{`),
      "/pw": `psk ${secret} ${"$"}{NO}\n~SEQ(\n`,
      "/use": "vrrp_instance V {\n authentication {\n auth_pass $p\n }\n priority 300\n}\n",
    };
    const { diagnostics } = loadConfig({ path: "/c", loader: memoryLoader(files) });
    assert.notEqual(diagnostics.length, 0);
    assert.ok(!JSON.stringify(diagnostics).includes(secret), renderDiagnostics(diagnostics));
  });
}

test("loadConfig() shows the lines and values beside a secret as ever", () => {
  const text = `$ID=virtual_router_id
~SEQ(i, 300, 300) vrrp_instance V$i { $ID $i authentication { auth_pass x$i } }
$PRIORITY=300
vrrp_instance W {
  priority $PRIORITY
  authentication { auth_pass secret }
}
`;
  const { diagnostics } = loadConfig({ path: "/c", loader: memoryLoader({ "/c": text }) });
  const steps = diagnostics.flatMap(({ trail = [] }) => trail.map((step) => step.text));
  assert.ok(steps.includes("~SEQ i = 300"));
  assert.ok(diagnostics.some(({ sourceLine }) => sourceLine === "  priority $PRIORITY"));
  assert.ok(diagnostics.some(({ sourceLine }) => sourceLine?.includes("$ID $i")));
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
