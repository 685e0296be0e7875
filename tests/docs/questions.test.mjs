// Run by test_questions.py: `node --test` with the address of questions.mjs.

import assert from "node:assert/strict";
import { test } from "node:test";

const { shuffled } = await import(process.env.QUESTIONS);

test("each number comes once", () => {
  for (const count of [0, 1, 2, 7]) {
    const order = shuffled(count);
    assert.deepEqual(order.toSorted(), [...Array(count).keys()]);
  }
});

test("chance decides", () => {
  assert.deepEqual(shuffled(3, () => 0), [1, 2, 0]);
  assert.deepEqual(shuffled(3, () => 0.999), [0, 1, 2]);
});
