"use strict";
(() => {
  const all = [...document.querySelectorAll(".s")];
  const side = (sentence) => sentence.id.slice(0, 2);
  const twin = (sentence) => document.getElementById((side(sentence) === "de" ? "en" : "de") + sentence.dataset.s);
  const light = (on) => (event) => {
    const sentence = event.target.closest?.(".s");
    if (sentence) for (const one of [sentence, twin(sentence)]) one?.classList.toggle("lit", on);
  };
  document.addEventListener("mouseover", light(true));
  document.addEventListener("mouseout", light(false));
  document.addEventListener("focusin", light(true));
  document.addEventListener("focusout", light(false));

  // One sentence is a tab stop; arrow keys move the focus from there, left and right between the languages.
  let stop = all.find((sentence) => side(sentence) === "en");
  for (const sentence of all) sentence.tabIndex = sentence === stop ? 0 : -1;
  const focus = (sentence) => {
    if (!sentence) return;
    stop.tabIndex = -1;
    stop = sentence;
    stop.tabIndex = 0;
    stop.focus();
  };
  document.addEventListener("keydown", (event) => {
    const here = document.activeElement;
    if (event.ctrlKey || event.altKey || event.metaKey || !here?.matches(".s")) return;
    if (event.key === "Escape") return here.blur();
    const column = all.filter((sentence) => side(sentence) === side(here));
    const place = column.indexOf(here);
    const next = {
      ArrowDown: () => column[place + 1],
      ArrowUp: () => column[place - 1],
      ArrowLeft: () => side(here) === "en" && twin(here),
      ArrowRight: () => side(here) === "de" && twin(here),
    }[event.key];
    if (!next) return;
    event.preventDefault();
    focus(next());
  });
  // A link from the summary hands over the focus, so that reading and arrow keys go on from there.
  addEventListener("hashchange", () => focus(all.find((sentence) => "#" + sentence.id === location.hash)));
})();
