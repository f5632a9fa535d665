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

  // The page of a refused form is opened again, not sent again, by the arrow back and by reloading.
  if (document.body.dataset.answer) history.replaceState(null, "", location.href);

  // A second press of an impatient finger is not a second request; after five seconds without an answer, or when
  // the browser was told to stop, the network may be dead: it is said, and the button works again.
  const sending = document.getElementById("envoi");
  let timer, begun;
  const say = (text) => {
    sending.textContent = text;
    sending.hidden = !text;
  };
  const letGo = () => {
    clearTimeout(timer);
    for (const form of document.forms) {
      delete form.dataset.sent;
      for (const button of form.elements) button.removeAttribute("aria-disabled");
    }
  };
  const giveUp = () => {
    if (![...document.forms].some((form) => form.dataset.sent)) return;
    letGo();
    say(sending.dataset.again);
  };
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented) return;
    if (form.dataset.sent) {
      event.preventDefault();
      say(sending.dataset.wait);
      return;
    }
    say("");
    form.dataset.sent = "1";
    begun = false;
    if (event.submitter) event.submitter.setAttribute("aria-disabled", "true");
    clearTimeout(timer);
    timer = setTimeout(giveUp, 5000);
  });
  // What stops before this request begins is the one that it replaces: a press made again is not a stop.
  if (window.navigation) {
    navigation.addEventListener("navigate", () => (begun = true));
    navigation.addEventListener("navigateerror", () => begun && giveUp());
  }

  // Coming back with the browser's arrow gives a form that can be sent again.
  window.addEventListener("pageshow", () => {
    letGo();
    say("");
  });
})();
