// Warns five minutes before a session ends, and keeps it open. Without this file it ends as the help says.
(() => {
  "use strict";
  const panel = document.querySelector("[data-session]");
  if (!panel) return;
  const form = panel.querySelector("form"), button = form.querySelector("button");
  const [text, typed, over] = ["#session-texte", "[data-session-typed]", "[data-session-over]"].map((s) => panel.querySelector(s));
  const said = document.querySelector("[data-session-say]");
  let until;

  const begin = () => {
    until = Date.now() + 1000 * panel.dataset.session;
    if (panel.contains(document.activeElement)) document.getElementById("contenu").focus({ preventScroll: true });
    panel.hidden = true;
    said.textContent = "";
  };
  const end = () => {
    clearInterval(timer);
    text.hidden = form.hidden = true;
    over.hidden = panel.hidden = false;
    typed.hidden = !document.querySelector("main form[method=post] :is(input:not([type=hidden]), select, textarea)");
  };
  const tick = () => {
    const left = until - Date.now();
    if (left <= 0) return end();
    if (left > 300000 || !panel.hidden) return;
    // Said politely: whoever is typing goes on typing, and no key pressed answers for them.
    panel.hidden = false;
    said.textContent = said.dataset.sessionSay;
  };
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    try {
      const answer = await fetch(form.action, { method: "POST", body: new FormData(form) });
      if (answer.status === 204) begin(); else end();
    } catch { /* no network: the button can be pressed again */ }
    delete form.dataset.sent;
    button.removeAttribute("aria-disabled");
  });
  const timer = setInterval(tick, 5000);
  begin();
})();
