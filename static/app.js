// The only script of our own. Clicks are delegated: the CSP allows no handler in the pages.
"use strict";

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-dismiss]");
  if (button) {
    button.parentElement.remove();
  }
});
