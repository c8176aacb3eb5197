// Builds the browser side. `node build.mjs` writes ../static and fails above the budgets of size;
// --check runs the type checker, --test the unit tests, --runner bundles shared/same_thread.ts for the Python tests.
// Plain Node, no npm or npx on the PATH: the machine's only Node may be the one of a Python package.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { basename, dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import * as esbuild from "esbuild";
import { minify } from "terser";

const HERE = dirname(fileURLToPath(import.meta.url));
const STATIC = resolve(HERE, "../static");
const LOCALES = resolve(HERE, "../locales");
const SCRATCH = join(HERE, ".build");
const TARGET = ["chrome111", "firefox115", "safari16.4"];

// Bytes after brotli. `embed.js` blocks nothing; what a reader needs is one first flight of TCP; the rest comes on demand.
const BUDGETS = [
  { what: "embed.js", limit: 2_000, files: ["embed.js"] },
  { what: "everything needed to read", limit: 14_000, files: ["embed.js", "widget.js"] },
  { what: "embed and the whole widget", limit: 30_000, files: ["embed.js", "widget.js", "later.js"] },
];

// English words travel with the chunk that says them.
const CONSOLE = /^(console|receipt)\./; // receipts are written by the server
const WORDS = { "words:read": /^(thread|comment|article)\./, "words:later": /^(live|gate|write|menu|report|appeal|error|finding|reject_reason)\./ };

const locale = (name) => JSON.parse(readFileSync(join(LOCALES, `${name}.json`), "utf8"));
const chosen = (words, keep) => Object.fromEntries(Object.entries(words).filter(([key]) => keep(key)));

/** `words:read` and the like are the English texts; `*.css` is a minified string for a constructable stylesheet. */
const texts = {
  name: "texts",
  setup(build) {
    build.onResolve({ filter: /^words:/ }, ({ path }) => ({ path, namespace: "words" }));
    build.onLoad({ filter: /.*/, namespace: "words" }, ({ path }) => {
      const words = chosen(locale("en"), (key) => !CONSOLE.test(key) && WORDS[path].test(key));
      return { contents: JSON.stringify(words), loader: "json", watchFiles: [join(LOCALES, "en.json")] };
    });
    build.onLoad({ filter: /\.css$/ }, async ({ path }) => {
      const { code } = await esbuild.transform(readFileSync(path, "utf8"), { loader: "css", minify: true, target: TARGET });
      return { contents: code.trim(), loader: "text" };
    });
  },
};

/** What is loaded later takes Preact and our own modules from the widget that is already there: nothing is sent twice. */
const fromWidget = (file, carried) => ({
  name: "from-widget",
  setup(build) {
    build.onResolve({ filter: /^(\.|preact)/ }, async ({ path, resolveDir, kind, pluginData }) => {
      if (pluginData === "asked" || kind === "entry-point") return undefined;
      const found = await build.resolve(path, { resolveDir, kind, pluginData: "asked" });
      return carried.has(relative(HERE, found.path)) ? { path: `./${file}`, external: true } : found;
    });
  },
});

/** Exports by one or two letters in place of their names, but for those that the page asks for; answers code and letters. */
function shortExports(contents, kept) {
  const letters = new Map();
  const code = Buffer.from(contents).toString().replace(/export\s*\{([^}]*)\};?\s*$/, (_, list) => {
    const short = list.split(",").map((item) => {
      const [local, name = local] = item.trim().split(/\s+as\s+/);
      if (!kept.includes(name)) letters.set(name, `$${letters.size.toString(36)}`);
      return `${local} as ${letters.get(name) ?? name}`;
    });
    return `export{${short.join(",")}};`;
  });
  return { code, letters };
}

