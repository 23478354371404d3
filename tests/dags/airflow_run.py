"""Runs one DAG with `dag.test()` in a process of its own and prints, as the last line, what became of every task.

    python tests/dags/airflow_run.py MODULE [CONF_JSON]
"""
from __future__ import annotations

import importlib
import json
import sys


def main() -> int:
    from airflow.utils.db import initdb

    initdb()
    dag = importlib.import_module(sys.argv[1]).DAG
    run = dag.test(run_conf=json.loads(sys.argv[2]) if len(sys.argv) > 2 else None)
    tasks = [{"task": one.task_id, "map_index": one.map_index, "state": str(one.state), "tries": one.try_number, "pool": one.pool}
             for one in run.get_task_instances()]
    print(json.dumps({"state": str(run.state), "tasks": tasks}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
