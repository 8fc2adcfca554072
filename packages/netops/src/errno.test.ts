// The errno table against the names that Node knows from the C library.

import assert from "node:assert/strict";
import { constants } from "node:os";
import { test } from "node:test";
import { checkResult, errnoName } from "./errno.js";

test("errnoName() agrees with the C library for every errno that Node knows", () => {
  const aliases = new Set(["EWOULDBLOCK", "EOPNOTSUPP", "ENOTSUP", "EDEADLOCK"]);
  const known = Object.entries(constants.errno).filter(([name]) => !aliases.has(name));
  assert.ok(known.length > 70);
  for (const [name, number] of known) assert.equal(errnoName(number), name);
});

test("errnoName() takes negative results as they come from the addon", () => {
  assert.equal(errnoName(-11), "EAGAIN");
  assert.equal(errnoName(-133), "EHWPOISON");
});

test("errnoName() gives unknown numbers a name of their own", () => {
  assert.equal(errnoName(41), "ERRNO_41");
  assert.equal(errnoName(0), "ERRNO_0");
  assert.equal(errnoName(4000), "ERRNO_4000");
});

test("checkResult() passes results on and throws errnos with code and advice", () => {
  assert.equal(
    checkResult(7, "do it", () => "never seen"),
    7,
  );
  assert.throws(() => checkResult(-1, "do it", (errno) => `read about ${errno}`), {
    code: "EPERM",
    message: "Cannot do it: EPERM, read about EPERM",
  });
  assert.throws(() => checkResult(-2, "do it"), { message: "Cannot do it: ENOENT" });
});
