"""Documents made for tests and benchmarks, with known truth: what stands in them (``made``), and how each kind prints it."""
