"""The locked plan: what is tested against what, with which sample size, and claims that carry their doubt."""
