// A QR code out of rows of 0 and 1, drawn as one path: dark on white in every scheme, with the margin that readers need.
import type { JSX } from "preact";

const MARGIN = 4;

export function Qr({ rows, label }: { rows: string[]; label: string }): JSX.Element {
  const size = rows.length + 2 * MARGIN;
  const dark = rows.flatMap((row, y) => [...row].flatMap((bit, x) => (bit === "1" ? [`M${x + MARGIN} ${y + MARGIN}h1v1h-1z`] : [])));
  return (
    <svg class="qr" viewBox={`0 0 ${size} ${size}`} role="img" aria-label={label} shape-rendering="crispEdges">
      <rect width={size} height={size} fill="#fff" />
      <path d={dark.join("")} fill="#000" />
    </svg>
  );
}
