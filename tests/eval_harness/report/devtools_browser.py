"""Chromium without a driver: DevTools over two pipes. Loads a page at a width and says what it asked for and how wide it became."""
from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

CHROMIUM = shutil.which("chromium")
FLAGS = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync", "--hide-scrollbars", "--remote-debugging-pipe")


class Browser:
    def __init__(self) -> None:
        self.profile = tempfile.mkdtemp(prefix="touchstone-chromium-")
        to_read, self.to = os.pipe()
        self.back, from_write = os.pipe()

        def pipes() -> None:
            os.dup2(to_read, 103)
            os.dup2(from_write, 104)
            os.dup2(103, 3)
            os.dup2(104, 4)

        self.child = subprocess.Popen([CHROMIUM, *FLAGS, f"--user-data-dir={self.profile}", "about:blank"], preexec_fn=pipes,
                                      pass_fds=(3, 4), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, close_fds=True)
        os.close(to_read)
        os.close(from_write)
        self.number, self.events, self.rest = 0, [], b""
        target = self.ask("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Network", "Runtime", "Log"):
            self.ask(f"{domain}.enable", here=True)

    def ask(self, method: str, here: bool = False, **params: Any) -> dict[str, Any]:
        self.number += 1
        message: dict[str, Any] = {"id": self.number, "method": method, "params": params}
        if here:
            message["sessionId"] = self.session
        os.write(self.to, json.dumps(message).encode() + b"\0")
        while True:
            found = self._next()
            if found.get("id") == self.number:
                assert "error" not in found, found
                return found["result"]
            self.events.append(found)

    def _next(self) -> dict[str, Any]:
        while b"\0" not in self.rest:
            more = os.read(self.back, 1 << 20)
            assert more, "the browser ended"
            self.rest += more
        line, _, self.rest = self.rest.partition(b"\0")
        return json.loads(line)

    def open(self, page: Path | str, width: int) -> dict[str, Any]:
        """{"requests", "errors", "scroll_width", "text"} of the page, a file or an address, at `width` CSS pixels."""
        self.events.clear()
        self.ask("Emulation.setDeviceMetricsOverride", here=True, width=width, height=900, deviceScaleFactor=1, mobile=False)
        self.ask("Page.navigate", here=True, url=page if isinstance(page, str) else page.resolve().as_uri())
        while not any(event.get("method") == "Page.loadEventFired" for event in self.events):
            self.events.append(self._next())
        value = self.ask("Runtime.evaluate", here=True, returnByValue=True,
                         expression="[document.documentElement.scrollWidth, document.body.innerText]")["result"]["value"]
        requests = [event["params"]["request"]["url"] for event in self.events if event.get("method") == "Network.requestWillBeSent"
                    and not event["params"]["request"]["url"].startswith("data:")]
        errors = [event["params"] for event in self.events
                  if event.get("method") in ("Log.entryAdded", "Runtime.consoleAPICalled", "Runtime.exceptionThrown")]
        return {"requests": requests, "errors": errors, "scroll_width": value[0], "text": value[1]}

    def evaluate(self, expression: str) -> Any:
        """The value of an expression in the page that is open; a promise is waited for."""
        return self.ask("Runtime.evaluate", here=True, returnByValue=True, awaitPromise=True, expression=expression)["result"]["value"]

    def close(self) -> None:
        self.ask("Browser.close")
        self.child.wait()
        shutil.rmtree(self.profile, ignore_errors=True)
        self.child.wait(20)
        os.close(self.to)
        os.close(self.back)
        shutil.rmtree(self.profile, ignore_errors=True)
