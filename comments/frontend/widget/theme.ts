// Light or dark: as the attribute says, or by the colour of the page's own text, whatever made it so. No flash, because
// everything but the surfaces of menus and fields is mixed from that colour. later.tsx paints again when the page changes.

/** Of a colour as computed styles give it, rgb(), color() or (ok)lab and lch: 0 dark to 1 light. */
export function lightness(color: string): number {
  const [red = 0, green = 0, blue = 0] = (color.match(/(?<![\w.-])[\d.]+/g) ?? []).map(Number);
  if (/^(ok)?l/.test(color)) return red > 1 ? red / 100 : red;
  return (0.3 * red + 0.6 * green + 0.1 * blue) / (color.startsWith("rgb") ? 255 : 1);
}

export function paint(element: HTMLElement, place: HTMLElement): void {
  const wish = element.getAttribute("theme") ?? "";
  place.dataset["theme"] = /^(light|dark)$/.test(wish) ? wish : lightness(getComputedStyle(element).color) > 0.5 ? "dark" : "light";
}