/** One import of all that a chunk takes from the widget, which must be among the names that widget/kit.ts gives. */
function gatherImports(chunk, contents, file, letters) {
  const taken = [];
  const code = Buffer.from(contents).toString().replace(/import\s*\{([^}]*)\}\s*from\s*"\.\/widget-[^"]*";?/g, (_, names) => {
    taken.push(...names.split(","));
    return "";
  });
  const short = taken.map((item) => {
    const [name, local = name] = item.trim().split(/\s+as\s+/);
    if (!letters.has(name)) throw new Error(`${chunk} takes ${name} from the widget, which widget/kit.ts does not give`);
    return `${letters.get(name)} as ${local}`;
  });
  return `import{${short.join(",")}}from"./${file}";${code}`;
}

const bundling = (options) => ({
  bundle: true, write: false, minify: true, metafile: true, format: "esm", target: TARGET, charset: "utf8",
  legalComments: "none", jsx: "automatic", jsxImportSource: "preact", absWorkingDir: HERE, outdir: STATIC, ...options,
});

/** Long names of the widget's own state and props, which no API, browser or library uses: shortened alike in both its chunks. */
const OURS = new RegExp(`^(${[
  "repliesEnd", "repliesCursor", "rootsEnd", "parked", "pinned", "refusals", "mounting", "toasted", "highlight",
  "hasDraft", "asOf", "onClose", "onCancel", "onSend", "onText", "later", "arrivals", "reveal", "stale", "drafts",
  "store", "words", "node", "thread", "phase", "lock", "asked", "cut", "busy", "said", "reduce", "ends", "draw",
  "tell", "emit", "problem", "order", "own", "ids", "identify", "onViewer", "onRenewed", "onEvent", "onState",
  "onRefused", "forget", "number", "over", "taken", "held", "known", "gone", "answers", "sending", "initial", "patience",
].join("|")})$`);
let shortened = {};

async function bundle(entry, options = {}) {
  const mangling = entry.startsWith("widget/") ? { mangleProps: OURS, mangleCache: shortened } : {};
  const result = await esbuild.build(bundling({ entryPoints: [entry], plugins: [texts], ...mangling, ...options }));
  shortened = result.mangleCache ?? shortened;
  const inputs = Object.keys(result.metafile.inputs);
  return { inputs, outputs: result.outputFiles.map(({ path, contents }) => ({ ext: path.split(".").pop(), contents })) };
}

/** What every reader loads is pressed once more: terser finds two per cent that esbuild leaves. */
async function pressed(contents, module = true) {
  const options = { module, compress: { passes: 4, ecma: 2022, unsafe_arrows: true, pure_getters: true, sequences: false }, format: { ecma: 2022 } };
  return Buffer.from((await minify(Buffer.from(contents).toString(), options)).code);
}

const hashed = (name, contents) => {
  const hash = createHash("sha256").update(contents).digest("hex").slice(0, 10);
  return name.replace(/\.(\w+)$/, `-${hash}.$1`);
};

/** All of static/, in memory: logical name → { file, contents }. */
async function everything() {
  const files = new Map();
  const add = (name, contents, file = hashed(name, contents)) => (files.set(name, { file, contents }), file);

  const widget = await bundle("widget/main.tsx");
  const { code, letters } = shortExports(widget.outputs[0].contents, ["mount"]);
  const widgetFile = add("widget.js", await pressed(code));
  const chunks = { widget: widgetFile };
  const later = await bundle("widget/later.tsx", { plugins: [texts, fromWidget(widgetFile, new Set(widget.inputs))] });
  chunks.later = add("later.js", await pressed(gatherImports("later.js", later.outputs[0].contents, widgetFile, letters)));
  chunks.words = {};
  for (const name of readdirSync(LOCALES).filter((file) => file.endsWith(".json") && file !== "en.json")) {
    const language = basename(name, ".json");
    const source = `export default ${JSON.stringify(chosen(locale(language), (key) => !CONSOLE.test(key)))}`;
    const { code } = await esbuild.transform(source, { minify: true, format: "esm", target: TARGET, charset: "utf8" });
    chunks.words[language] = add(`locale-${language}.js`, Buffer.from(code));
  }
  const embed = await bundle("embed/main.ts", { format: "iife", define: { CHUNKS: JSON.stringify(chunks) } });
  add("embed.js", await pressed(embed.outputs[0].contents, false), "embed.js");
  if (existsSync(join(HERE, "console/main.tsx"))) {
    const { outputs } = await bundle("console/main.tsx", { plugins: [] });
    for (const { ext, contents } of outputs) add(`console.${ext}`, contents);
  }
  return files;
}

