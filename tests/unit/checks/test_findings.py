"""What the asset check on findings tells beside its counts."""

import polars as pl

from checks.findings import trend


def test_the_trend_tells_checks_that_fail_or_failed():
    frame = trend(["a.x", "a.y", "a.z"], {"a.x": 3}, [(4, {"a.x": 1}), (7, {"a.y": 2})])
    expected = {"check": ["a.x", "a.y"], "load 4": [1, 0], "load 7": [0, 2], "now": [3, 0]}
    assert frame.equals(pl.DataFrame(expected))
