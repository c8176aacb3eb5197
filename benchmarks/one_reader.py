"""One reader who asks for the same page again and again on one connection: how long each answer takes, in milliseconds.

Run: python benchmarks/one_reader.py PORT PATH; at the end of its input it prints them as JSON.
"""

import http.client
import json
import select
import sys
import time


def main(port: int, path: str) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    taken = []
    while not select.select([sys.stdin], [], [], 0.01)[0]:
        began = time.perf_counter()
        connection.request("GET", path)
        answer = connection.getresponse()
        answer.read()
        taken.append((time.perf_counter() - began) * 1000)
        if answer.status != 200:
            raise SystemExit(f"{path} answered {answer.status}")
    print(json.dumps(taken))


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
