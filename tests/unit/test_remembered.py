"""A memory asks once, forgets when it is full, and never keeps what it is told not to."""

from pipeline.remembered import Remembered


def test_what_is_kept_is_worked_out_once_and_the_rest_each_time() -> None:
    asked: list[str] = []

    def work_out(text: str) -> int:
        asked.append(text)
        return len(text)

    memory = Remembered(work_out, 2, lambda text: len(text) < 4)
    assert [memory[text] for text in ("a", "a", "long", "long", "b", "c", "a")] == [1, 1, 4, 4, 1, 1, 1]
    assert asked == ["a", "long", "long", "b", "c", "a"]
