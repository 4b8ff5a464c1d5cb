// A file of its own, for the policy of the page allows no script within it.
const ui = SwaggerUIBundle({
  dom_id: "#swagger-ui",
  url: "openapi.json", // as seen from the page, so it is found below any prefix
  deepLinking: true,
  validatorUrl: null, // which would be another host
  onComplete: () => {
    document.title = ui.specSelectors.info().get("title");
  },
});
