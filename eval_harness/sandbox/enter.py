"""First code inside a sandbox: set limits, then either run our ONNX runner behind closed doors or become the vendor's program.

Started as `python -I -c "...; enter.main()" JSON [-- program arguments]`. JSON: {"rlimits", "readable", "lock", "parent"}.
lock: "single" (Landlock + one-process filter, our runner) · "shared" (vendor's program under bubblewrap) · "none" (practice).
"""
from __future__ import annotations

import json
import os
import sys
from typing import Any


def main(argv: list[str]) -> None:
    order: dict[str, Any] = json.loads(argv[0])
    from eval_harness.sandbox import bpf, lockdown

    if order.get("parent") is not None:
        lockdown.die_with_parent(order["parent"] or None)

    def close() -> dict[str, Any]:
        closed: dict[str, Any] = {"lock": order["lock"]}
        lockdown.limit_resources(order["rlimits"])
        if order["lock"] == "none":
            return closed
        lockdown.no_new_privileges()
        if order["lock"] == "single":
            closed["landlock_abi"] = lockdown.landlock(order.get("readable", [])) if lockdown.landlock_abi() else 0
            lockdown.seccomp(bpf.single_process_filter(os.getpid()))
        else:
            lockdown.seccomp(bpf.shared_filter())
        return closed

    if "--" in argv:
        program = argv[argv.index("--") + 1:]
        close()
        os.execv(program[0], program)
    elif order.get("module") == "attempts":
        from eval_harness.sandbox import attempts

        attempts.main(order, close)
    else:
        from eval_harness.inference.serve import serve

        serve(close)


if __name__ == "__main__":
    main(sys.argv[1:])
