"""One reader who asks for the same page again and again on one connection: how long each answer takes, in milliseconds.

Run: python benchmarks/one_reader.py PORT PATH; it prints a line when it has begun, and all times as JSON at the end of
its input.
"""

import http.client
import json
import select
import sys
import time


def main(port: int, path: str) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    _ask(connection, path)
    print("ready", flush=True)
    taken = []
    while not taken or not select.select([sys.stdin], [], [], 0.01)[0]:
        began = time.perf_counter()
        connection.request("GET", path)
        answer = connection.getresponse()
        answer.read()
        taken.append((time.perf_counter() - began) * 1000)
        if answer.status != 200:
            raise SystemExit(f"{path} answered {answer.status}")
        if len(taken) == 1:
            print("asking", flush=True)
    print(json.dumps(taken))


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
