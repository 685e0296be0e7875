// Run by test_player.py: `node --test` with the address of player.mjs in PLAYER.

import assert from "node:assert/strict";
import { test } from "node:test";

const { Player, asked, corner, following } = await import(process.env.PLAYER);

test("frames follow each other up to the last", () => {
  assert.deepEqual([0, 1, 2].map((frame) => following(frame, 3)), [1, 2, null]);
});

test("frames fill the sheet row by row", () => {
  // 7 frames of 5 x 3 in 3 columns: frame 5 is the last of the second row.
  assert.deepEqual(corner(5, 3, 5, 3), [10, 3]);
  assert.deepEqual(corner(6, 3, 5, 3), [0, 6]);
});

test("every frame has a place of its own", () => {
  const places = [...Array(11).keys()].map((frame) => corner(frame, 4, 7, 2).join());
  assert.equal(new Set(places).size, 11);
});

test("keys step and stay within the frames", () => {
  assert.equal(asked("ArrowRight", 2, 5), 3);
  assert.equal(asked("ArrowLeft", 0, 5), 0);
  assert.equal(asked("ArrowRight", 4, 5), 4);
  assert.equal(asked("Home", 3, 5), 0);
  assert.equal(asked("End", 3, 5), 4);
  assert.equal(asked("a", 3, 5), null);
  assert.equal(asked("constructor", 3, 5), null);
});

// A figure as docs/_ext/picture_html.py writes it, as far as the player looks at it.
class Part extends EventTarget {
  dataset = {};
  attributes = {};
  hidden = true;
  alt = "It moves";
  value = "";
  setAttribute(name, value) {
    this.attributes[name] = value;
  }
  after(part) {
    this.next = part;
  }
  getContext() {
    return { drawImage: (...numbers) => this.drawn.push(numbers.slice(1)) };
  }
  drawn = [];
}

function figure(frames) {
  const parts = {};
  const found = new Part();
  found.dataset = { frames: String(frames), columns: "2", interval: "1", start: "1", sheet: "s" };
  found.querySelector = (name) => (parts[name] ??= new Part());
  return { found, parts };
}

function browser(t) {
  const document = new EventTarget();
  document.hidden = false;
  document.createElement = () => new Part();
  globalThis.document = document;
  let loaded = 0;
  globalThis.Image = class {
    naturalWidth = 20;
    naturalHeight = 12;
    async decode() {
      loaded += 1;
    }
  };
  t.mock.timers.enable({ apis: ["setInterval"] });
  return { document, loads: () => loaded };
}

const settle = async () => {
  for (let turn = 0; turn < 5; turn += 1) await Promise.resolve();
};

test("nothing moves or loads by itself", async (t) => {
  const { loads } = browser(t);
  const { found, parts } = figure(4);
  const player = new Player(found);
  t.mock.timers.tick(50);
  await settle();
  assert.equal(player.frame, 1);
  assert.equal(loads(), 0);
  assert.equal(parts[".cnn-player__controls"].hidden, false);
  assert.equal(parts.output.textContent, "2 / 4");
});

test("playing goes to the end, stops, and starts over", async (t) => {
  const { loads } = browser(t);
  const { found, parts } = figure(4);
  const player = new Player(found);
  player.play();
  assert.equal(parts["[data-action=play]"].attributes["aria-label"], "Pause");
  assert.equal(parts.output.attributes["aria-live"], "off");
  t.mock.timers.tick(10);
  await settle();
  assert.equal(player.frame, 3);
  assert.equal(player.timer, null);
  assert.equal(parts["[data-action=play]"].attributes["aria-label"], "Play");
  assert.equal(parts.output.attributes["aria-live"], "polite");
  assert.equal(parts["[data-action=next]"].attributes["aria-disabled"], "true");
  player.play();
  assert.equal(player.frame, 0);
  player.pause();
  await settle();
  assert.equal(loads(), 1);
});

test("the frame that is drawn is the one that was asked for last", async (t) => {
  browser(t);
  const { found, parts } = figure(4);
  const player = new Player(found);
  player.show(0);
  player.show(3);
  await settle();
  const canvas = parts[".cnn-player__still"].next;
  // 4 frames in 2 columns of a sheet of 20 x 12: the last begins at (10, 6).
  assert.deepEqual(canvas.drawn.at(-1), [10, 6, 10, 6, 0, 0, 10, 6]);
  assert.equal(canvas.attributes["aria-label"], "It moves");
});

test("steps stop at both ends", async (t) => {
  browser(t);
  const player = new Player(figure(3).found);
  for (const [by, frame] of [[1, 2], [1, 2], [-1, 1], [-1, 0], [-1, 0]]) {
    player.step(by);
    assert.equal(player.frame, frame);
  }
  await settle();
});

test("it pauses when nobody looks", async (t) => {
  const { document } = browser(t);
  const player = new Player(figure(9).found);
  player.play();
  document.hidden = true;
  document.dispatchEvent(new Event("visibilitychange"));
  assert.equal(player.timer, null);
  await settle();
});
