// Opens pages on a telephone, in light and in dark, and prints what was seen of each as JSON.
import { launched } from "./launched.mjs";

const { address, paths, width, browser: installed } = JSON.parse(process.argv[2]);
const browser = await launched(installed);
const page = await browser.newPage({ viewport: { width, height: 800 } });
page.setDefaultTimeout(20_000);
let requests = [];
let errors = [];
page.on("request", (request) => requests.push(request.url()));
page.on("pageerror", (error) => errors.push(String(error)));
page.on("console", (message) => {
  if (message.type() === "error") errors.push(message.text());
});

// What a reader sees: the colours of the text and of what is behind it, of the whole page.
const colours = () => {
  const text = getComputedStyle(document.querySelector(".md-content"));
  return { text: text.color, background: getComputedStyle(document.body).backgroundColor };
};
const shown = () => ({
  width: document.documentElement.scrollWidth,
  ids: [...document.querySelectorAll("[id]")].map((each) => each.id),
  links: [...document.querySelectorAll("a[href]")].map((each) => each.href),
  broken: [...document.images].filter((each) => !each.naturalWidth).map((each) => each.src),
});

const seen = {};
for (const path of paths) {
  requests = [];
  errors = [];
  await page.emulateMedia({ colorScheme: "light" });
  await page.goto(`${address}${path}`, { waitUntil: "load" });
  const light = await page.evaluate(colours);
  await page.emulateMedia({ colorScheme: "dark" });
  // The page's script heeds it in its own time; where it does not, the colours tell.
  const turned = (before) => getComputedStyle(document.body).backgroundColor !== before;
  await page.waitForFunction(turned, light.background, { timeout: 5_000 }).catch(() => {});
  const dark = await page.evaluate(colours);
  seen[path] = { ...(await page.evaluate(shown)), light, dark, requests, errors };
}
await browser.close();
console.log(JSON.stringify(seen));
