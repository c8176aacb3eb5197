// Preact without what the widget never does: hydration, Suspense, portals, context, error boundaries, the legacy and
// derived-state lifecycles, option hooks, MathML, custom built-in elements and innerHTML. Its sources are bundled in place
// of its build, each cut is checked to match, and the version is pinned: when Preact changes, the build says so.
// Kept: keyed diffing with the fewest moves, refs, state, shouldComponentUpdate, componentDidMount, -DidUpdate, -WillUnmount.
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const HERE = dirname(fileURLToPath(import.meta.url));
const SOURCE = join(HERE, "../node_modules/preact/src");

/** From the first text up to the second, which stays. */
const exactly = (text) => text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
const upTo = (from, to) => new RegExp(`${exactly(from)}[^]*?(?=${exactly(to)})`);

const CUTS = {
  "component.js": [
    ["oldVNode._flags & MODE_HYDRATE ? [oldDom] : NULL,", ""],
    ["oldVNode._flags & MODE_HYDRATE,", ""],
    ["||\n\t\tprevDebounce != options.debounceRendering", ""],
    ["prevDebounce = options.debounceRendering;", ""],
    [/\(prevDebounce \|\| queueMicrotask\)/g, "queueMicrotask"],
    [/ && !vnode\.props\._parentDom/g, ""],
  ],
  "render.js": [
    [upTo("if (parentDom.nodeType == 9)", "// @ts-expect-error"), ""],
    ["let isHydrating = vnode && vnode._flags & MODE_HYDRATE;", ""],
    ["isHydrating ? NULL : parentDom._children", "parentDom._children"],
    [upTo("oldVNode\n\t\t\t? NULL", "commitQueue,\n\t\toldVNode"), ""],
    ["\t\tisHydrating,\n", ""],
  ],
  "diff/index.js": [
    [upTo("if (\n\t\toldVNode._flags & MODE_SUSPENDED", "if ((tmp = options._diff))"), ""],
    [upTo("tmp = newType.contextType;", "// Get component"), "const componentContext = globalContext;"],
    ["if (provider) provider.sub(c);", ""],
    [upTo("if (c._bits & COMPONENT_PENDING_ERROR)", "} else {\n\t\t\t\t// Instantiate"), ""],
    [upTo("// Invoke getDerivedStateFromProps", "}\n\n\t\t\toldProps = c.props"), ""],
    [upTo("if (\n\t\t\t\t\tisClassComponent &&\n\t\t\t\t\t!newType.getDerivedStateFromProps", "if (isClassComponent && c.componentDidMount)"), ""],
    [upTo("if (\n\t\t\t\t\tnewProps !== oldProps &&", "if (\n\t\t\t\t\t(newVNode._original"), ""],
    [upTo("if (c.componentWillUpdate)", "if (isClassComponent && c.componentDidUpdate)"), ""],
    [upTo("if (c.getChildContext)", "const renderResult"), ""],
    [upTo("if (newProps._parentDom) {\n\t\t\t\ttmp = oldDom;", "oldDom = diffChildren("), ""],
    [upTo("if (newProps._parentDom) {\n\t\t\t\tnewVNode._dom = NULL;", "if (c._renderCallbacks.length) {\n\t\t\t\tcommitQueue.push(c);\n\t\t\t}\n\n\t\t\t// Only"), ""],
    [upTo("if (c._bits & COMPONENT_PROCESSING_EXCEPTION) {", "} catch (e) {"), ""],
    [upTo("if (isHydrating || excessDomChildren) {", "newVNode._dom = oldVNode._dom;\n\t\t\t}\n\n\t\t\tif (!newVNode._children)"), "{"],
    ["if (!(e && e.then)) markAsForce(newVNode);", "markAsForce(newVNode);"],
    [/options\._catchError\(e[^)]*\);/g, "throw e;"],
    [upTo("else if (nodeType == 'math')", "else if (!namespace)"), ""],
    [upTo("if (excessDomChildren) {\n\t\tfor (i = 0", "if (!dom) {"), ""],
    ["const doc = parentDom.ownerDocument || document;", "const doc = document;"],
    [/,\n\t\t\tnewProps\.is \? newProps : parentDom/, ""],
    [upTo("if (isHydrating) {\n\t\t\tif (options._hydrationMismatch)", "// we created a new parent"), ""],
    ["excessDomChildren = NULL;", ""],
    [" && (!isHydrating || dom.data != newProps)", ""],
    ["parentDom = (nodeType == 'template' && dom.content) || dom;", "parentDom = dom;"],
    [upTo("excessDomChildren =\n\t\t\tnodeType == 'textarea'", "for (i in oldProps) {"), ""],
    [upTo("if (i == 'dangerouslySetInnerHTML') {\n\t\t\t\toldHtml", "if (\n\t\t\t\ti != 'children'"), ""],
    [upTo("else if (i == 'dangerouslySetInnerHTML') {", "else if (i == 'value')"), ""],
    ["(!isHydrating || typeof value == 'function') &&", ""],
    [upTo("if (newHtml) {", "diffChildren(\n\t\t\t\tparentDom"), "{"],
    [upTo("excessDomChildren\n\t\t\t\t\t? excessDomChildren[0]", "oldVNode._children && getDomSibling"), ""],
    ["if (excessDomChildren) excessDomChildren.some(removeNode);", ""],
    ["if (!isHydrating || nodeType == 'textarea') {", "{"],
    [upTo("if (nodeType == 'progress' && inputValue", "if (\n\t\t\t\tinputValue != UNDEFINED"), ""],
    ["(inputValue !== dom[i] || (nodeType == 'progress' && !inputValue))", "inputValue !== dom[i]"],
    ["? skipRemove && !vnode.props._parentDom\n", "? skipRemove\n"],
    [upTo("if (\n\t\t!skipRemove &&\n\t\t(r = vnode._component)", "if (!skipRemove) removeNode(vnode._dom);"), ""],
    [/^\t*(isHydrating|excessDomChildren),?\n/gm, ""],
  ],
  "diff/children.js": [
    [" || oldVNode._flags & REF_DETACHED", ""],
    [/^\t*(isHydrating|excessDomChildren),?\n/gm, ""],
    [/if \(parentVNode\.props\._parentDom\) return oldDom;|if \(parentVNode\.props\._parentDom\) \{\s*return oldDom;\s*\}/, ""],
    [upTo("if (oldDom && !oldDom.parentNode) {", "let dom = parentVNode._dom"), ""],
    ["while (next && next.nodeType == 8) next = next.nextSibling;", ""],
    [upTo("while (\n\t\t(oldDom = oldDom && oldDom.nextSibling)", "return oldDom;\n}"), "oldDom = oldDom && oldDom.nextSibling;\n"],
  ],
  "diff/props.js": [
    ["name = name.replace(/xlink(H|:h)/, 'h').replace(/sName$/, 's');", ""],
    ["options.event ? options.event(e) : e", "e"],
  ],
};
const HOOKS = [
  [/if \(\(tmp = options\.\w+\)\) tmp\([^)]*\);/g, ""],
  [/if \([^)]*options\.\w+\) options\.\w+\([^)]*\);/g, ""],
  [/let renderHook = options\._render,\n\t*count/g, "let count"],
  ["if (renderHook) renderHook(newVNode);", ""],
];

function cut(name, source) {
  let text = source;
  for (const [what, instead] of CUTS[name] ?? []) {
    const before = text;
    text = text.replace(what, instead);
    if (text === before) throw new Error(`preact/src/${name} has changed: nothing matches ${what}`);
  }
  for (const [what, instead] of HOOKS) text = text.replace(what, instead);
  const unknown = /^(?!\s*(?:\/\/|\*)).*options\..*/m.exec(text);
  if (unknown) throw new Error(`preact/src/${name} asks for an option that lean/preact.mjs does not know: ${unknown}`);
  return text;
}

/** For the chunks of the widget; the console has the whole Preact. */
export const leanPreact = {
  name: "lean-preact",
  setup(build) {
    build.onResolve({ filter: /^preact/ }, ({ path }) => ({
      path: { preact: join(SOURCE, "index.js"), "preact/create-element": join(SOURCE, "create-element.js"), "preact/jsx-runtime": join(HERE, "jsx_runtime.js") }[path],
      sideEffects: false,
    }));
    build.onLoad({ filter: /preact\/src\/.*\.js$/ }, ({ path }) => {
      const name = path.slice(SOURCE.length + 1);
      return { contents: cut(name, readFileSync(path, "utf8")), loader: "js" };
    });
  },
};
