// What the widget's later chunks take from it instead of carrying it again. The build tells when a name is missing here.
export { Component, Fragment, createRef } from "preact";
export { jsx, jsxs } from "preact/jsx-runtime";
export { answerOf, ApiError, ask, problemIn } from "../shared/api";
export { bySort, byTime, edgeOf, isPublished, isRoot, isStub, placeOf, within } from "../shared/order";
export { firstPage, firstReplies, rootsOf } from "../shared/pages";
export { pagePath } from "../shared/paths";
export { emptyThread, loaded } from "../shared/state";
export { DEEPEST, draw, parts, safeHref } from "../shared/tree";
export { linkTo } from "./comment";
export { Avatar, nameOf } from "./person";
export { draftKey } from "./store";
export { paint } from "./theme";
export { addLooks } from "./looks";
