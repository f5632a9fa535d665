// Comforts only: every page works without this file.
(() => {
  "use strict";

  // After a refused form, the list of what to mend is read first.
  const errors = document.getElementById("erreurs");
  if (errors) errors.focus();

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
