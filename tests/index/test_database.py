"""A segment's database is looked through by its bytes, and row by row only where those changed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from index import database
from index.errors import IndexDamagedError
from index.store import DATABASE, VectorStore


def sealed(folder: Path, count: int = 300) -> VectorStore:
    store = VectorStore(folder)
    store.create(expected=count)
    vectors = np.eye(count, dtype=np.float32)
    store.add(
        [f"p{n}" for n in range(count)], vectors, [{"article": "a", "published": n} for n in range(count)]
    )
    store.seal({"a": ("digest", count)})
    return store


def test_openings_leave_the_pages_that_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = sealed(tmp_path / "segment")
    monkeypatch.setattr(VectorStore, "_check_rows", lambda *_: pytest.fail("every row was looked at"))
    for _ in range(20):
        store.warm()
        store.close()
        store.check_closely()


def test_a_database_at_rest_is_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = sealed(tmp_path / "segment")
    store.check_closely()
    monkeypatch.setattr("index.store.parts_as_sealed", lambda *_: pytest.fail("it was read again"))
    monkeypatch.setattr(VectorStore, "_collection", lambda *_: pytest.fail("it was opened"))
    store.check_closely()


def test_a_database_that_was_only_opened_is_not_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = sealed(tmp_path / "segment")
    store.check_closely()
    store.warm()
    store.close()
    with monkeypatch.context() as patched:
        patched.setattr(VectorStore, "check", lambda *_: pytest.fail("its rows were counted"))
        store.check_closely()
    with (tmp_path / "segment" / DATABASE).open("r+b") as file:
        file.write(b"\0" * 16)
    with pytest.raises(IndexDamagedError):
        store.check_closely()


@pytest.mark.parametrize("restless", [(), (1,), (2, 3), (4,), (1, 2, 3, 4), (9,)])
def test_pages_between_restless_ones_are_summed(tmp_path: Path, restless: tuple[int, ...]) -> None:
    path = tmp_path / "database"
    content = bytearray(np.random.default_rng(0).bytes(5 * database.PAGE))
    content[28:32] = (5).to_bytes(4, "big")
    path.write_bytes(content)
    same = database.Database(5, restless, *database._sums(path, 5, frozenset(restless)), 0)
    for page in range(5):
        altered = bytearray(content)
        altered[page * database.PAGE + 200] ^= 1
        path.write_bytes(altered)
        first, rest = database.parts_as_sealed(path, same)
        assert first == (page != 0)
        assert rest == (page == 0 or page in restless)
    path.write_bytes(content[: 4 * database.PAGE])
    assert database.parts_as_sealed(path, same) == (False, False)
    grown = bytearray(content + b"y" * database.PAGE)
    path.write_bytes(grown)
    assert database.parts_as_sealed(path, same) == (False, True)  # by its own word it has five
    grown[28:32] = (6).to_bytes(4, "big")
    path.write_bytes(grown)
    assert database.parts_as_sealed(path, same) == (True, True)


@pytest.mark.parametrize("place", [*range(24, 40), *range(92, 96)])
def test_what_readers_cannot_open_a_rebuild_does_not_take_for_whole(tmp_path: Path, place: int) -> None:
    store = sealed(tmp_path / "segment")
    whole = (tmp_path / "segment" / DATABASE).read_bytes()
    for bit in range(8):
        altered = bytearray(whole)
        altered[place] ^= 1 << bit
        (tmp_path / "segment" / DATABASE).write_bytes(altered)
        try:
            VectorStore(store.folder).check_closely()
        except IndexDamagedError:
            continue
        VectorStore(store.folder).check()


def test_other_bytes_are_no_damage_while_the_rows_are_right(tmp_path: Path) -> None:
    # Another version of Chroma may add to its database; that must not cost the vectors.
    store = sealed(tmp_path / "segment")
    store._collection().modify(metadata={"noted": "later"})
    store.close()
    assert database.parts_as_sealed(tmp_path / "segment" / DATABASE, store.check().database) != (True, True)  # type: ignore[arg-type]
    store.check_closely()


def test_another_row_is_damage(tmp_path: Path) -> None:
    store = sealed(tmp_path / "segment")
    store._collection().update(ids=["p7"], metadatas=[{"article": "a", "published": 8}])
    store.close()
    with pytest.raises(IndexDamagedError):
        store.check_closely()
