"""One approved submission against one frozen set: predict, then unseal and score, then report and sign.

Started by hand or by a request row: `{"submission_id": "...", "dataset": "id@version"}`. A person types the same thing:
`touchstone model evaluate SUBMISSION --dataset D`. Only the evaluation's id passes between tasks.
"""
from __future__ import annotations

import datetime as dt

from airflow.sdk import dag, get_current_context, task


@dag(schedule=None, start_date=dt.datetime(2026, 1, 1, tzinfo=dt.UTC), catchup=False, tags=["evaluation"],
     params={"submission_id": "", "dataset": ""})
def evaluation_run() -> None:
    @task(retries=2, retry_delay=dt.timedelta(minutes=2))
    def predict() -> str:
        from dags.library import terminal_stops
        from governance import evaluations

        params = get_current_context()["params"]
        with terminal_stops(), evaluations.open_desk() as desk:
            evaluation_id = evaluations.start(desk, params["submission_id"], params["dataset"])
            evaluations.predict(desk, evaluation_id)
        return evaluation_id

    @task(retries=2, retry_delay=dt.timedelta(minutes=2))
    def score(evaluation_id: str) -> str:
        from dags.library import terminal_stops
        from governance import evaluations

        with terminal_stops(), evaluations.open_desk() as desk:
            evaluations.score(desk, evaluation_id)
        return evaluation_id

    @task(retries=2, retry_delay=dt.timedelta(minutes=2))
    def report(evaluation_id: str) -> str:
        from dags.library import terminal_stops
        from governance import evaluations

        with terminal_stops(), evaluations.open_desk() as desk:
            evaluations.report(desk, evaluation_id)
        return evaluation_id

    report(score(predict()))


DAG = evaluation_run()
