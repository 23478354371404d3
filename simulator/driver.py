"""Runs the platform's commands as a person would type them, keeps a line of progress going, and keeps the list of promises."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

SILENCE_S = 8.0
LOG = "commands.log"
"""What was typed and answered; where it lies, a demo was run."""


class CommandFailed(RuntimeError):
    """A command ended with a code the demo did not expect; its last lines are in the message."""


@dataclass
class Driver:
    folder: Path
    started: float
    env: dict[str, str] = field(default_factory=dict)
    promises: list[tuple[bool, str]] = field(default_factory=list)
    closing: list[str] = field(default_factory=list)
    spoken: float = 0.0

    @property
    def home(self) -> Path:
        return self.folder / "home"

    def say(self, text: str) -> None:
        self.spoken = time.monotonic()
        print(f"[{time.monotonic() - self.started:5.0f} s] {text}", flush=True)

    def promise(self, kept: bool, text: str) -> None:
        """Note whether something the README promises holds; the demo fails at the end when one does not."""
        self.promises.append((kept, text))
        self.say(f"{'ok  ' if kept else 'FAIL'} {text}")

    def run(self, command: str, *words: str, allowed: tuple[int, ...] = (0,)) -> dict[str, Any]:
        """Run `touchstone` or `touchstone-eval` with --json and give the object it prints last.

        Raises CommandFailed for another exit code. A line appears at least every ten seconds.
        """
        self.say("$ " + " ".join([command, *(_short(word) for word in words)]))
        environment = os.environ | self.env | {"TOUCHSTONE_HOME": str(self.home), "PYTHONUNBUFFERED": "1"}
        program = Path(sys.executable).parent / command
        process = subprocess.Popen([str(program), *words, "--json"], env=environment, text=True, encoding="utf-8",
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        said: list[str] = []
        listener = threading.Thread(target=self._relay, args=(process, said), daemon=True)
        listener.start()
        threading.Thread(target=self._beat, args=(process, words[0]), daemon=True).start()
        output = process.stdout.read() if process.stdout else ""
        code = process.wait()
        listener.join()
        with (self.folder / LOG).open("a", encoding="utf-8") as log:
            log.write(f"$ {command} {' '.join(words)}  -> {code}\n" + "".join(f"    {line}\n" for line in said) + output)
        if code not in allowed:
            tail = "\n".join([*said[-12:], *output.splitlines()[-5:]])
            raise CommandFailed(f"{command} {words[0]} ended with {code}\n{tail}")
        lines = output.strip().splitlines()
        return {"exit": code} | (json.loads(lines[-1]) if lines else {})

    def _beat(self, process: subprocess.Popen[str], word: str) -> None:
        """A line of our own where a command is silent for long."""
        while process.poll() is None:
            time.sleep(0.5)
            if time.monotonic() - self.spoken >= SILENCE_S and process.poll() is None:
                self.say(f"    {word} is still at work …")

    def _relay(self, process: subprocess.Popen[str], said: list[str]) -> None:
        """Pass a command's progress on, but not faster than a person reads."""
        spoken = 0.0
        for line in process.stderr or ():
            said.append(line.rstrip("\n"))
            if time.monotonic() - spoken >= SILENCE_S / 2:
                spoken = time.monotonic()
                self.say("    " + line.strip()[:140])

    def finish(self, files: list[Path]) -> int:
        seconds = time.monotonic() - self.started
        broken = [text for kept, text in self.promises if not kept]
        print("\n" + "\n".join(self.closing))
        print(f"\n{len(self.promises) - len(broken)} of {len(self.promises)} promises kept, {seconds:.0f} s. "
              f"{len(self.promises)} 项承诺，{len(self.promises) - len(broken)} 项成立，用时 {seconds:.0f} 秒。")
        for text in broken:
            print(f"  NOT KEPT 未成立: {text}")
        print("Open 打开:")
        for file in files:
            print(f"  {file.relative_to(Path.cwd()) if file.is_relative_to(Path.cwd()) else file}")
        return 1 if broken else 0


def _short(word: str) -> str:
    return word if len(word) < 60 else "…" + word[-50:]
