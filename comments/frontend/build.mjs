// Builds the browser side. `node build.mjs` writes ../static and fails above the budgets of size;
// --check runs the type checker, --test the unit tests, --runner bundles shared/same_thread.ts for the Python tests.
// Plain Node, no npm or npx on the PATH: the machine's only Node may be the one of a Python package.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import * as esbuild from "esbuild";
import { minify } from "terser";
import { leanPreact } from "./lean/preact.mjs";
import { languages, ofOneself, ofTeasers, toDoMore, toRead, words } from "./lean/words.mjs";

const HERE = dirname(fileURLToPath(import.meta.url));
const STATIC = resolve(HERE, "../static");
const SCRATCH = join(HERE, ".build");
const TARGET = ["chrome111", "firefox115", "safari16.4"];

// Bytes after brotli. `embed.js` blocks nothing; what a reader needs is one first flight of TCP; the rest comes on demand.
const BUDGETS = [
  { what: "embed.js", limit: 2_000, files: ["embed.js"] },
  { what: "teasers.js", limit: 2_000, files: ["teasers.js"] },
  { what: "everything needed to read", limit: 14_000, files: ["embed.js", "widget.js"] },
  { what: "live client, composer and menus", limit: 16_000, files: ["later.js", "write.js"] },
  { what: "bell, tabs, notes on one's own comments", limit: 7_000, files: ["beside.js"] },
];

const ENTRIES = { widget: "widget/main.tsx", later: "widget/later.tsx", write: "widget/write.tsx", beside: "widget/beside.tsx" };
const LATER = ["Arrivals", "Gate", "begin", "connect", "renew", "more", "replies", "open", "react", "reveal", "taste", "Locked", "Asked"];
const BESIDE = ["Hours", "Since", "Steps", "Tabs", "Flat", "nextNew", "markdownOf", "Peek", "Marked", "Waiting", "Tools", "Warned", "css"];
const WRITE = ["Composer", "SentDraft", "Open", "begin", "close", "reopen", "resume", "sendAgain"];

/** `*.css` is a minified string for a constructable stylesheet. */
const styles = {
  name: "styles",
  setup(build) {
    build.onLoad({ filter: /\.css$/ }, async ({ path }) => {
      const { code } = await esbuild.transform(readFileSync(path, "utf8"), { loader: "css", minify: true, target: TARGET });
      return { contents: code.trim(), loader: "text" };
    });
  },
};

/** What is loaded later takes Preact and our own modules from the chunks that are already there: nothing is sent twice. */
const fromEarlier = (chunks) => ({
  name: "from-earlier",
  setup(build) {
    build.onResolve({ filter: /^(\.|preact)/ }, async ({ path, resolveDir, kind, namespace, pluginData }) => {
      if (namespace === "earlier") return { path, external: true, sideEffects: false };
      if (pluginData === "asked" || kind === "entry-point") return undefined;
      const found = await build.resolve(path, { resolveDir, kind, pluginData: "asked" });
      const holder = chunks.find(({ inputs }) => inputs.has(relative(HERE, found.path)));
      return holder ? { path: holder.file, namespace: "earlier", sideEffects: false } : found;
    });
    // All files of a chunk take a thing under one name, which packs better than a name for each.
    build.onLoad({ filter: /.*/, namespace: "earlier" }, ({ path }) => {
      const { letters } = chunks.find(({ file }) => file === path);
      return { contents: [...letters.keys()].map((name) => `export { ${name} } from "./${path}";`).join("") };
    });
  },
});

/** teasers.js takes modules that draw with Preact elsewhere, and none of their drawing: its import goes with it. */
const withoutPreact = {
  name: "without-preact",
  setup(build) {
    build.onResolve({ filter: /^preact/ }, ({ path }) => ({ path, namespace: "nothing", sideEffects: false }));
    build.onLoad({ filter: /.*/, namespace: "nothing" }, () => ({ contents: "export const jsx = null, jsxs = null, Fragment = null;" }));
  },
};

/** Exports by one or two letters in place of their names, but for those that the page asks for; answers code and letters. */
function shortExports(contents, kept) {
  const letters = new Map();
  const code = Buffer.from(contents).toString().replace(/export\s*\{([^}]*)\};?\s*$/, (_, list) => {
    const short = list.split(",").map((item) => {
      const [local, name = local] = item.trim().split(/\s+as\s+/);
      letters.set(name, kept.includes(name) ? name : `$${letters.size.toString(36)}`);
      return `${local} as ${letters.get(name)}`;
    });
    return `export{${short.join(",")}};`;
  });
  return { code, letters };
}

