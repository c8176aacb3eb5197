// What the widget's later chunks share with it: they import it from here, and the build takes it from the loaded widget.
export { Fragment, jsx, jsxs } from "preact/jsx-runtime";
export { render } from "preact";
export { useEffect, useRef, useState } from "preact/hooks";
