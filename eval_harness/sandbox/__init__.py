"""Where hostile code runs: one interface, backends proved by a self-test, limits counted from outside.

Start at base.py and choose.py. Nothing is imported here: every sandbox passes through this package before its doors close,
and what it does not need would cost each start a third of its time and stay within the model's reach.
"""