/** One import of all that a chunk takes from each earlier one; the kits there say what they give. */
function gatherImports(name, contents, earlier) {
  const taken = new Map(earlier.map(({ file }) => [file, []]));
  const code = Buffer.from(contents).toString().replace(/import\s*\{([^}]*)\}\s*from\s*"\.\/([^"]*)";?/g, (all, names, file) => {
    if (!taken.has(file)) return all;
    taken.get(file).push(...names.split(","));
    return "";
  });
  const imports = earlier.filter(({ file }) => taken.get(file).length).map(({ file, letters }) => {
    const short = taken.get(file).map((item) => {
      const [from, local = from] = item.trim().split(/\s+as\s+/);
      if (!letters.has(from)) throw new Error(`${name} takes ${from} from ${file}, whose kit does not give it`);
      return `${letters.get(from)} as ${local}`;
    });
    return `import{${short.join(",")}}from"./${file}";`;
  });
  return imports.join("") + code;
}

const bundling = (options) => ({
  bundle: true, write: false, minify: true, metafile: true, format: "esm", target: TARGET, charset: "utf8",
  legalComments: "none", jsx: "automatic", jsxImportSource: "preact", absWorkingDir: HERE, outdir: STATIC, ...options,
});

/** Long names of the widget's own state and props, which no API, browser or library uses: shortened alike in both its chunks. */
const OURS = new RegExp(`^(_[a-z]\\w*|${[
  "repliesEnd", "repliesCursor", "rootsEnd", "parked", "pinned", "refusals", "mounting", "toasted", "highlight",
  "hasDraft", "asOf", "onClose", "onCancel", "onSend", "onText", "later", "arrivals", "stale", "drafts",
  "store", "words", "node", "thread", "phase", "lock", "asked", "cut", "busy", "said", "reduce", "ends", "draw",
  "tell", "emit", "problem", "order", "own", "ids", "identify", "onViewer", "onRenewed", "onEvent", "onState",
  "onRefused", "forget", "number", "over", "taken", "held", "known", "gone", "answers", "sending", "patience", "place", "insert", "found", "shown", "kept", "quiet", "empty", "also", "onFormat", "onPreview", "marks", "nth", "fresh", "folded", "stepped", "returning", "missed",
].join("|")})$`);
let shortened = {};

async function bundle(entry, options = {}) {
  const mangling = entry.startsWith("widget/") ? { mangleProps: OURS, mangleCache: shortened } : {};
  const plugins = /^(console|me)\//.test(entry) ? [] : [styles, ...(options.plugins ?? [])]; // pages of ours have a style sheet of their own
  const result = await esbuild.build(bundling({ entryPoints: [entry], ...mangling, ...options, plugins }));
  shortened = result.mangleCache ?? shortened;
  const inputs = Object.keys(result.metafile.inputs);
  return { inputs, outputs: result.outputFiles.map(({ path, contents }) => ({ ext: path.split(".").pop(), contents })) };
}

/** What every reader loads is pressed once more: terser finds two per cent that esbuild leaves. */
async function pressed(contents, module = true) {
  const options = { module, compress: { passes: 4, inline: 1, if_return: false, unsafe_methods: true, ecma: 2022, unsafe_arrows: true, pure_getters: true, sequences: false }, format: { ecma: 2022 } };
  return Buffer.from((await minify(Buffer.from(contents).toString(), options)).code);
}

const hashed = (name, contents, salt = "") => {
  const hash = createHash("sha256").update(contents).update(salt).digest("hex").slice(0, 10);
  return name.replace(/\.(\w+)$/, `-${hash}.$1`);
};

const brotli = (contents) => brotliCompressSync(contents, { params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: contents.length } });

/** Of some names for a file the one with which those that name it are smallest: one hash costs them up to seventy bytes
 *  more than another, because brotli cuts its blocks differently. `namers`: logical name → text; they are changed. */
function bestNamed(files, logical, namers) {
  const { file: now, contents } = files.get(logical);
  const weigh = (file) => namers.reduce((sum, one) => sum + brotli(Buffer.from(`${files.get(one).contents}`.replaceAll(now, file))).length, 0);
  const names = Array.from({ length: 24 }, (_, at) => hashed(logical, contents, at ? `${at}` : ""));
  const [file] = names.map((name) => [name, weigh(name)]).reduce((best, one) => (one[1] < best[1] ? one : best));
  files.set(logical, { file, contents });
  for (const one of files.keys()) {
    const { file: kept, contents: text } = files.get(one);
    if (/^(widget|later|write|beside)\.js$/.test(one)) files.set(one, { file: kept, contents: Buffer.from(`${text}`.replaceAll(now, file)) });
  }
}

async function textModule(texts, rest) {
  const source = `export default ${JSON.stringify(texts)};${rest ? `export const rest = "${rest}"` : ""}`;
  return Buffer.from((await esbuild.transform(source, { minify: true, format: "esm", target: TARGET, charset: "utf8" })).code);
}

