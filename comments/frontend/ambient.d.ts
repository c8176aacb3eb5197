// What build.mjs adds to TypeScript's world: stylesheets and words as modules, and the map of file names in embed.js.
declare module "*.css" {
  const text: string;
  export default text;
}
declare module "words:read" {
  const words: Record<string, string>;
  export default words;
}
declare module "words:later" {
  const words: Record<string, string>;
  export default words;
}
declare const CHUNKS: { widget: string; later: string; words: Record<string, string> };
