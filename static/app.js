// The only script of our own. Clicks are delegated: the CSP allows no handler in the pages.
"use strict";

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-dismiss]");
  if (button) {
    button.parentElement.remove();
  }
});

// Filters left empty stay out of the address that htmx asks for and shows.
document.addEventListener("htmx:configRequest", (event) => {
  const { verb, parameters } = event.detail;
  if (verb === "get") {
    for (const name of Object.keys(parameters)) {
      if (parameters[name] === "") {
        delete parameters[name];
      }
    }
  }
});