/** Hashed files first, then embed.js and the manifest that name them, stale files last: a running server never misses one. */
function publish(files) {
  mkdirSync(STATIC, { recursive: true });
  const manifest = {};
  const written = new Set(["manifest.json", "third-party.txt"]);
  const put = (file, contents) => {
    written.add(file);
    const path = join(STATIC, file);
    writeFileSync(`${path}.new`, contents);
    renameSync(`${path}.new`, path);
  };
  for (const [name, { file, contents }] of [...files].sort(([a], [b]) => (a === "embed.js") - (b === "embed.js"))) {
    const br = brotliCompressSync(contents, { params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: contents.length } });
    const gzip = gzipSync(contents, { level: 9 });
    put(`${file}.br`, br);
    put(`${file}.gz`, gzip);
    put(file, contents);
    manifest[name] = { file, bytes: contents.length, br: br.length, gzip: gzip.length };
  }
  put("third-party.txt", `Preact\n\n${readFileSync(join(HERE, "node_modules/preact/LICENSE"), "utf8")}`);
  put("manifest.json", `${JSON.stringify(manifest, null, 2)}\n`);
  for (const file of readdirSync(STATIC)) if (!written.has(file)) rmSync(join(STATIC, file), { recursive: true });
  return manifest;
}

function overBudget(manifest) {
  for (const [name, { file, bytes, br, gzip }] of Object.entries(manifest)) {
    console.log(`${name.padEnd(14)} ${String(bytes).padStart(7)} B  br ${String(br).padStart(6)}  gzip ${String(gzip).padStart(6)}  ${file}`);
  }
  let over = false;
  for (const { what, limit, files } of BUDGETS) {
    const size = files.reduce((sum, name) => sum + (manifest[name]?.br ?? 0), 0);
    console.log(`${what}: ${size} of ${limit} bytes brotli${size > limit ? "  ABOVE THE BUDGET" : ""}`);
    over ||= size > limit;
  }
  return over;
}

const run = (...args) => spawnSync(process.execPath, args, { cwd: HERE, stdio: "inherit" }).status ?? 1;

const check = () => run("node_modules/typescript/bin/tsc", "--noEmit", "-p", "tsconfig.json");

const forNode = (entryPoints, outdir) => esbuild.build(bundling({
  entryPoints, outdir, write: true, minify: false, platform: "node", target: "node20", sourcemap: "inline",
  outExtension: { ".js": ".mjs" }, plugins: [texts],
}));

const sources = (folder) => readdirSync(folder).flatMap((name) => {
  const path = join(folder, name);
  if (name === "node_modules" || name.startsWith(".")) return [];
  return statSync(path).isDirectory() ? sources(path) : [path];
});

/** Bundles the tests (all, or those whose path contains one of the words) and runs them with Node's own runner. */
async function test(wanted) {
  const found = sources(HERE).filter((path) => /\.test\.tsx?$/.test(path));
  const picked = found.filter((path) => !wanted.length || wanted.some((word) => path.includes(word)));
  if (!picked.length) return console.error("no test matches"), 1;
  const outdir = join(SCRATCH, `test-${process.pid}`);
  try {
    await forNode(picked, outdir);
    const built = sources(outdir).map((path) => relative(HERE, path));
    return run("--enable-source-maps", "--test", ...built);
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
}

async function main([mode, ...rest]) {
  if (mode === "--check") return check();
  if (mode === "--test") return test(rest);
  if (mode === "--runner") return await forNode(["shared/same_thread.ts"], SCRATCH), 0;
  if (mode) return console.error(`unknown option ${mode}; there are --check, --test and --runner`), 2;
  return overBudget(publish(await everything())) ? 1 : 0;
}

process.exitCode = await main(process.argv.slice(2));
