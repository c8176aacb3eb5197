// write.js: composer, menus, forms; loaded when first needed.
import words from "words:write";
import { useState } from "./kit";
export const Composer = () => {
  const [text] = useState(words["write.send"]);
  return <p>{text}</p>;
};
