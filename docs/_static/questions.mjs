// The same question with other numbers. Pages hold a few of them, out of sight; without
// this script they say how a notebook asks for more.

/** The numbers from 0 to below `count` in an order of chance. */
export function shuffled(count, chance = Math.random) {
  const order = [...Array(count).keys()];
  for (let last = count - 1; last > 0; last--) {
    const other = Math.floor(chance() * (last + 1));
    [order[last], order[other]] = [order[other], order[last]];
  }
  return order;
}

function addButton(place) {
  const asked = place.querySelector(".cnn-question__asked");
  const more = place.querySelector(".cnn-question__more");
  const others = [...place.querySelectorAll("template")];
  if (!others.length) return;
  const first = document.createElement("template");
  first.content.append(...[...asked.childNodes].map((node) => node.cloneNode(true)));
  // Each reader meets them in another order; the one that was there comes last.
  const ring = [...shuffled(others.length).map((index) => others[index]), first];
  let next = 0;
  const button = Object.assign(document.createElement("button"), {
    type: "button",
    textContent: "Other numbers",
  });
  button.addEventListener("click", () => {
    asked.replaceChildren(ring[next].content.cloneNode(true));
    next = (next + 1) % ring.length;
  });
  asked.setAttribute("aria-live", "polite");
  more.replaceChildren(button);
}

if (typeof document !== "undefined") {
  for (const place of document.querySelectorAll(".cnn-question")) addButton(place);
}
