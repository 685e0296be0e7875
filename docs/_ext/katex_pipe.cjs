// Reads one formula per line as JSON and answers each with one line of JSON.
// usage: node katex_pipe.cjs PATH_OF_KATEX
"use strict";

const readline = require("node:readline");

const katex = require(process.argv[2]);

const strict = (code) => (code === "htmlExtension" ? "ignore" : "error");
const trust = ({ command }) => command === "\\htmlClass";

readline.createInterface({ input: process.stdin }).on("line", (line) => {
  const { latex, display, macros } = JSON.parse(line);
  let answer;
  try {
    const options = { displayMode: display, macros, strict, throwOnError: true, trust };
    answer = { html: katex.renderToString(latex, options) };
  } catch (error) {
    // KaTeX underlines the place with combining characters, which terminals garble.
    answer = { error: error.message.replaceAll("\u0332", "") };
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`);
});
