"""One file a chapter: facts in, blocks out. The order of chapters stands in `eval_harness.report.compose`."""
