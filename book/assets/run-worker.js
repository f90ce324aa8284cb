// Python in a thread of its own, from files of this site alone. Each file is used only if its SHA-256 is the
// one that was verified when the site was built; what is not among them is not asked for.
let kernel;
const tell = (message) => self.postMessage(message);
const fetchFile = self.fetch.bind(self);

class NotReached extends Error {}
class NotTheFile extends Error {}

const hex = (buffer) => [...new Uint8Array(buffer)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
const base64 = (text) => btoa(text.replace(/../g, (pair) => String.fromCharCode(parseInt(pair, 16))));

// One file, with progress. Where the address isn't secure there is no crypto.subtle, and the browser's
// own check of integrity does the same, without saying what was wrong.
const download = async (base, { name, file, sha256 }, progress) => {
  const secure = Boolean(self.crypto?.subtle);
  let blob;
  try {
    const answer = await fetchFile(new URL(file, base), secure ? {} : { integrity: `sha256-${base64(sha256)}` });
    if (!answer.ok) throw new Error(answer.status);
    const parts = [];
    const reader = answer.body.getReader();
    for (let read = await reader.read(); !read.done; read = await reader.read()) {
      parts.push(read.value);
      progress(read.value.length);
    }
    blob = new Blob(parts);
  } catch {
    throw new NotReached(name);
  }
  if (secure && hex(await crypto.subtle.digest("SHA-256", await blob.arrayBuffer())) !== sha256) {
    throw new NotTheFile(name);
  }
  if (file.endsWith(".gzip")) blob = await new Response(blob.stream().pipeThrough(new DecompressionStream("gzip"))).blob();
  return blob.arrayBuffer();
};

const start = async ({ base, list }) => {
  const answer = await fetchFile(list).catch(() => null);
  if (!answer?.ok) throw new NotReached("the list of files");
  const { files, lock, book } = await answer.json();
  const total = files.reduce((sum, { size }) => sum + size, 0);
  const megabytes = (bytes) => Math.round(bytes / 1e6);
  let loaded = 0;
  const progress = (bytes) => {
    const before = megabytes(loaded);
    loaded += bytes;
    if (megabytes(loaded) !== before) tell({ type: "progress", loaded: megabytes(loaded), total: megabytes(total) });
  };
  const contents = new Map(files.map((file) => [file.name, download(base, file, progress)]));
  // The first failure is reported below; the others must not count as unhandled.
  contents.forEach((content) => content.catch(() => {}));
  // Pyodide asks for its files here, and gets them verified.
  self.fetch = async (address) => {
    const name = String(address.url ?? address).split("/").pop();
    if (!contents.has(name)) throw new TypeError(`${name}: Python in the page reaches no network`);
    const type = name.endsWith(".wasm") ? "application/wasm" : "application/octet-stream";
    return new Response(await contents.get(name), { headers: { "Content-Type": type } });
  };
  const everything = Promise.all(contents.values());
  await Promise.all(["pyodide.mjs", "pyodide.asm.mjs"].map((name) => contents.get(name)));
  const { loadPyodide } = await import(new URL("pyodide.mjs", base));
  // While files are still coming, their progress says more than the stage.
  let stage = "starting";
  let arrived = false;
  const reach = (next) => {
    stage = next;
    if (arrived) tell({ type: "stage", stage });
  };
  // Pyodide keeps it to itself when WebAssembly cannot start, as without memory, and would wait for ever.
  const broken = new Promise((_, reject) => {
    for (const name of ["instantiate", "instantiateStreaming"]) {
      const begin = WebAssembly[name].bind(WebAssembly);
      WebAssembly[name] = (...given) => {
        const begun = begin(...given);
        begun.catch(reject);
        return begun;
      };
    }
  });
  const interpreter = loadPyodide({
    indexURL: String(base),
    packageBaseUrl: String(base),
    lockFileContents: lock,
    // Shown by the browser's console alone.
    stdout: () => {},
    stderr: () => {},
  });
  const starting = interpreter.then(async (python) => {
    reach("unpacking");
    await python.loadPackage(Object.keys(lock.packages), { messageCallback: () => {} });
    return python;
  });
  [starting, broken].forEach((promise) => promise.catch(() => {}));
  await everything;
  arrived = true;
  reach(stage);
  const python = await Promise.race([starting, broken]);
  python.unpackArchive(await contents.get(book), "zip", { extractDir: "/book" });
  contents.clear();
  const make = python.runPython(`
    import json, sys
    sys.path.insert(0, "/book")
    from page_kernel import Kernel
    lambda tell: Kernel(lambda output: tell(json.dumps(output)))
  `);
  kernel = make((output) => tell({ type: "output", output: JSON.parse(output) }));
};

const reason = (error) => {
  if (error instanceof NotReached) return { why: "unreachable", name: error.message };
  if (error instanceof NotTheFile) return { why: "altered", name: error.message };
  // Engines have no error type of their own for this.
  if (/memory|allocat/i.test(`${error}`)) return { why: "memory" };
  return { why: "other", name: `${error}`.trim().split("\n").pop() };
};

self.onmessage = async ({ data }) => {
  try {
    if (data.type === "start") {
      await start(data);
      tell({ type: "ready" });
    } else {
      tell({ type: "done", ended: kernel.run(data.number, data.source, data.quiet) });
    }
  } catch (error) {
    tell({ type: "failed", ...reason(error) });
  }
};
