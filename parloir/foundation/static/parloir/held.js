// The time left for what is held. Without this file the page says all the same until when.
(() => {
  "use strict";
  const panel = document.querySelector("[data-held]");
  if (!panel) return;
  const part = (name) => panel.querySelector(`[data-held-${name}]`);
  const [live, over, left, say] = ["live", "over", "left", "say"].map(part);
  const until = Date.now() + 1000 * panel.dataset.held;
  const said = [[120, "two"], [60, "one"], [0, "over"]];
  let before = 1 * panel.dataset.held;

  const tick = () => {
    const seconds = Math.max(0, Math.ceil((until - Date.now()) / 1000));
    left.textContent = left.dataset.heldLeft.replace("[m]", Math.floor(seconds / 60)).replace("[s]", seconds % 60);
    left.hidden = false;
    // Said aloud only when it matters: never each second.
    for (const [at, what] of said) if (before > at && seconds <= at) say.textContent = say.dataset[what];
    before = seconds;
    panel.classList.toggle("p-held--soon", seconds <= 120);
    if (seconds) return;
    clearInterval(timer);
    const hadFocus = live.contains(document.activeElement);
    live.hidden = true;
    over.hidden = false;
    if (hadFocus) over.querySelector("button").focus();
  };
  const timer = setInterval(tick, 1000);
  tick();
  setTimeout(() => { if (!say.textContent) say.textContent = say.dataset.start; }, 1000);

  // What was ticked meanwhile comes back with the page that follows.
  const form = document.getElementById("saisie");
  const extend = part("extend");
  if (form && extend) extend.addEventListener("formdata", (event) => {
    for (const [name, value] of new FormData(form)) if (name !== "csrfmiddlewaretoken") event.formData.append(name, value);
  });
})();
