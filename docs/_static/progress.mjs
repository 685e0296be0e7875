// Which exercises the reader has marked as solved. It is kept in this browser and goes
// nowhere else; a file takes it to another one. Pages are whole without this script.

const KEY = "cnn-tutorial.progress";
const FORMAT = "cnn_tutorial progress";
const DAY = /^\d{4}-\d\d-\d\d$/;

/** Days by exercise from a text that may be anything; null if it holds no progress. */
export function read(text) {
  let found;
  try {
    found = JSON.parse(text);
  } catch {
    return null;
  }
  if (found?.format !== FORMAT || typeof found.solved !== "object" || !found.solved) return null;
  const entries = Object.entries(found.solved);
  return Object.fromEntries(entries.filter(([, day]) => typeof day === "string" && DAY.test(day)));
}

/** The text that `read` takes. */
export const written = (solved) => JSON.stringify({ format: FORMAT, solved }, null, 2);

/** With an exercise marked, or not any more. */
export function toggled(solved, name, day) {
  const { [name]: before, ...others } = solved;
  return before ? others : { ...others, [name]: day };
}

/** What either knows; of two days the first. */
export function merged(one, other) {
  const both = { ...one };
  for (const [name, day] of Object.entries(other)) {
    if (!both[name] || day < both[name]) both[name] = day;
  }
  return both;
}

/** How many of these exercises are marked; others may come from another version. */
export const counted = (solved, names) => names.filter((name) => Object.hasOwn(solved, name)).length;

/** A date as 2026-07-01, in the reader's own zone. */
export function asDay(date) {
  const two = (number) => String(number).padStart(2, "0");
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

class Store {
  // A browser may forbid to keep anything: then it lasts as long as the page.
  solved = {};

  constructor() {
    try {
      this.solved = read(localStorage.getItem(KEY)) ?? {};
    } catch {}
  }

  keep(solved) {
    this.solved = solved;
    try {
      localStorage.setItem(KEY, written(solved));
    } catch {}
    document.dispatchEvent(new Event("cnn-progress"));
  }
}

function element(tag, text, properties = {}) {
  return Object.assign(document.createElement(tag), { textContent: text, ...properties });
}

function addMark(place, store, several) {
  const name = place.dataset.exercise;
  const what = several ? `${name} ` : "";
  const button = element("button", "", { type: "button" });
  const note = element("span", "");
  const all = element("a", "All exercises", {
    href: `${document.documentElement.dataset.content_root ?? ""}exercises.html`,
  });
  button.addEventListener("click", () => store.keep(toggled(store.solved, name, asDay(new Date()))));
  const draw = () => {
    const day = store.solved[name];
    button.setAttribute("aria-pressed", String(Boolean(day)));
    button.textContent = day ? `✓ Solved ${what}`.trim() : `Mark ${what}as solved`;
    note.textContent = day ? `on ${day}. Kept in this browser only.` : "";
  };
  document.addEventListener("cnn-progress", draw);
  place.append(button, note, all);
  place.hidden = false;
  draw();
}

function addTick(place, store) {
  const draw = () => {
    const ticks = [element("span", "✓ ", { ariaHidden: "true" }), element("span", "solved: ", { className: "visually-hidden" })];
    place.replaceChildren(...(store.solved[place.dataset.solved] ? ticks : []));
  };
  document.addEventListener("cnn-progress", draw);
  draw();
}

function addOverview(place, store) {
  const names = [...document.querySelectorAll("[data-solved]")].map((e) => e.dataset.solved);
  if (!names.length) return; // a page whose cells were not run
  const count = element("p", "", { role: "status" });
  const said = (text) => (count.textContent = text);
  const draw = () => said(`You have marked ${counted(store.solved, names)} of ${names.length} as solved. This is kept in this browser only.`);
  const file = element("input", "", { type: "file", accept: "application/json,.json", hidden: true });
  file.addEventListener("change", async () => {
    const found = read(await file.files[0].text());
    if (found) store.keep(merged(store.solved, found));
    else said("This file holds no progress; nothing has changed.");
    file.value = "";
  });
  const buttons = element("p", "");
  buttons.append(
    action("Export", () => save(written(store.solved))),
    action("Import", () => file.click()),
    forgetting(store),
  );
  place.append(count, buttons, file);
  place.hidden = false;
  document.addEventListener("cnn-progress", draw);
  draw();
}

function action(text, work) {
  const button = element("button", text, { type: "button" });
  button.addEventListener("click", work);
  return button;
}

/** A button that asks once more before it forgets. */
function forgetting(store) {
  let asked = false;
  const button = action("Forget", () => {
    if (asked) store.keep({});
    asked = !asked;
    button.textContent = asked ? "Forget everything?" : "Forget";
  });
  button.addEventListener("blur", () => {
    asked = false;
    button.textContent = "Forget";
  });
  return button;
}

function save(text) {
  const address = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  const link = element("a", "", { href: address, download: "cnn-tutorial-progress.json" });
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 1000);
}

if (typeof document !== "undefined") {
  const store = new Store();
  const places = [...document.querySelectorAll(".cnn-progress[data-exercise]")];
  for (const place of places) addMark(place, store, places.length > 1);
  for (const place of document.querySelectorAll("[data-solved]")) addTick(place, store);
  for (const place of document.querySelectorAll(".cnn-progress--all")) addOverview(place, store);
  addEventListener("storage", ({ key, newValue }) => {
    if (key !== KEY) return;
    store.solved = read(newValue) ?? {};
    document.dispatchEvent(new Event("cnn-progress"));
  });
}
