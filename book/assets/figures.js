// Figures that answer to sliders. Until a slider is touched there is a still picture and nothing is loaded;
// then Vega draws the same specification and follows.
(() => {
  "use strict";
  const base = new URL("vendor/", document.currentScript.src);
  const libraries = ["vega.min.js", "vega-lite.min.js", "vega-interpreter.min.js"];
  let loaded;

  const loadScript = (name) =>
    new Promise((resolve, reject) => {
      const script = document.createElement("script");
      script.src = new URL(name, base).href;
      script.onload = resolve;
      script.onerror = () => reject(new Error(`${name} did not load`));
      document.head.append(script);
    });

  const loadVega = () => {
    // One after the other: Vega-Lite looks for Vega when it starts.
    loaded ??= libraries.reduce((before, name) => before.then(() => loadScript(name)), Promise.resolve());
    return loaded;
  };

  const draw = async (specification, still, alt) => {
    await loadVega();
    const { spec } = vegaLite.compile(specification);
    // `ast` and the interpreter: no code is made from text, so a content security policy can forbid it.
    const view = new vega.View(vega.parse(spec, null, { ast: true }), {
      renderer: "svg",
      expr: vega.expressionInterpreter,
    });
    const picture = document.createElement("div");
    picture.className = "live-figure-picture";
    picture.setAttribute("role", "img");
    picture.setAttribute("aria-label", alt);
    // A place of its own for Vega, which describes itself on the element it is given.
    const paper = document.createElement("div");
    paper.setAttribute("aria-hidden", "true");
    picture.append(paper);
    await view.initialize(paper).runAsync();
    still.replaceWith(picture);
    return view;
  };

  const shown = (value, step) => {
    const decimals = (String(step).split(".")[1] ?? "").length;
    return Number(value).toFixed(decimals).replace("-", "−");
  };

  const addSliders = (figure, index) => {
    const specification = JSON.parse(figure.querySelector("script").textContent);
    const still = figure.closest(".cell_output").querySelector("img");
    const hint = figure.querySelector(".live-figure-still");
    const values = {};
    let view;

    const follow = async () => {
      try {
        view ??= draw(specification, still, figure.dataset.alt);
        const drawn = await view;
        for (const [name, value] of Object.entries(values)) drawn.signal(name, value);
        await drawn.runAsync();
      } catch (error) {
        hint.textContent = `The moving picture is not available: ${error.message}.`;
        hint.hidden = false;
      }
    };

    const controls = specification.params
      .filter((param) => param.bind?.input === "range")
      .map((param) => {
        const { min, max, step, name } = param.bind;
        // Vega must not make a second slider of its own.
        delete param.bind;
        const row = document.createElement("div");
        const label = document.createElement("label");
        const input = document.createElement("input");
        const output = document.createElement("output");
        input.id = `live-figure-${index}-${param.name}`;
        Object.assign(input, { type: "range", min, max, step, autocomplete: "off" });
        input.value = param.value;
        label.htmlFor = input.id;
        label.textContent = name;
        output.setAttribute("for", input.id);
        output.textContent = shown(input.value, step);
        input.addEventListener("pointerdown", () => loadVega().catch(() => {}), { once: true });
        input.addEventListener("input", () => {
          output.textContent = shown(input.value, step);
          values[param.name] = input.valueAsNumber;
          follow();
        });
        row.className = "live-figure-slider";
        row.append(label, input, output);
        return row;
      });
    hint.hidden = true;
    figure.prepend(...controls);
  };

  document.querySelectorAll(".live-figure").forEach(addSliders);
})();
