"""One writer at a time: across processes, and across threads of one."""

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from pipeline.home import Home
from pipeline.home_lock import hold_home
from warehouse.errors import StorageFailed

HOLD = """
import sys
from pathlib import Path
from pipeline.home import Home
from pipeline.home_lock import hold_home
with hold_home(Home(Path(sys.argv[1]))):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_who_holds_the_home_may_take_it_again(tmp_path: Path) -> None:
    with hold_home(Home(tmp_path)), hold_home(Home(tmp_path)):
        pass
    with hold_home(Home(tmp_path)):
        pass


def test_another_process_waits_and_is_told_and_a_kill_frees_the_home(tmp_path: Path) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[2],
    )
    assert holder.stdout is not None
    assert holder.stdin is not None
    assert holder.stdout.readline() == b"held\n"
    told = threading.Event()
    entered = threading.Event()

    def take() -> None:
        with hold_home(Home(tmp_path), on_wait=told.set):
            entered.set()

    waiter = threading.Thread(target=take)
    waiter.start()
    assert told.wait(30)
    assert not entered.is_set()
    holder.kill()
    holder.wait()
    holder.stdout.close()
    holder.stdin.close()
    assert entered.wait(30), "the lock outlived its holder"
    waiter.join()


def test_threads_take_turns(tmp_path: Path) -> None:
    inside: list[int] = []
    most: list[int] = []

    def take() -> None:
        for _ in range(20):
            with hold_home(Home(tmp_path)):
                inside.append(1)
                most.append(len(inside))
                inside.pop()

    threads = [threading.Thread(target=take) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert max(most) == 1
    assert len(most) == 80


def test_a_home_that_cannot_be_written_is_told_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(StorageFailed, match="cannot be written"), hold_home(Home(tmp_path / "file" / "home")):
        pass
