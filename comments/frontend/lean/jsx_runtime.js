// What JSX compiles to in the widget: Preact's own vnodes, without a second copy of their shape and without the
// development and server parts of preact/jsx-runtime. Plain JavaScript because it reaches into Preact's sources.
import { createVNode } from "preact/create-element";

export { Fragment } from "preact";

/** A ref is no property of the element or component that carries it. */
export function jsx(type, props, key) {
  const { ref, ...rest } = props;
  return createVNode(type, ref ? rest : props, key, ref, null);
}

export { jsx as jsxs };
