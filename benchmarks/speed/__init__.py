"""Named workloads, each with inputs from a seed and a limit or a peer, and how they are timed.

``workload`` says what a workload is and ``catalogue`` lists all of them; ``timing`` measures one,
``children`` has each measured in processes of its own; ``history`` keeps the records and
``comparing`` reads two of them. The command is ``benchmarks/run.py``.
"""
