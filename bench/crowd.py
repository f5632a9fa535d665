"""The crowd of a rush, in a process of its own: reads requests, answers how many a second succeeded."""

from __future__ import annotations

import http.client
import itertools
import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from statistics import quantiles
from urllib.parse import urlsplit

CLIENTS = 8


def drive(site: str, requests: list[tuple[str, str, dict[str, str], str]]) -> dict[str, object]:
    """Be the crowd."""
    turn = itertools.count()
    times, statuses = [], []

    def client(_number: int) -> None:
        address = urlsplit(site)
        line = http.client.HTTPConnection(address.hostname or "", address.port, timeout=60)
        while (index := next(turn)) < len(requests):
            method, path, cookies, body = requests[index]
            headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items())}
            if body:
                headers["Content-Type"] = "application/x-www-form-urlencoded"
            began = time.perf_counter()
            line.request(method, path, body or None, headers)
            answer = line.getresponse()
            answer.read()
            times.append((time.perf_counter() - began) * 1000)
            statuses.append(answer.status)

    began = time.perf_counter()
    with ThreadPoolExecutor(CLIENTS) as crowd:
        list(crowd.map(client, range(CLIENTS)))
    elapsed = time.perf_counter() - began
    wanted = {"POST": 302, "GET": 200}[requests[0][0]]
    return {
        "rate": len(requests) / elapsed,
        "p99": quantiles(times, n=100)[-1],
        "failed": sum(status != wanted for status in statuses),
        "statuses": sorted(set(statuses)),
    }


if __name__ == "__main__":
    print(json.dumps(drive(sys.argv[1], json.load(sys.stdin))))
