// What the widget's later chunks take from it instead of carrying it again. The build tells when a name is missing here.
export { Component, Fragment, createRef } from "preact";
export { jsx, jsxs } from "preact/jsx-runtime";
export { answerOf, ApiError, ask, problemIn } from "../shared/api";
export { bySort, byTime, edgeOf, isPublished, isRoot, isStub, placeOf, within } from "../shared/order";
export { firstPage, firstReplies, rootsOf } from "../shared/pages";
export { draftKey, LEFT, pagePath } from "../shared/paths";
export { emptyThread, loaded } from "../shared/state";
export { formOf } from "../shared/thread_view";
export { ago } from "../shared/time";
export { DEEPEST, draw, parts, safeHref, TreeBody } from "../shared/tree";
export { directionOf } from "../shared/i18n";
export { labelOf } from "./branch";
export { CommentItem, Head, linkTo } from "./comment";
export { Icon } from "./icons";
export { Avatar, nameOf } from "./person";
export { visitsKey } from "./store";
export { paint } from "./theme";
export { addLooks } from "./looks";
