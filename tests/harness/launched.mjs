// Starts the Chromium that is installed in a folder.
import { createRequire } from "node:module";

export function launched(installed) {
  const { chromium } = createRequire(`${installed}/`)("playwright-core");
  return chromium.launch({
    executablePath: `${installed}/chromium`,
    env: {
      ...process.env,
      LD_LIBRARY_PATH: `${installed}/al2023/lib`,
      FONTCONFIG_FILE: `${installed}/fonts.conf`,
      XDG_CACHE_HOME: `${installed}/cache`, // where fontconfig would make a cache: else beside us
    },
    args: ["--no-sandbox"], // root has none, and the pages are our own
  });
}
