// beside.js, what stands beside the conversation: the bell with its panel, the tabs, what is new since the last visit, when
// the thread opens or closes, what a reply answers; and for who is signed in the notes on what they wrote, with appeals, and moderators'
// warnings, and the reading of what they paste. Loaded behind later.js for whom there is any of it.
export { Hours, Since, Steps, Tabs } from "./bar";
export { Flat } from "./flat";
export { nextNew } from "./next_new";
export { markdownOf } from "./paste";
export { Peek } from "./peek";
export { Marked, Waiting } from "./receipt";
export { Tools } from "./tools";
export { Warned } from "./warned";
export { default as css } from "./beside.css";
