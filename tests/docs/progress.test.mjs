// Run by test_progress.py: `node --test` with the address of progress.mjs in PROGRESS.

import assert from "node:assert/strict";
import { test } from "node:test";

const { asDay, counted, merged, read, toggled, written } = await import(process.env.PROGRESS);

test("what is written is read again", () => {
  const solved = { mean_loss: "2026-07-01", cut: "2026-11-23" };
  assert.deepEqual(read(written(solved)), solved);
});

test("what is no progress is refused", () => {
  for (const text of [null, "", "{", "null", "3", "[]", "{}", '{"solved": {}}']) {
    assert.equal(read(text), null);
  }
  assert.equal(read('{"format": "cnn_tutorial progress", "solved": null}'), null);
});

test("entries that are no days are left out", () => {
  const text = '{"format": "cnn_tutorial progress", "solved": {"a": "2026-07-01", "b": 3, "c": "<b>"}}';
  assert.deepEqual(read(text), { a: "2026-07-01" });
});

test("a mark is set and taken back", () => {
  const once = toggled({ a: "2026-01-01" }, "b", "2026-02-02");
  assert.deepEqual(once, { a: "2026-01-01", b: "2026-02-02" });
  assert.deepEqual(toggled(once, "b", "2026-03-03"), { a: "2026-01-01" });
});

test("of two days the first is kept, whatever the order", () => {
  const one = { a: "2026-01-02", b: "2026-05-05" };
  const other = { a: "2026-01-01", c: "2026-06-06" };
  const both = { a: "2026-01-01", b: "2026-05-05", c: "2026-06-06" };
  assert.deepEqual(merged(one, other), both);
  assert.deepEqual(merged(other, one), both);
  assert.equal(one.a, "2026-01-02");
});

test("only exercises of this site are counted", () => {
  assert.equal(counted({ a: "2026-01-01", gone: "2026-01-01" }, ["a", "b", "constructor"]), 1);
});

test("days have two digits each", () => {
  assert.equal(asDay(new Date(2026, 0, 7)), "2026-01-07");
});
