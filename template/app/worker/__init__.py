"""Work that a request starts and does not wait for, and work that a clock starts.

A feature declares tasks (`task.py`) and enqueues them (`enqueue.py`). What carries them stands in
`broker.py` and what `lifespan.py` opens of it, and nowhere else.
"""
