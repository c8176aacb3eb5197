"""How fast exports of other systems come in, and in how much memory: `make bench-import`. Part of nothing else.

Run: .venv/bin/python -m benchmarks.importing [--comments 50000] [--format disqus] [--hostile] [--size 1000]

Makes an export with texts of the corpus (or plain ones where it is not there), imports it with the real command into
an empty SQLite file, and prints comments a second, the highest memory of all its processes, and how long a batch held
the lock. `--hostile`: so many megabytes of one tag, of one text and of one line instead; each must end in bounded
memory.
"""

import argparse
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from html import escape
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
COMMENTS = Path(sys.executable).parent / "comments"
BEGAN = datetime(2015, 1, 1, tzinfo=UTC)
HEAD = '<disqus xmlns="http://disqus.com" xmlns:dsq="http://disqus.com/disqus-internals">\n'
ARTICLE_SIZE = 200  # comments of an article, on the average
CREATE = ["site", "create", "gazette", "--name", "G", "--issuer", "https://g.example", "--origin", "https://g.example"]


def bodies() -> list[str]:
    """Texts of a real forum, without what a converter would add."""
    corpus = Path(ROOT, os.environ.get("COMMENTS_CORPUS", "../shared/data"), "omp_derstandard.jsonl")
    if not corpus.exists():
        print(f"no corpus at {corpus}: plain words instead")
        return ["Some plain words, as people write them.\nAnd a second line of them."]
    with corpus.open() as lines:
        return [body for line in lines if (body := (json.loads(line)["body"] or "").strip())]


def records(count: int) -> Iterator[tuple[int, int | None, int, int, str, str]]:
    """Number, parent, article, author, time and text; two of three are replies, as in the corpus."""
    chance, texts = random.Random(1), bodies()
    last: dict[int, list[int]] = {}
    for number in range(count):
        article = chance.randrange(max(count // ARTICLE_SIZE, 1))
        above = last.setdefault(article, [])
        parent = chance.choice(above[-50:]) if above and chance.random() < 0.6 else None
        above.append(number)
        at = (BEGAN + timedelta(seconds=37 * number)).strftime("%Y-%m-%dT%H:%M:%SZ")
        yield number, parent, article, chance.randrange(max(count // 5, 1)), at, chance.choice(texts)


def write_disqus(path: Path, count: int) -> None:
    with path.open("w") as file:
        file.write(HEAD)
        for article in range(max(count // ARTICLE_SIZE, 1)):
            file.write(f'<thread dsq:id="t{article}"><id>{article}</id><title>Article {article}</title></thread>\n')
        for number, parent, article, author, at, text in records(count):
            paragraphs = "".join(f"<p>{escape(part, quote=False)}</p>" for part in text.split("\n\n"))
            above = "" if parent is None else f'<parent dsq:id="{parent}"/>'
            file.write(
                f'<post dsq:id="{number}"><message><![CDATA[{paragraphs.replace("]]>", "")}]]></message>'
                f"<createdAt>{at}</createdAt><isDeleted>false</isDeleted><isSpam>false</isSpam><author>"
                f"<email>{author}@old.example</email><name>user {author}</name><isAnonymous>false</isAnonymous>"
                f'<username>user{author}</username></author><thread dsq:id="t{article}"/>{above}</post>\n'
            )
        file.write("</disqus>\n")


def write_archive(path: Path, count: int) -> None:
    with path.open("w") as file:
        file.write('{"archive":"comments","version":1}\n')
        for number, parent, article, author, at, text in records(count):
            one = {"key": str(number), "article": {"id": str(article)}, "created_at": at, "body": text[:9000]}
            one["author"] = {"id": str(author), "name": f"user {author}"}
            file.write(json.dumps(one if parent is None else one | {"parent": str(parent)}) + "\n")


def write_hostile(folder: Path, megabytes: int) -> Iterator[tuple[str, Path]]:
    words = b"words " * 174_763  # a megabyte
    for name, kind, head in (
        ("one tag", "disqus", b"<disqus a='"),
        ("one text", "disqus", HEAD.encode() + b'<post dsq:id="1"><message>'),
        ("one line", "remark42", b'{"version":1}\n{"id":"'),
    ):
        path = folder / f"{name.replace(' ', '-')}.{kind}"
        with path.open("wb") as file:
            file.write(head)
            for _ in range(megabytes):
                file.write(words)
        yield name, path


class Memory(threading.Thread):
    """The highest sum of resident memory of a process and its children, in MB."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self._pid, self.highest, self.own = pid, 0.0, 0.0

    def run(self) -> None:
        while sizes := [size for pid in self._family() if (size := _resident(pid))]:
            self.highest, self.own = max(self.highest, sum(sizes)), max(self.own, sizes[0])
            time.sleep(0.2)

    def _family(self) -> list[int]:
        try:
            children = Path(f"/proc/{self._pid}/task/{self._pid}/children").read_text().split()
        except FileNotFoundError:
            return []
        return [self._pid, *map(int, children)]


def _resident(pid: int) -> float:
    try:
        found = [line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("VmRSS")]
    except (FileNotFoundError, ProcessLookupError):
        return 0.0
    return int(found[0].split()[1]) / 1024 if found else 0.0


def measure(kind: str, path: Path) -> int:
    with tempfile.TemporaryDirectory() as folder:
        environ = {"PATH": os.environ["PATH"], "COMMENTS_DATA_DIR": folder}
        subprocess.run([COMMENTS, *CREATE], env=environ, check=True, capture_output=True)
        began, before = time.monotonic(), resource.getrusage(resource.RUSAGE_CHILDREN)
        command = [COMMENTS, "import", kind, path, "--site", "gazette"]
        with subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as running:
            memory = Memory(running.pid)
            memory.start()
            said = running.communicate()[0].decode().strip()
        took, after = time.monotonic() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    size = path.stat().st_size / 1e6
    print(f"{size:.0f} MB in {took:.1f} s, exit status {running.returncode}: {said}")
    busy = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    print(f"{busy:.1f} s of processor time, of all its processes, with their start")
    print(f"highest memory: {memory.own:.0f} MB of the importing process, {memory.highest:.0f} MB with those beside it")
    return running.returncode


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--comments", type=int, default=50_000)
    parser.add_argument("--format", choices=["disqus", "archive"], default="disqus")
    parser.add_argument("--hostile", action="store_true")
    parser.add_argument("--size", type=int, default=1000, help="megabytes of each hostile file")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        if asked.hostile:
            for name, path in write_hostile(Path(folder), asked.size):
                print(f"{name}:")
                measure(path.suffix[1:], path)
                path.unlink()
            return
        path = Path(folder, f"export.{asked.format}")
        (write_disqus if asked.format == "disqus" else write_archive)(path, asked.comments)
        measure(asked.format, path)


if __name__ == "__main__":
    main()
