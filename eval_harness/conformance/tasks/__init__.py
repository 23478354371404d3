"""One file a task of reference cases: `compute(case)` gives the values under the names the case uses."""
