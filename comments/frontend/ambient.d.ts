// What build.mjs adds to TypeScript's world: stylesheets and words as modules, and the map of file names in embed.js.
declare module "*.css" {
  const text: string;
  export default text;
}
declare module "words:read" {
  const words: Record<string, string>;
  export default words;
}
declare module "words:live" {
  const words: Record<string, string>;
  export default words;
}
declare module "words:write" {
  const words: Record<string, string>;
  export default words;
}
declare const CHUNKS: { widget: string; write: string; live: string; words: Record<string, string> };
