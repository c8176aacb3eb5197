// What is pasted from a page or a letter keeps its links, lists, quotes and bold words: clipboard HTML becomes our Markdown
// subset. A scanner, since Trusted Types forbid the browser's parser: each part of the text is looked at once.

/** Neither more is read nor written: a comment is shorter by far. Nor does anybody nest deeper. */
const MOST = 200_000;
const WRITTEN = 20_000;
const DEEPEST = 24;

const BLOCK = /^(p|div|h\d|pre|blockquote|[ou]l|li|t[rdh]|section)$/;
const ENTITIES: Record<string, string> = { amp: "&", lt: "<", gt: ">", quot: '"', nbsp: "\u00a0" };

const decode = (text: string): string => text.replace(/&(#?)(\w{1,6});/g, (all, number, name) =>
  (number ? String.fromCharCode(Number(`0${name}`)) : ENTITIES[name] ?? all));

interface Open {
  tag: string;
  /** Around its words; a link's address instead, and where the link begins in the line. */
  mark: string | false;
  href?: string | false | undefined;
  at: number;
  /** What its lines begin with, the next one and those after; how many items it has. */
  next: string;
  rest: string;
  items: number;
}

/** Word processors wrap everything in a <b> that is not bold. */
function markOf(tag: string, attributes: string): string | false {
  if (/^(b|strong|h\d)$/.test(tag)) return !/weight: ?(normal|[1-4]00)/.test(attributes) && "**";
  if (/^(i|em)$/.test(tag)) return "_";
  return tag === "code" && "`";
}

/** Takes words, begins and ends of elements in turn. */
function writer() {
  const rows: string[] = [];
  const open: Open[] = [];
  let [line, hidden, length, rich, space, gap] = ["", "", 0, false, false, false];
  /** The marks that stand open in the line. */
  let marks: string[] = [];
  const inside = (tag: string): boolean => open.some((one) => one.tag === tag);

  /** Closes and opens marks beside the words, never beside a space, where they would mean nothing. */
  const mark = (wanted = [...new Set(open.flatMap((one) => one.mark || []))]): void => {
    if (inside("pre")) return;
    let same = 0;
    while (same < wanted.length && marks[same] === wanted[same]) same += 1;
    line += marks.slice(same).reverse().join("");
    if (space && line && wanted.length >= marks.length) {
      line += " ";
      space = false;
    }
    line += wanted.slice(same).join("");
    marks = wanted;
  };

  const words = (raw: string): void => {
    const text = hidden ? "" : decode(raw);
    length += text.length;
    if (inside("pre")) return void (line += text);
    const flat = text.replace(/[ \t\r\n\f]+/g, " ");
    space ||= flat[0] === " ";
    const said = flat.trim();
    if (!said) return;
    mark();
    if (space && line) line += " ";
    // What would be marks of ours is text there.
    line += marks.includes("`") ? said : said.replace(/[\\*`[\]]|\b_|_\b/g, "\\$&");
    space = flat.endsWith(" ");
  };

  /** Ends the line; `apart`: the next is another paragraph. */
  const end = (apart: boolean): void => {
    const pre = inside("pre");
    mark([]);
    for (const one of open) one.at = 0;
    const lines = pre && line.trim() ? ["```", ...line.replace(/^\n|\s+$/g, "").split("\n"), "```"] : [line.trim()];
    line = "";
    space = false;
    if (lines[0]) {
      if (gap && rows.length && !inside("li")) rows.push(open.map(({ rest }) => rest.trim()).join(""));
      for (const text of lines) {
        const row = open.map((one) => [one.next, one.next = one.rest][0]).join("") + text;
        length += row.length;
        rows.push(row);
      }
      gap = false;
    }
    gap ||= apart;
  };

  const begin = (tag: string, attributes: string): void => {
    if (/^(style|script|title)$/.test(tag)) hidden ||= tag;
    const href = tag === "a" && decode(/href="(https?:[^"\s<>]{1,999})"/.exec(attributes)?.[1] ?? "").replace(/[()]/g, (sign) => (sign === "(" ? "%28" : "%29"));
    const block = BLOCK.test(tag);
    const around = markOf(tag, attributes);
    if (tag === "br") return inside("pre") ? words("\n") : end(false);
    if (hidden || open.length > DEEPEST || !(block || href || around)) return;
    if (block) end(!/^(li|tr)$/.test(tag));
    if (href) mark();
    rich ||= !!href || !!around || /^(pre|blockquote|li)$/.test(tag);
    const list = open.findLast((one) => /^[ou]l$/.test(one.tag));
    const next = tag === "blockquote" ? "> " : tag !== "li" ? "" : list?.tag === "ol" ? `${list.items += 1}. ` : "- ";
    open.push({ tag, mark: around, href, at: line.length, next, rest: tag === "li" ? next.replace(/./g, " ") : next, items: 0 });
  };

  const finish = (tag: string): void => {
    if (hidden === tag) hidden = "";
    const at = open.findLastIndex((one) => one.tag === tag);
    const found = open[at];
    if (!found) return;
    if (BLOCK.test(tag)) end(!/^(li|tr)$/.test(tag));
    if (found.href) {
      mark();
      const { href } = found;
      line = line.slice(0, found.at) + line.slice(found.at).replace(/\S.*/, (all) => (all === href || all.includes("](") ? all : `[${all}](${href})`));
    }
    open.splice(at, 1);
  };

  return { words, begin, finish, long: () => length > WRITTEN, made: () => (end(false), rich ? rows.join("\n") : "") };
}

/** Our Markdown of clipboard HTML; empty where plain text says the same. */
export function markdownOf(html: string): string {
  const { words, begin, finish, long, made } = writer();
  const copied = html.slice(0, MOST).replace(/^[^]*<!--StartFragment-->|<!--EndFragment-->[^]*$/g, "");
  const [start = "", ...rest] = copied.split("<");
  words(start);
  for (const part of rest) {
    if (long()) break;
    const [all = "", ends, tag = "", attributes = ""] = /^(\/?)([a-z]\w*)([^>]*)>/i.exec(part) ?? /^!([^>]*)>/.exec(part) ?? [];
    if (ends) finish(tag.toLowerCase());
    else begin(tag.toLowerCase(), attributes);
    const text = part.slice(all.length);
    // What is no tag is text; and a > between quotes did not end the tag.
    words(!all ? `<${text}` : attributes.split('"').length % 2 ? text : text.replace(/^[^"]*"[^>]*>/, ""));
  }
  return made();
}
