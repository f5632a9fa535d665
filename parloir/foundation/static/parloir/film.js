// A chapter plays in the page; without this file its link opens the film at that moment.
(() => {
  "use strict";

  const film = document.getElementById("film");
  if (!film || !film.canPlayType) return;

  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-film-at]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    const go = () => {
      film.currentTime = Number(link.dataset.filmAt);
      film.play().catch(() => {}); // a browser that will not play by itself has the controls
    };
    film.focus();
    film.scrollIntoView({ block: "nearest" });
    if (film.readyState > 0) {
      go();
    } else {
      film.addEventListener("loadedmetadata", go, { once: true });
      film.preload = "auto";
      film.load();
    }
  });
})();
