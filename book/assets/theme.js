// Before the first paint: light or dark, as the reader chose or the system says; paper is white. And whether far parts
// of the page may be laid out later: not where the browser is to find a place in it, a part's or the reader's old one.
(() => {
  "use strict";
  const root = document.documentElement;
  const system = matchMedia("(prefers-color-scheme: dark)");
  const paper = matchMedia("print");
  const names = { auto: "as the system", light: "light", dark: "dark" };

  // A browser may refuse to remember; then the choice lasts for this page.
  const remembered = () => {
    try {
      return localStorage.getItem("mode");
    } catch {
      return null;
    }
  };

  const show = (mode) => {
    root.dataset.mode = mode;
    const dark = mode === "auto" ? system.matches : mode === "dark";
    root.dataset.theme = dark && !paper.matches ? "dark" : "light";
    for (const button of document.querySelectorAll(".theme-switch-button")) {
      button.title = `Colours: ${names[mode]}`;
      button.setAttribute("aria-label", button.title);
    }
  };

  const following = () => {
    const order = system.matches ? ["auto", "light", "dark"] : ["auto", "dark", "light"];
    return order[(order.indexOf(root.dataset.mode) + 1) % order.length];
  };

  const came = performance.getEntriesByType("navigation")[0]?.type;
  if (came === "navigate" && !location.hash) root.dataset.later = "";

  const stored = remembered();
  show(stored in names ? stored : "auto");
  for (const query of [system, paper]) query.addEventListener("change", () => show(root.dataset.mode));
  // Where a browser prints a copy of the page, this is what it says before and after.
  addEventListener("beforeprint", () => (root.dataset.theme = "light"));
  addEventListener("afterprint", () => show(root.dataset.mode));
  document.addEventListener("DOMContentLoaded", () => {
    show(root.dataset.mode);
    for (const button of document.querySelectorAll(".theme-switch-button")) {
      button.addEventListener("click", () => {
        show(following());
        try {
          localStorage.setItem("mode", root.dataset.mode);
        } catch {
          // Nothing to do: the page shows the choice all the same.
        }
      });
    }
  });
})();
