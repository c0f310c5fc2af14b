"""Read the vocabulary of a SentencePiece model.

The library of that name is not used: its wheel ends the process at times when torch, built otherwise, is loaded beside
it. Of the file, which is a protocol buffer, the pieces are all that is needed: each residue is one.
Source: sentencepiece_model.proto of github.com/google/sentencepiece; the encoding: protobuf.dev.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

_PIECES, _TEXT = 1, 1  # numbers of fields: the pieces of a model, the text of a piece
_VARINT, _EIGHT, _BYTES, _FOUR = 0, 1, 2, 5  # how a field is written


def pieces_of(path: Path) -> dict[str, int]:
    """Return the ids of all pieces, which are their places; raises ValueError for a file of another kind."""
    pieces: list[str] = []
    for number, content in _fields(path.read_bytes()):
        if number == _PIECES:
            texts = [text for inner, text in _fields(content) if inner == _TEXT]
            pieces.append(texts[0].decode("utf-8"))
    if not pieces:
        raise ValueError(f"{path.name} holds no vocabulary")
    return {piece: place for place, piece in enumerate(pieces)}


def _fields(message: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield number and content of each field that is text or a message; pass over numbers."""
    place = 0
    while place < len(message):
        key, place = _varint(message, place)
        number, how = key >> 3, key & 7
        if how == _VARINT:
            _, place = _varint(message, place)
        elif how in (_EIGHT, _FOUR):
            place += 8 if how == _EIGHT else 4
        elif how == _BYTES:
            size, place = _varint(message, place)
            yield number, message[place : place + size]
            place += size
        else:
            raise ValueError("not a SentencePiece model")
    if place > len(message):
        raise ValueError("a SentencePiece model that ends in the middle")


def _varint(message: bytes, place: int) -> tuple[int, int]:
    """Return a number and where it ends: seven bits a byte, the lowest first, the eighth says that more follow."""
    value = shift = 0
    while place < len(message):
        byte = message[place]
        value |= (byte & 127) << shift
        place, shift = place + 1, shift + 7
        if byte < 128:
            return value, place
    raise ValueError("a SentencePiece model that ends in the middle")
