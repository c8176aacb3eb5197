"""`python -m tests.e2e.contact_sheet FOLDER`: an index.html beside the pictures of `make pictures`, with a row for each
state and language and a column for each look.
"""

import html
import sys
from collections import defaultdict
from pathlib import Path

LOOKS = ("light-desktop", "dark-desktop", "light-phone", "dark-phone")
PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>The widget in every state</title>
<style>
  body {{ font: 14px/1.4 system-ui, sans-serif; margin: 1rem; background: #8a8a8a; }}
  section {{ display: flex; flex-wrap: wrap; gap: 8px; align-items: start; margin-block-end: 1.5rem; }}
  h2 {{ flex-basis: 100%; font-size: 1rem; margin: 0; }}
  img {{ height: 420px; max-width: 640px; object-fit: cover; object-position: top; }}
</style>
{rows}
</html>
"""


def sheet(folder: Path) -> str:
    rows: dict[str, list[str]] = defaultdict(list)
    for look in LOOKS:
        for path in sorted(folder.glob(f"*-{look}.png")):
            rows[path.stem.removesuffix(f"-{look}")].append(path.name)
    shown = [
        f"<section><h2>{html.escape(name)}</h2>{''.join(map(_picture, rows[name]))}</section>" for name in sorted(rows)
    ]
    return PAGE.format(rows="\n".join(shown))


def _picture(name: str) -> str:
    name = html.escape(name)
    return f'<a href="{name}"><img src="{name}" alt="{name}" loading="lazy"></a>'


if __name__ == "__main__":
    target = Path(sys.argv[1])
    (target / "index.html").write_text(sheet(target))
    print(f"{target / 'index.html'} shows {len(list(target.glob('*.png')))} pictures.")
