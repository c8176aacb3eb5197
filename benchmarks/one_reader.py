"""One reader who asks for the same page again and again on one connection: how long each answer takes, in milliseconds.

Run: python benchmarks/one_reader.py PORT PATH; it says "ready", and at the end of its input it prints them as JSON.
"""

import http.client
import json
import select
import sys
import time


def main(port: int, path: str) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    ask(connection, path)
    print("ready", flush=True)
    taken = []
    while not select.select([sys.stdin], [], [], 0.01)[0]:
        began = time.perf_counter()
        ask(connection, path)
        taken.append((time.perf_counter() - began) * 1000)
    print(json.dumps(taken))


def ask(connection: http.client.HTTPConnection, path: str) -> None:
    connection.request("GET", path)
    answer = connection.getresponse()
    answer.read()
    if answer.status != 200:
        raise SystemExit(f"{path} answered {answer.status}")


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
