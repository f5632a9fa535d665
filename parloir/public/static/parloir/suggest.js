// Suggestions while one types, as the combobox of the ARIA practices. The form works without this file.
(() => {
  "use strict";

  const input = document.querySelector("[data-suggestions]");
  if (!input) return;
  const { suggestions: address, leads, none, some, list: label } = input.dataset;

  const list = document.createElement("ul");
  list.className = "p-suggest__list";
  list.id = "suggestions";
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", label);
  list.hidden = true;
  const said = document.createElement("p");
  said.className = "fr-sr-only";
  said.setAttribute("role", "status");
  input.after(list, said);
  input.setAttribute("role", "combobox");
  input.setAttribute("aria-autocomplete", "list");
  input.setAttribute("aria-controls", list.id);
  input.setAttribute("aria-expanded", "false");

  // The sheet of the chosen prison, or the page about it that the field is on.
  const go = (result) => location.assign(leads ? `${leads}${result.slug}/` : result.url);

  let found = [];
  let chosen = -1;
  let timer = 0;
  let asking = null;

  const close = () => {
    clearTimeout(timer);
    if (asking) asking.abort();
    list.hidden = true;
    chosen = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  };

  const choose = (number) => {
    chosen = number;
    [...list.children].forEach((option, n) => option.setAttribute("aria-selected", String(n === chosen)));
    if (chosen < 0) input.removeAttribute("aria-activedescendant");
    else {
      input.setAttribute("aria-activedescendant", list.children[chosen].id);
      list.children[chosen].scrollIntoView({ block: "nearest" });
    }
  };

  const show = (results) => {
    found = results;
    list.replaceChildren(
      ...results.map((result, number) => {
        const option = document.createElement("li");
        option.id = `suggestion-${number}`;
        option.setAttribute("role", "option");
        option.setAttribute("aria-selected", "false");
        const place = document.createElement("small");
        place.textContent = result.place;
        option.append(result.name, place);
        return option;
      }),
    );
    chosen = -1;
    input.removeAttribute("aria-activedescendant");
    list.hidden = results.length === 0;
    input.setAttribute("aria-expanded", String(results.length > 0));
    said.textContent = results.length ? `${results.length} ${some}` : none;
  };

  const ask = async () => {
    if (asking) asking.abort();
    asking = new AbortController();
    try {
      const answer = await fetch(`${address}?q=${encodeURIComponent(input.value)}`, { signal: asking.signal });
      if (answer.ok) show((await answer.json()).results);
    } catch {
      // Without an answer the form's own button still works.
    }
  };

  input.addEventListener("input", () => {
    clearTimeout(timer);
    if (input.value.trim().length < 2) close();
    else timer = setTimeout(ask, 120);
  });

  input.addEventListener("keydown", (event) => {
    if (event.key === "Escape") return list.hidden ? undefined : (event.preventDefault(), close());
    if (list.hidden) return undefined;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      const step = event.key === "ArrowDown" ? 1 : -1;
      const count = found.length + 1;
      return choose(((chosen + 1 + step + count) % count) - 1);
    }
    if (event.key === "Enter" && chosen >= 0) {
      event.preventDefault();
      go(found[chosen]);
    }
    return undefined;
  });

  // Pressing an option must not take the focus away before the click is heard.
  list.addEventListener("mousedown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => {
    const option = event.target.closest("li");
    if (option) go(found[[...list.children].indexOf(option)]);
  });
  input.addEventListener("blur", close);
})();
