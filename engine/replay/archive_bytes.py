"""The bytes of an archive file, whatever it is compressed with, in blocks."""

import gzip
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO, Final

import zstandard

from engine.model.errors import ArchiveError

BLOCK: Final = 1 << 20
BOM: Final = b"\xef\xbb\xbf"
_GZIP: Final = b"\x1f\x8b"
_ZSTD: Final = b"\x28\xb5\x2f\xfd"
# Three bytes of a zstd frame can stand for 128 kB; this much of one is never more than 32 MB.
_ZSTD_SIP: Final = 1 << 10

Progress = Callable[[int], None]


def read_blocks(path: Path, progress: Progress) -> Iterator[bytes]:
    """
    Yield the decompressed bytes of a file in blocks of about 1 MB, without a UTF-8 byte order mark.

    What it is compressed with is told by its first bytes. progress: called with the bytes of the
    file used so far, compressed, before each block.
    Raises: ArchiveError.
    """
    try:
        with path.open("rb") as file:
            yield from _without_bom(_opened(file, path, progress))
    except FileNotFoundError as e:
        raise ArchiveError("archive_not_found", f"there is no file {path}", "check the path") from e
    except (gzip.BadGzipFile, zlib.error) as e:
        raise ArchiveError("archive_bad_gzip", f"{path.name} is damaged: {e}", "compress or download it again") from e
    except OSError as e:
        raise ArchiveError("archive_unreadable", f"{path} cannot be read: {e.strerror}", "check its permissions") from e


def is_compressed(path: Path) -> bool:
    """Whether a file is compressed with something we read."""
    with path.open("rb") as file:
        return file.read(4).startswith((_GZIP, _ZSTD))


def _opened(file: BinaryIO, path: Path, progress: Progress) -> Iterator[bytes]:
    magic = file.read(4)
    file.seek(0)
    if not magic:
        raise ArchiveError("archive_empty", f"{path.name} holds nothing", "export the channel again")
    if magic.startswith(_GZIP):
        return _gunzipped(file, path, progress)
    if magic == _ZSTD:
        return _unzstandard(file, path, progress)
    _refuse_other_than_named(path, magic)
    return _plain(file, progress)


def _refuse_other_than_named(path: Path, magic: bytes) -> None:
    for suffix, expected, code in ((".gz", _GZIP, "archive_bad_gzip"), (".zst", _ZSTD, "archive_bad_zstd")):
        if path.suffix.lower() != suffix:
            continue
        if expected.startswith(magic):
            raise _cut_short(path)
        raise ArchiveError(code, f"{path.name} is not compressed as its name says", f"take {suffix} off its name")


def _plain(file: BinaryIO, progress: Progress) -> Iterator[bytes]:
    while block := file.read(BLOCK):
        progress(file.tell())
        yield block


def _gunzipped(file: BinaryIO, path: Path, progress: Progress) -> Iterator[bytes]:
    try:
        with gzip.GzipFile(fileobj=file) as unzipped:
            while block := unzipped.read(BLOCK):
                progress(file.tell())
                yield block
    except EOFError as e:
        raise _cut_short(path) from e


def _unzstandard(file: BinaryIO, path: Path, progress: Progress) -> Iterator[bytes]:
    # Not `stream_reader`: it takes a frame that is cut short for a whole one.
    frame = zstandard.ZstdDecompressor().decompressobj()
    gathered = bytearray()
    try:
        while sip := file.read(_ZSTD_SIP):
            while sip:
                if frame.eof:
                    frame = zstandard.ZstdDecompressor().decompressobj()
                gathered += frame.decompress(sip)
                sip = frame.unused_data
            if len(gathered) >= BLOCK:
                progress(file.tell())
                yield bytes(gathered)
                gathered.clear()
    except zstandard.ZstdError as e:
        raise ArchiveError("archive_bad_zstd", f"{path.name} is damaged: {e}", "compress or download it again") from e
    if gathered:
        progress(file.tell())
        yield bytes(gathered)
    if not frame.eof:
        raise _cut_short(path)


def _cut_short(path: Path) -> ArchiveError:
    return ArchiveError(
        "archive_truncated",
        f"{path.name} ends in the middle of its compressed data",
        "compress or download it again",
    )


def _without_bom(blocks: Iterator[bytes]) -> Iterator[bytes]:
    head = b""
    for block in blocks:
        head += block
        if len(head) >= len(BOM):
            yield head.removeprefix(BOM)
            yield from blocks
            return
    if not BOM.startswith(head):
        yield head
