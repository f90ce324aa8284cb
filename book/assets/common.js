// What several of this book's scripts need: making elements, loading a script that is not there yet, and Vega.
(() => {
  "use strict";
  const base = document.currentScript.src;

  const make = (name, properties = {}, ...children) => {
    const element = document.createElement(name);
    for (const [key, value] of Object.entries(properties)) {
      if (key in element) element[key] = value;
      else element.setAttribute(key, value);
    }
    element.append(...children);
    return element;
  };

  const loadScript = (name) =>
    new Promise((resolve, reject) => {
      const onerror = () => reject(new Error(`${name.split("/").pop()} did not load`));
      document.head.append(make("script", { src: new URL(name, base).href, onload: resolve, onerror }));
    });

  // A function that loads scripts one after the other, once; what failed is asked for again by the next call.
  const loader = (...names) => {
    let loaded;
    return () =>
      (loaded ??= names
        .reduce((before, name) => before.then(() => loadScript(name)), Promise.resolve())
        .catch((error) => {
          loaded = undefined;
          throw error;
        }));
  };

  // Vega-Lite looks for Vega when it starts.
  const loadVega = loader(...["vega", "vega-lite", "vega-interpreter"].map((name) => `vendor/${name}.min.js`));

  // A view of a Vega-Lite specification, which is still to be given a place.
  const vegaView = async (specification) => {
    await loadVega();
    const { spec } = vegaLite.compile(specification);
    // `ast` and the interpreter: no code is made from text, so a content security policy can forbid it.
    return new vega.View(vega.parse(spec, null, { ast: true }), { renderer: "svg", expr: vega.expressionInterpreter });
  };

  globalThis.bookTools = { make, loader, loadVega, vegaView };
})();
