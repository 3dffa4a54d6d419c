"""Sums: of every file once, and again as soon as it may be another one."""

from __future__ import annotations

import os
import time
import zlib
from pathlib import Path
from types import SimpleNamespace

import pytest

from corpus import stamps
from index import integrity
from index.integrity import bytes_sum, file_sum, first_damaged, folder_sums


@pytest.fixture
def summed(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The lengths of the blocks that were summed."""
    lengths: list[int] = []

    def crc32(block: bytes, value: int = 0) -> int:
        lengths.append(len(block))
        return zlib.crc32(block, value)

    monkeypatch.setattr(integrity, "zlib", SimpleNamespace(crc32=crc32))
    return lengths


def test_a_file_at_rest_is_summed_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, summed: list[int]
) -> None:
    monkeypatch.setattr(stamps, "SETTLED", 0)
    path = tmp_path / "file"
    path.write_bytes(b"0123456789")
    time.sleep(0.05)
    assert file_sum(path) == file_sum(path) == bytes_sum(b"0123456789")
    assert summed == [10, 10]  # the second is of bytes_sum
    assert first_damaged(tmp_path, folder_sums(tmp_path)) is None
    assert summed == [10, 10]


def test_a_file_changed_in_place_is_summed_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stamps, "SETTLED", 0)
    path = tmp_path / "file"
    path.write_bytes(b"0123456789")
    time.sleep(0.05)
    sums, before = folder_sums(tmp_path), path.stat()
    # Of the same size, at the same place, and dated back: as a restored or a failing disk may do it.
    with path.open("r+b") as file:
        file.write(b"x")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert path.stat().st_ino == before.st_ino
    assert first_damaged(tmp_path, sums) == "file"
    path.unlink()
    assert first_damaged(tmp_path, sums) == "file"


def test_a_file_that_was_just_written_is_not_taken_for_known(tmp_path: Path, summed: list[int]) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"0123456789")
    file_sum(path)
    file_sum(path)
    assert summed == [10, 10]
