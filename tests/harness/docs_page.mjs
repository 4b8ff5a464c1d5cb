// Opens the docs page of a service as a person would, and prints what was seen as JSON.
import { launched } from "./launched.mjs";

const { address, account, tries, picture, browser: installed } = JSON.parse(process.argv[2]);
const seen = { violations: [], errors: [], requests: [], operations: [], answers: [] };

const browser = await launched(installed);
const page = await browser.newPage({ viewport: { width: 1280, height: 1600 } });
page.setDefaultTimeout(20_000);

// "Try it out" of an operation, with this body where it takes one.
async function answerOf({ method, path, body }) {
  const own = page.locator(`[data-path="${path}"]`);
  const operation = page.locator(`.opblock-${method}`, { has: own });
  await operation.locator(".opblock-summary-control").click();
  await operation.locator(".try-out__btn").click();
  if (body) await operation.locator("textarea.body-param__text").fill(JSON.stringify(body));
  await operation.locator(".execute").click();
  const answer = operation.locator(".live-responses-table .response").first();
  return {
    status: await answer.locator(".response-col_status").textContent(),
    body: await answer.locator("pre.microlight").first().textContent(),
  };
}

try {
  page.on("request", (request) => seen.requests.push(request.url()));
  page.on("pageerror", (error) => seen.errors.push(String(error)));
  page.on("console", (message) => {
    if (message.type() === "error") seen.errors.push(message.text());
  });
  await page.exposeFunction("violated", (what) => seen.violations.push(what));
  await page.addInitScript(() => {
    addEventListener("securitypolicyviolation", (event) => {
      violated(`${event.effectiveDirective} refused ${event.blockedURI} ${event.sample}`);
    });
  });

  await page.goto(`${address}/docs`);
  await page.locator(".opblock").first().waitFor();
  for (const operation of await page.locator(".opblock-summary").all()) {
    const method = await operation.locator(".opblock-summary-method").textContent();
    const path = await operation.locator(".opblock-summary-path").getAttribute("data-path");
    seen.operations.push(`${method} ${path}`);
  }

  if (account) {
    const registering = { method: "post", path: "/api/v1/users", body: account };
    seen.answers.push(await answerOf(registering));
    await page.locator(".auth-wrapper .authorize").click();
    const dialog = page.locator(".modal-ux");
    await dialog.locator("#oauth_username").fill(account.email);
    await dialog.locator("#oauth_password").fill(account.password);
    await dialog.locator("button.authorize").click();
    await dialog.getByText("Authorized", { exact: true }).waitFor();
    await dialog.locator(".btn-done").click();
  }

  for (const each of tries) seen.answers.push(await answerOf(each));
  // Every operation unfolded, for what an example or a schema would bring with it.
  const folded = page.locator(".opblock-summary-control[aria-expanded=false]");
  while (await folded.count()) await folded.first().click();
} catch (error) {
  seen.errors.push(String(error)); // with all that was seen before, which tells why
}
await page.screenshot({ path: picture, fullPage: true });
await browser.close();
console.log(JSON.stringify(seen));
