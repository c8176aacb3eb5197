// Stylesheets of the shadow root, one for each chunk: constructed, so that no CSP has anything against them.

export function addLooks(root: ShadowRoot, css: string): void {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet];
}
