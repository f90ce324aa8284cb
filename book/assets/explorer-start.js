// Loads the explorer when a place for it comes near the window, and not before.
(() => {
  "use strict";
  const { make, loader } = globalThis.bookTools;
  const load = loader("explorer-family.js", "explorer-math.js", "explorer.js");

  const start = async (place) => {
    try {
      await load();
      await globalThis.activationExplorer.start(place);
    } catch (error) {
      place.append(make("p", {}, `The explorer is not available: ${error.message}. Loading the page again may help.`));
    }
  };

  const observer = new IntersectionObserver(
    (entries) => {
      for (const { isIntersecting, target } of entries) {
        if (!isIntersecting) continue;
        observer.unobserve(target);
        start(target);
      }
    },
    // Early enough that it stands there when a reader arrives.
    { rootMargin: "600px" },
  );
  document.querySelectorAll(".explorer, .explorer-inline").forEach((place) => observer.observe(place));
})();
