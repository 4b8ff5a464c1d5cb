// Unpacks Chromium, the libraries that a bare machine lacks, and fonts, into this folder.
import { rm } from "node:fs/promises";
import { join } from "node:path";

const here = import.meta.dirname;
process.env.TMPDIR = here; // where the package puts what it unpacks
const { inflate } = await import("@sparticuz/chromium");
for (const name of ["chromium.br", "al2023.tar.br", "fonts.tar.br"]) {
  const packed = join(here, "node_modules/@sparticuz/chromium/bin", name);
  await inflate(packed);
  await rm(packed);
}
