// Light or dark is told from the page's text colour as computed styles give it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { lightness } from "./theme";

test("dark text is a light page, light text a dark one", () => {
  for (const dark of ["rgb(0, 0, 0)", "rgba(33, 29, 26, 0.9)", "color(srgb 0.1 0.1 0.1)", "color(display-p3 0 0 0)", "oklch(0.2 0.1 250)", "lab(12 20 80)"]) assert.ok(lightness(dark) < 0.5, dark);
  for (const light of ["rgb(255, 255, 255)", "rgb(232, 226, 218)", "color(srgb 0.9 0.9 0.9)", "color(display-p3 1 1 1)", "oklab(0.95 0.1 -0.1)", "lch(90 50 200)"]) assert.ok(lightness(light) > 0.5, light);
});
