// The switch between light and dark without a new page: the cookie is what the form at /colours would set. Threads see
// data-theme change and read the colours of the page again.
"use strict";

const YEAR = 365 * 86400;

for (const form of document.querySelectorAll("form.colours")) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    choose(form, event.submitter.value);
  });
}

function choose(form, colours) {
  document.cookie = `colours=${colours}; path=/; max-age=${YEAR}; samesite=lax`;
  document.documentElement.dataset.theme = colours;
  document.querySelector("meta[name=color-scheme]").content = colours === "auto" ? "light dark" : colours;
  for (const button of form.elements) {
    if (button.name === "colours") button.setAttribute("aria-pressed", String(button.value === colours));
  }
}
