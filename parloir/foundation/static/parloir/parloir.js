// Comforts only: every page works without this file.
(() => {
  "use strict";

  // After a refused form, the list of what to mend is read first.
  const errors = document.getElementById("erreurs");
  if (errors) errors.focus();

  // The list of languages closes by Escape, back on its button, and when one presses or goes elsewhere.
  const languages = document.querySelector(".p-languages");
  const leave = (event) => {
    if (!languages.contains(event.target)) languages.open = false;
  };
  if (languages) {
    for (const moved of ["pointerdown", "focusin"]) document.addEventListener(moved, leave);
    languages.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !languages.open) return;
      languages.open = false;
      languages.querySelector("summary").focus();
    });
  }

  // A second press of an impatient finger is not a second request.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "1";
    if (event.submitter) event.submitter.setAttribute("aria-disabled", "true");
  });

  // Coming back with the browser's arrow gives a form that can be sent again.
  window.addEventListener("pageshow", () => {
    for (const form of document.forms) {
      delete form.dataset.sent;
      for (const button of form.elements) button.removeAttribute("aria-disabled");
    }
  });
})();
