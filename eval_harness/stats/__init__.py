"""Pure statistics: distributions, intervals, tests, resampling, agreement. numpy and the standard library only."""