/** All of static/, in memory: logical name → { file, contents }. */
async function everything() {
  const files = new Map();
  const add = (name, contents, file = hashed(name, contents)) => (files.set(name, { file, contents }), file);

  const chunks = {};
  const earlier = [];
  const define = { ENGLISH: JSON.stringify(add("locale-en-later.js", await textModule(toDoMore("en")))) };
  // Names that another chunk asks for as properties of the module stay as they are; what kits give is shortened.
  for (const [name, kept] of [["widget", ["mount"]], ["later", LATER], ["write", WRITE], ["beside", BESIDE]]) {
    const { inputs, outputs } = await bundle(ENTRIES[name], { define, plugins: [fromEarlier(earlier), leanPreact, words] });
    const { code, letters } = shortExports(gatherImports(name, outputs[0].contents, earlier), kept);
    chunks[name] = add(`${name}.js`, await pressed(code));
    if (name === "widget" || name === "later") earlier.push({ file: chunks[name], inputs: new Set(inputs), letters });
  }
  for (const [logical, namers] of [["locale-en-later.js", ["widget.js"]], ["widget.js", ["later.js", "write.js"]], ["later.js", ["write.js", "beside.js"]]]) bestNamed(files, logical, namers);
  for (const name of ["widget", "later", "write", "beside"]) {
    const { file, contents } = files.get(`${name}.js`);
    chunks[name] = /^(write|beside)$/.test(name) ? add(`${name}.js`, contents) : file;
  }
  // What a reader needs of another language names the rest, which comes with later.js. One hash for the files of all
  // languages: embed.js names them and has no bytes to spare for a hash of each.
  const spoken = await Promise.all(languages().map(async (language) => {
    const rest = add(`locale-${language}-later.js`, await textModule(toDoMore(language)));
    return { language, read: await textModule(toRead(language), rest) };
  }));
  const [, mark] = /-(\w+)\.js$/.exec(hashed("locale.js", Buffer.concat(spoken.map(({ read }) => read))));
  for (const { language, read } of spoken) add(`locale-${language}.js`, read, `locale-${language}-${mark}.js`);
  chunks.words = languages().join(" ");
  chunks.mark = mark;
  for (const name of ["pages.css", "docs.css"]) {
    const { code: style } = await esbuild.transform(readFileSync(join(HERE, "pages", name), "utf8"), { loader: "css", minify: true, target: TARGET });
    add(name, Buffer.from(style));
  }
  const embed = await bundle("embed/main.ts", { format: "iife", define: { CHUNKS: JSON.stringify(chunks) } });
  add("embed.js", await pressed(embed.outputs[0].contents, false), "embed.js");
  const teasers = await bundle("teasers/main.ts", { format: "iife", plugins: [withoutPreact], define: { TEASER_TEXTS: JSON.stringify(ofTeasers()) } });
  add("teasers.js", await pressed(teasers.outputs[0].contents, false), "teasers.js");
  for (const page of ["console", "me"]) {
    const { outputs } = await bundle(`${page}/main.tsx`);
    if (!outputs.some(({ ext }) => ext === "css")) throw new Error(`${page} has lost its style sheet`);
    for (const { ext, contents } of outputs) add(`${page}.${ext}`, contents);
  }
  for (const language of ["en", ...languages()]) add(`me-${language}.js`, await textModule(ofOneself(language)));
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
    const br = brotli(contents);
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

/** What is needed to read in the language with the longest words: ten segments of TCP, where English has some to spare. */
function inAnyLanguage(manifest) {
  const [longest] = languages().map((language) => `locale-${language}.js`).sort((a, b) => manifest[b].br - manifest[a].br);
  return { what: `everything needed to read, ${longest} too`, limit: 14_700, files: ["embed.js", "widget.js", longest] };
}

/** One's own page, in the language with the longest words. */
function ofOnesOwn(manifest) {
  const [longest] = Object.keys(manifest).filter((name) => /^me-.*\.js$/.test(name)).sort((a, b) => manifest[b].br - manifest[a].br);
  return { what: `one's own page with ${longest}`, limit: 25_000, files: ["me.js", "me.css", longest] };
}

function overBudget(manifest) {
  for (const [name, { file, bytes, br, gzip }] of Object.entries(manifest)) {
    console.log(`${name.padEnd(14)} ${String(bytes).padStart(7)} B  br ${String(br).padStart(6)}  gzip ${String(gzip).padStart(6)}  ${file}`);
  }
  let over = false;
  for (const { what, limit, files } of [...BUDGETS, inAnyLanguage(manifest), ofOnesOwn(manifest)]) {
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
  outExtension: { ".js": ".mjs" }, plugins: [styles],
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
