// What build.mjs adds to TypeScript's world: stylesheets and words as modules, and the map of file names in embed.js.
declare module "*.css" {
  const text: string;
  export default text;
}
declare module "words:read" {
  const words: Record<string, string>;
  export default words;
}
/** The file of the English texts beyond those. */
declare const ENGLISH: string;
declare const CHUNKS: { widget: string; later: string; write: string; beside: string; /** Languages, and the hash in the names of their files. */ words: string; mark: string };
/** The words of teasers.js: by language, then "title", "someone" and the plural forms of a count. */
declare const TEASER_TEXTS: Record<string, Record<string, string>>;
