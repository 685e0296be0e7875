// The frame player: shows one frame of a sprite sheet at a time, and never starts by itself.
//
// The page brings the still and the controls (docs/_ext/picture_html.py). Without this script,
// on paper, or until the reader asks for more, the still is what is seen.

/** Frame to show next when playing: the one after, or none at the end. */
export function following(frame, frames) {
  return frame + 1 < frames ? frame + 1 : null;
}

/** Upper left corner of a frame in a sheet that is filled row by row. */
export function corner(frame, columns, width, height) {
  return [(frame % columns) * width, Math.floor(frame / columns) * height];
}

/** Frame that a key asks for; null for keys that mean nothing here. */
export function asked(key, frame, frames) {
  const last = frames - 1;
  const targets = new Map([
    ["ArrowLeft", frame - 1],
    ["ArrowRight", frame + 1],
    ["Home", 0],
    ["End", last],
  ]);
  const target = targets.get(key);
  return target === undefined ? null : Math.min(last, Math.max(0, target));
}

export class Player {
  constructor(figure) {
    this.figure = figure;
    this.frames = Number(figure.dataset.frames);
    this.columns = Number(figure.dataset.columns);
    this.interval = Number(figure.dataset.interval);
    this.frame = Number(figure.dataset.start);
    this.still = figure.querySelector(".cnn-player__still");
    this.slider = figure.querySelector("input");
    this.output = figure.querySelector("output");
    this.playButton = figure.querySelector("[data-action=play]");
    this.timer = null;
    this.listen();
    this.report();
    figure.querySelector(".cnn-player__controls").hidden = false;
    figure.dataset.ready = "true";
  }

  listen() {
    const actions = {
      previous: () => this.step(-1),
      play: () => (this.timer === null ? this.play() : this.pause()),
      next: () => this.step(1),
    };
    this.figure.addEventListener("click", (event) => {
      const button = event.target.closest("button[data-action]");
      if (button) actions[button.dataset.action]();
    });
    this.slider.addEventListener("input", () => {
      this.pause();
      this.show(Number(this.slider.value) - 1);
    });
    this.figure.addEventListener("keydown", (event) => {
      // The slider has these keys already.
      const target = event.target === this.slider ? null : asked(event.key, this.frame, this.frames);
      if (target === null || event.altKey || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      this.pause();
      this.show(target);
    });
    document.addEventListener("visibilitychange", () => document.hidden && this.pause());
  }

  /** Load the sheet, once, when the first frame is asked for. */
  sheet() {
    this.loading ??= (async () => {
      const image = new Image();
      image.src = this.figure.dataset.sheet;
      await image.decode();
      const canvas = document.createElement("canvas");
      canvas.className = "cnn-player__frame";
      canvas.width = image.naturalWidth / this.columns;
      canvas.height = image.naturalHeight / Math.ceil(this.frames / this.columns);
      canvas.setAttribute("role", "img");
      canvas.setAttribute("aria-label", this.still.alt);
      this.still.after(canvas);
      this.figure.dataset.moving = "true";
      return { image, canvas };
    })();
    return this.loading;
  }

  async show(frame) {
    this.frame = frame;
    this.report();
    const { image, canvas } = await this.sheet();
    const { width, height } = canvas;
    const [x, y] = corner(this.frame, this.columns, width, height);
    canvas.getContext("2d").drawImage(image, x, y, width, height, 0, 0, width, height);
  }

  step(by) {
    this.pause();
    const target = this.frame + by;
    if (target >= 0 && target < this.frames) this.show(target);
  }

  play() {
    this.show(following(this.frame, this.frames) ?? 0);
    this.timer = setInterval(() => {
      const next = following(this.frame, this.frames);
      if (next === null) this.pause();
      else this.show(next);
    }, this.interval);
    this.reportPlaying();
  }

  pause() {
    if (this.timer === null) return;
    clearInterval(this.timer);
    this.timer = null;
    this.reportPlaying();
    this.report();
  }

  reportPlaying() {
    const playing = this.timer !== null;
    this.figure.dataset.playing = String(playing);
    const label = playing ? "Pause" : "Play";
    this.playButton.setAttribute("aria-label", label);
    this.playButton.title = label;
    // A screen reader should not have every frame read to it while they pass.
    this.output.setAttribute("aria-live", playing ? "off" : "polite");
  }

  report() {
    const text = `${this.frame + 1} / ${this.frames}`;
    this.slider.value = String(this.frame + 1);
    this.slider.setAttribute("aria-valuetext", `Frame ${this.frame + 1} of ${this.frames}`);
    this.output.textContent = text;
    const disable = (action, no) =>
      this.figure.querySelector(`[data-action=${action}]`).setAttribute("aria-disabled", String(no));
    disable("previous", this.frame === 0);
    disable("next", this.frame === this.frames - 1);
  }
}

if (typeof document !== "undefined") {
  for (const figure of document.querySelectorAll(".cnn-player")) new Player(figure);
}
