// What scrolls sideways must be reachable by keyboard: the theme sees to code blocks,
// this to formulas, tables, drawings and the HTML that a cell returned. Only what does
// scroll gets a tab stop.

const SCROLLERS =
  ".bd-article :is(div.math, .pst-scrollable-table-container, .output_subarea, .cnn-figure--chart)";

const update = (box) => {
  if (box.scrollWidth > box.clientWidth + 1) box.tabIndex = 0;
  else box.removeAttribute("tabindex");
};

const observer = new ResizeObserver((entries) => entries.forEach(({ target }) => update(target)));
for (const box of document.querySelectorAll(SCROLLERS)) observer.observe(box);
document.fonts?.ready.then(() => document.querySelectorAll(SCROLLERS).forEach(update));
