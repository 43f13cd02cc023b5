"""Looks into the file of an ONNX graph, before anything runs it, for what a graph must not hold.

onnxruntime would open the files that an outside initialiser names. The format is that of protocol
buffers (protobuf.dev, Encoding); the numbers of fields are those of `onnx.proto3`. To read them
here needs neither the onnx package nor what it needs.
"""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from ..errors import BundleError

DEPTH = 20  # of graphs in graphs
VARINT, LONG, BYTES, INT = 0, 1, 2, 5  # how a field is written
Data = memoryview


class Kind(NamedTuple):
    """What a message may hold: the kinds of the fields to look into, and those to refuse."""

    inside: Mapping[int, str] = {}
    refused: Mapping[int, str] = {}


OWN = "operators of its own"
SPARSE = "sparse numbers"
KINDS = {
    "model": Kind({7: "graph", 8: "opset"}, {20: "training", 25: OWN}),
    "opset": Kind(refused={1: OWN}),
    "graph": Kind({1: "node", 5: "tensor"}, {15: SPARSE}),
    "node": Kind({5: "attribute"}, {7: OWN}),
    "attribute": Kind(
        {5: "tensor", 6: "graph", 10: "tensor", 11: "graph"}, {22: SPARSE, 23: SPARSE}
    ),
    "tensor": Kind(refused={13: "numbers in other files", 14: "numbers in other files"}),
}
METADATA = 14  # of a model


def read_metadata(data: bytes) -> dict[str, str]:
    """Return the words that a graph carries beside it, once all of it has been looked through.

    Raises:
        BundleError: for what is no graph, is cut off, or holds more than numbers and the
            operators of ONNX.
    """
    try:
        _look(Data(data), "model")
        pairs = (dict(_fields(m)) for n, m in _fields(Data(data)) if n == METADATA)
        return {_text(pair[1]): _text(pair.get(2, b"")) for pair in pairs}
    except (IndexError, KeyError, TypeError, UnicodeDecodeError):
        raise BundleError("it is damaged, cut off, or no ONNX graph") from None


def _look(message: Data, name: str, depth: int = 0) -> None:
    kind = KINDS[name]
    if depth > DEPTH:
        raise BundleError("it holds graphs in graphs, more than any export")
    for number, value in _fields(message):
        if number in kind.refused and value:  # what is empty or 0 is not there
            raise BundleError(f"it holds {kind.refused[number]}, which no export of ours does")
        if number in kind.inside:
            _look(value, kind.inside[number], depth + 1)


def _fields(message: Data) -> Iterator[tuple[int, Any]]:
    """Yield number and value of each field; numbers as they are, all else as bytes."""
    at = 0
    while at < len(message):
        key, at = _varint(message, at)
        if key >> 32:  # others would cut it off, and see another number
            raise IndexError
        number, how = key >> 3, key & 7
        if how == VARINT:
            value, at = _varint(message, at)
            yield number, value
            continue
        if how == BYTES:
            size, at = _varint(message, at)
        else:
            size = {LONG: 8, INT: 4}[how]
        if at + size > len(message):
            raise IndexError
        yield number, message[at : at + size]
        at += size


def _varint(message: Data, at: int) -> tuple[int, int]:
    """Return a number, and where the next thing begins."""
    found = 0
    for i in range(10):
        byte = message[at + i]
        found |= (byte & 127) << 7 * i
        if byte < 128:
            return found, at + i + 1
    raise IndexError


def _text(value: Any) -> str:
    return bytes(value).decode("utf-8")
