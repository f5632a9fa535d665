"""Six people on the site and a supervisor who asks ten times a second: reads what to do, writes what they waited."""

from __future__ import annotations

import http.client
import itertools
import json
import sys
import threading
import time

PAGES = [
    "/",
    "/etablissements/",
    "/espace/",
    "/aide/",
    "/connexion/",
    "/etablissements/ma-dijon/",
    "/espace/rendez-vous/",
    "/aide/?q=permis",
    "/espace/permis/",
]
PEOPLE, PAUSE = 6, 0.5
GIVEN_UP = 15.0


class Asking:
    """Asks pages for a while; notes how long each took, in milliseconds, and which failed."""

    def __init__(self, site: str, cookies: dict[str, str], *, seconds: float) -> None:
        self._site, self._until = site, time.monotonic() + seconds
        self._cookie = "; ".join(f"{name}={value}" for name, value in cookies.items())
        self.pages: list[float] = []
        self.health: list[float] = []
        self.failed: list[str] = []

    def as_person(self, number: int) -> None:
        """Go from page to page."""
        for path in itertools.islice(itertools.cycle(PAGES), number, None):
            if time.monotonic() > self._until:
                return
            self.pages.append(self._ask(path))
            time.sleep(PAUSE)

    def as_supervisor(self) -> None:
        """Ask whether the site is alive."""
        while time.monotonic() < self._until:
            self.health.append(self._ask("/sante/vivant"))
            time.sleep(0.1)

    def _ask(self, path: str) -> float:
        began = time.perf_counter()
        line = http.client.HTTPConnection(self._site, timeout=GIVEN_UP)
        try:
            line.request("GET", path, headers={"Cookie": self._cookie})
            answer = line.getresponse()
            answer.read()
            if answer.status != http.client.OK:
                self.failed.append(f"{path} {answer.status}")
        except (OSError, http.client.HTTPException) as error:
            self.failed.append(f"{path} {type(error).__name__}")
        finally:
            line.close()
        return (time.perf_counter() - began) * 1000


def main() -> None:
    told = json.load(sys.stdin)
    asking = Asking(told["site"], told["cookies"], seconds=told["seconds"])
    everybody = [threading.Thread(target=asking.as_person, args=[number]) for number in range(PEOPLE)]
    everybody.append(threading.Thread(target=asking.as_supervisor))
    for one in everybody:
        one.start()
    for one in everybody:
        one.join()
    for failure in asking.failed:
        print(failure, file=sys.stderr)
    json.dump({"pages": asking.pages, "health": asking.health, "failed": len(asking.failed)}, sys.stdout)


if __name__ == "__main__":
    main()
