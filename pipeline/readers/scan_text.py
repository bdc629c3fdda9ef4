"""Pictures of single lines to text: the recognition network of rapidocr, run by onnxruntime on one thread.

Belongs here: the model, how a line is put before it, what its output says and how sure it is. Does not belong here: which
lines there are (``scan_lines``), which are worth reading twice (``scan_cells``).

The network alone is used, not rapidocr's pipeline: the grid says where text stands, so no detection is needed; padding
every crop to 320 pixels makes a lone 0 cost as much as a label; and only the raw output tells the second best reading.
"""

import importlib.util
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.document import UnreadableFile
from pipeline.readers.scan_extra import INSTALL
from pipeline.readers.scan_image import Grey
from pipeline.values import record

HEIGHT = 48
STEP = 8
"""The network looks at every 8 pixels."""
NARROWEST = 48
BATCH_WIDTH = 1600
"""Width of all crops of a batch together: batching saves no time, and this keeps memory low."""
BLANK = 0
BEAMS = 4
CHOICES = 4
UNLIKELY = 1e-4


@record
class LineReading:
    """What a line says: ``text`` with its probability, and other readings with theirs, likeliest first."""

    text: str
    confidence: float
    others: tuple[tuple[str, float], ...] = ()


@record
class _Network:
    session: Any
    characters: tuple[str, ...]
    folded: tuple[tuple[int, int], ...]


SAME = {
    **{chr(ord(digit) + 0xFEE0): digit for digit in "0123456789"},
    "O": "0", "o": "0", "〇": "0", "○": "0", "Ｏ": "0", "◯": "0",
    "．": ".", "，": ",", "－": "-", "−": "-", "–": "-", "―": "—", "＋": "+", "／": "/",
}  # fmt: skip
"""Characters that a cell of numbers does not tell apart: width, and the round ones that stand for 0."""


@cache
def _network() -> _Network:
    """Return the network, loaded once a process."""
    import onnxruntime

    spec = importlib.util.find_spec("rapidocr")
    folder = Path(spec.origin).parent / "models" if spec and spec.origin else Path()
    models = sorted(folder.glob("*_rec_*.onnx"))
    if not models:
        raise UnreadableFile("the installed rapidocr ships no recognition model: " + INSTALL)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = False
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(str(models[0]), options, providers=["CPUExecutionProvider"])
    listed = session.get_modelmeta().custom_metadata_map["character"].split("\n")
    width = session.get_outputs()[0].shape[-1]
    characters = ("", *listed, *" " * 2)[:width] if isinstance(width, int) else ("", *listed, " ")
    place = {character: index for index, character in reversed(list(enumerate(characters)))}
    folded = tuple((place[one], place[other]) for one, other in SAME.items() if one in place and other in place)
    return _Network(session, characters, folded)


def prepare(crop: Grey, squeeze: float = 1.0) -> NDArray[np.float32]:
    """Return a crop of a line as the network wants it: 48 high, -1 (ink) to 1, white to a multiple of 8 in width."""
    width = max(round(crop.shape[1] * HEIGHT / crop.shape[0] * squeeze), STEP)
    how = cv2.INTER_AREA if crop.shape[0] > HEIGHT else cv2.INTER_CUBIC
    scaled = cv2.resize(crop, (width, HEIGHT), interpolation=how).astype(np.float32) / 127.5 - 1
    whole = max(-(-width // STEP) * STEP, NARROWEST)
    framed = np.ones((HEIGHT, whole), np.float32)
    left = (whole - width) // 2
    framed[:, left : left + width] = scaled
    return framed


def read_lines(pictures: Sequence[NDArray[np.float32]], *, numbers: bool) -> list[LineReading]:
    """Return what prepared lines say; ``numbers`` folds what a cell of numbers does not tell apart and looks for others."""
    result: list[LineReading | None] = [None] * len(pictures)
    for batch in _batches([picture.shape[1] for picture in pictures]):
        for index, output in zip(batch, _run([pictures[index] for index in batch]), strict=True):
            result[index] = _read_numbers(output) if numbers else _read_words(output)
    return [reading for reading in result if reading is not None]


def _batches(widths: Sequence[int]) -> Iterable[list[int]]:
    """Yield the places of lines by batches of like width."""
    batch: list[int] = []
    for index in sorted(range(len(widths)), key=widths.__getitem__):
        if batch and (widths[index] != widths[batch[0]] or len(batch) * widths[index] >= BATCH_WIDTH):
            yield batch
            batch = []
        batch.append(index)
    if batch:
        yield batch


def _run(pictures: list[NDArray[np.float32]]) -> NDArray[np.float32]:
    stacked = np.repeat(np.stack(pictures)[:, None], 3, axis=1)
    session = _network().session
    output: NDArray[np.float32] = session.run(None, {session.get_inputs()[0].name: stacked})[0]
    return output


def _read_words(output: NDArray[np.float32]) -> LineReading:
    """Return the likeliest character of every step; the confidence is that of the worst character."""
    characters = _network().characters
    best = output.argmax(axis=1)
    sure = output[np.arange(len(best)), best]
    starts = np.flatnonzero((best != BLANK) & (best != np.concatenate(([BLANK], best[:-1]))))
    text = "".join(characters[best[at]] for at in starts)
    worst = 1.0
    for at in starts:
        stop = at
        while stop < len(best) and best[stop] == best[at]:
            stop += 1
        worst = min(worst, float(sure[at:stop].max()))
    return LineReading(text, worst if text else 0.0)


def _read_numbers(output: NDArray[np.float32]) -> LineReading:
    """Return the likeliest readings of a short line, with the probability of each over all its alignments."""
    network = _network()
    output = output.copy()
    for one, other in network.folded:
        output[:, other] += output[:, one]
        output[:, one] = 0
    beams: dict[tuple[int, ...], tuple[float, float]] = {(): (1.0, 0.0)}
    for step in output:
        beams = _extended(beams, step)
    ranked = sorted(((ends + goes, text) for text, (ends, goes) in beams.items()), reverse=True)
    texts = [("".join(network.characters[index] for index in text), min(chance, 1.0)) for chance, text in ranked]
    return LineReading(texts[0][0], texts[0][1], tuple(texts[1:]))


def _extended(beams: dict[tuple[int, ...], tuple[float, float]], step: NDArray[np.float32]) -> dict[Any, Any]:
    """Return the likeliest beginnings after one more step: (chance of ending in a blank, in its last character)."""
    likely = [int(index) for index in np.argpartition(step, -CHOICES)[-CHOICES:] if step[index] > UNLIKELY]
    grown: dict[tuple[int, ...], list[float]] = {}
    for text, (blank, last) in beams.items():
        same = grown.setdefault(text, [0.0, 0.0])
        same[0] += (blank + last) * float(step[BLANK])
        if text:
            same[1] += last * float(step[text[-1]])
        for index in likely:
            if index == BLANK:
                continue
            other = grown.setdefault((*text, index), [0.0, 0.0])
            other[1] += float(step[index]) * (blank if text and index == text[-1] else blank + last)
    ranked = sorted(grown.items(), key=lambda item: -sum(item[1]))[: 2 * BEAMS]
    return {text: (chances[0], chances[1]) for text, chances in ranked}
