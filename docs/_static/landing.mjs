// Moves the window of the landing page. The picture is whole without this script;
// all numbers come from the page, where the build has put them.

const PERIOD = 650; // milliseconds between two places of the window
const COLUMNS = 6; // places in a row

const signed = (value) => (value < 0 ? `\u2212${-value}` : `${value}`);

/** What is to be seen when the window stands at place `k`. */
export function frame(data, kernel, k) {
  const { weights, output } = data.kernels[kernel];
  const column = data.columns[k];
  const products = column.map((value, i) => value * weights[i]);
  const sum = products.reduce((total, product) => total + product, 0);
  const largest = Math.max(...output.map(Math.abs));
  return { column, weights, products, sum, shades: output.map((value) => value / largest) };
}

/** The same in words, for the live region. */
export function sentence({ column, weights, sum }, k) {
  const terms = column.map((value, i) => `${value}·${weights[i] < 0 ? `(${signed(weights[i])})` : weights[i]}`);
  const row = Math.floor(k / COLUMNS) + 1;
  return `Row ${row}, column ${(k % COLUMNS) + 1}: ${terms.join(" + ")} = ${signed(sum)}`;
}

class SlidingWindow {
  constructor(figure) {
    this.figure = figure;
    this.data = JSON.parse(figure.querySelector("script").textContent);
    this.places = this.data.columns.length;
    this.kernel = 0;
    this.k = this.data.still;
    this.lit = this.places; // how many output pixels have been made
    this.timer = null;
    this.controls = figure.querySelector(".cnn-slide__controls");
    this.range = figure.querySelector("input[type=range]");
    this.said = figure.querySelector(".cnn-slide__said");
    this.listen();
    this.controls.hidden = false;
    this.draw();
    this.playWhenSeen();
  }

  all(selector) {
    return this.figure.querySelectorAll(selector);
  }

  listen() {
    for (const button of this.all("button")) {
      button.addEventListener("click", () => this[button.dataset.do]());
    }
    this.range.addEventListener("input", () => this.go(Number(this.range.value) - 1));
    for (const radio of this.all("input[type=radio]")) {
      radio.addEventListener("change", () => {
        this.kernel = this.data.kernels.findIndex(({ name }) => name === radio.value);
        this.draw();
        this.say();
      });
    }
    for (const picture of this.all("svg")) {
      picture.addEventListener("pointerdown", (event) => this.point(picture, event));
      picture.addEventListener("pointermove", (event) => {
        if (event.pointerType === "mouse" || event.buttons) this.point(picture, event);
      });
    }
    document.addEventListener("visibilitychange", () => document.hidden && this.pause());
  }

  /** Move the window to where the reader points in the image or the output. */
  point(picture, { clientX, clientY }) {
    for (const [kind, count, shift] of [["window", 8, 1], ["pixel", 6, 0]]) {
      const area = picture.querySelector(`.is-${kind}-area`).getBoundingClientRect();
      const column = Math.floor(((clientX - area.left) / area.width) * count);
      const row = Math.floor(((clientY - area.top) / area.height) * count);
      if (column < 0 || row < 0 || column >= count || row >= count) continue;
      const clamp = (value) => Math.min(Math.max(value - shift, 0), COLUMNS - 1);
      const k = clamp(row) * COLUMNS + clamp(column);
      if (k !== this.k || this.timer) this.go(k, { quiet: true });
      return;
    }
  }

  playWhenSeen() {
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) return;
    const seen = new IntersectionObserver(
      ([entry]) => {
        if (!entry.isIntersecting) return;
        seen.disconnect();
        this.play();
      },
      { threshold: 0.6 },
    );
    seen.observe([...this.all("svg")].find((picture) => picture.clientWidth > 0) ?? this.figure);
  }

  play() {
    if (this.timer) {
      this.pause();
      this.say();
      return;
    }
    if (this.lit === this.places) this.lit = 0;
    this.k = this.lit;
    this.lit += 1;
    this.draw();
    this.timer = setInterval(() => this.next(), PERIOD);
    this.name();
  }

  next() {
    if (this.lit === this.places) {
      this.pause();
      return;
    }
    this.k = this.lit;
    this.lit += 1;
    this.draw();
  }

  pause() {
    clearInterval(this.timer);
    this.timer = null;
    this.name();
  }

  name() {
    const button = this.figure.querySelector("[data-do=play]");
    button.textContent = this.timer ? "Pause" : "Play";
    this.figure.classList.toggle("is-playing", this.timer !== null);
  }

  step() {
    this.go((this.k + 1) % this.places);
  }

  back() {
    this.go((this.k + this.places - 1) % this.places);
  }

  /** Go to a place because the reader wants to: stop, and show the whole output. */
  go(k, { quiet = false } = {}) {
    this.pause();
    this.k = k;
    this.lit = this.places;
    this.draw();
    if (!quiet) this.say();
  }

  say() {
    this.said.textContent = sentence(frame(this.data, this.kernel, this.k), this.k);
  }

  draw() {
    const shown = frame(this.data, this.kernel, this.k);
    const row = Math.floor(this.k / COLUMNS);
    const column = this.k % COLUMNS;
    for (const picture of this.all("svg")) {
      for (const kind of ["window", "pixel", "column"]) {
        const part = picture.querySelector(`.is-${kind}`);
        const step = Number(part.dataset.step);
        const flat = kind === "column";
        const [x, y] = flat ? [this.k * step, 0] : [column * step, row * step];
        part.style.transform = `translate(${x}px, ${y}px)`;
      }
      for (const link of picture.querySelectorAll(".is-link")) {
        const step = Number(link.dataset.step);
        link.setAttribute("x1", Number(link.dataset.x) + column * step);
        link.setAttribute("y1", Number(link.dataset.y) + row * step);
      }
      this.write(picture, shown);
      this.light(picture, shown);
    }
    this.range.value = this.k + 1;
    this.range.setAttribute("aria-valuetext", `row ${row + 1}, column ${column + 1}`);
  }

  write(picture, { column, weights, products, sum }) {
    const put = (selector, values) => {
      picture.querySelectorAll(selector).forEach((node, i) => {
        node.textContent = signed(values[i % values.length]);
      });
    };
    put(".is-value", column);
    put(".is-weight", weights);
    put(".is-product", products);
    put(".is-sum", [sum]);
    picture.querySelectorAll(".is-value").forEach((node, i) => {
      node.classList.toggle("is-dark", column[i] > 10);
    });
    picture.querySelectorAll(".is-shade").forEach((node, i) => {
      node.setAttribute("fill-opacity", column[i] / 16);
    });
  }

  light(picture, { shades }) {
    picture.querySelectorAll(".is-out").forEach((cell, i) => {
      const k = i % this.places;
      cell.classList.toggle("is-negative", shades[k] < 0);
      cell.setAttribute("fill-opacity", k < this.lit ? Math.abs(shades[k]) : 0);
    });
  }
}

if (globalThis.document) {
  for (const figure of document.querySelectorAll(".cnn-slide")) new SlidingWindow(figure);
}
