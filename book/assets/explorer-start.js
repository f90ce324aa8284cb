// Loads the explorer when a place for it comes near the window, and not before.
(() => {
  "use strict";
  const base = document.currentScript.src;
  const scripts = ["explorer-family.js", "explorer-math.js", "explorer.js"];
  let loaded;

  const loadScript = (name) =>
    new Promise((resolve, reject) => {
      const script = document.createElement("script");
      script.src = new URL(name, base).href;
      script.onload = resolve;
      script.onerror = () => reject(new Error(`${name} did not load`));
      document.head.append(script);
    });

  const start = async (place) => {
    try {
      loaded ??= scripts.reduce((before, name) => before.then(() => loadScript(name)), Promise.resolve());
      await loaded;
      globalThis.activationExplorer.start(place);
    } catch (error) {
      const sentence = document.createElement("p");
      sentence.textContent = `The explorer is not available: ${error.message}. Loading the page again may help.`;
      place.append(sentence);
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
