"""The folders of articles."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from corpus.errors import ArticleError, CorpusError, EmptyCorpusError
from corpus.models import Article, Launch, Skipped
from corpus.naming import LAUNCH_FILE, files_below, free_id, shown
from corpus.remembered import Remembering
from corpus.witnesses import one_each

if TYPE_CHECKING:
    from corpus.adding import AddReport
    from corpus.previewing import Preview
    from corpus.web import FetchPolicy

SHIPPED = Path(__file__).parent / "articles"


@dataclass(frozen=True, slots=True)
class Reading:
    """What a folder holds: its articles by id, and the files that are none, with the reasons."""

    articles: tuple[Article, ...]
    skipped: tuple[Skipped, ...]


class Library:
    """The articles of one launch: a folder, and beside it the folder of what users added.

    Args:
        folder: where the articles are; None for those that come with the product.
        added: where added articles are kept; need not exist.
    """

    def __init__(self, folder: Path | None = None, *, added: Path | None = None) -> None:
        self.folder = folder or SHIPPED
        self.added = added
        self._own = folder is not None

    def read(self, *, on_progress: Callable[[int, int], None] | None = None) -> Reading:
        """Read every file; one that cannot be read is skipped and named, the others are not affected.

        Args:
            on_progress: told (files read, files in all).

        Raises:
            EmptyCorpusError: no file is an article.
        """
        if not self.folder.is_dir():
            raise EmptyCorpusError(
                f"{self.folder} is not a folder. Set LAUNCH_CORPUS to a folder of .md and .txt files."
            )
        roots = {root: Remembering(root) for root in self._roots()}
        files = [(root, path) for root in roots for path in files_below(root)]
        articles: dict[str, Article] = {}
        names: dict[str, str] = {}
        skipped: list[Skipped] = []
        for count, (root, path) in enumerate(files, start=1):
            name = path.relative_to(root)
            try:
                article = roots[root].article(path, free_id(name, articles))
                articles[article.id] = article
                names[article.id] = shown(name)
            except ArticleError as exc:
                skipped.append(Skipped(shown(name), exc.reason))
            if on_progress:
                on_progress(count, len(files))
        for remembering in roots.values():
            remembering.keep()
        if not articles:
            why = "; ".join(f"{s.path}: {s.reason}" for s in skipped[:5])
            raise EmptyCorpusError(
                f"{self.folder} has no article that can be read{f' ({why})' if why else ''}. "
                "Put .md or .txt files there, or set LAUNCH_CORPUS to another folder."
            )
        kept, copies = one_each(self._with_publishers(articles))
        for copy, article in copies:
            skipped.append(Skipped(names[copy.id], f"it is a copy of {article.id}, which speaks for both"))
        return Reading(tuple(sorted(kept, key=lambda a: a.id)), tuple(skipped))

    def files(self) -> tuple[Path, ...]:
        """Every file that `read` would look at, articles or not; a folder that is missing has none."""
        return tuple(path for root in self._roots() for path in files_below(root))

    def articles(self) -> tuple[Article, ...]:
        """The articles, by id; see `read`."""
        return self.read().articles

    def launch(self) -> Launch:
        """What is known of the launch itself; a folder without launch.toml has a launch without a name.

        Raises:
            CorpusError: launch.toml cannot be read.
        """
        path = self.folder / LAUNCH_FILE if self._own else self.folder.parent / LAUNCH_FILE
        if not path.is_file():
            return Launch("")
        try:
            data = tomllib.loads(path.read_text("utf-8"))
        except (OSError, ValueError) as exc:
            raise CorpusError(f"{path}: cannot be read as TOML ({exc}). Mend it, or take it away.") from exc

        def strings(key: str) -> tuple[str, ...]:
            value = data.get(key, [])
            return tuple(str(v) for v in value) if isinstance(value, list) else ()

        return Launch(
            name=str(data.get("name", "")),
            aliases=strings("aliases"),
            company=str(data.get("company", "")),
            company_names=strings("company_names"),
            tagline=str(data.get("tagline", "")),
            example_questions=strings("example_questions"),
        )

    def add(
        self,
        *sources: str | Path,
        policy: FetchPolicy | None = None,
        on_progress: Callable[[int, int], None] | None = None,
    ) -> AddReport:
        """Add files, folders, web addresses, feeds and lists of addresses; see `corpus.adding.add`.

        Raises:
            CorpusError: this library takes no added articles, another process is adding, or the disk refuses.
        """
        from corpus.adding import add

        home = self._home()
        return add(sources, home=home, policy=policy, existing=_shipped(), on_progress=on_progress)

    def keep(self, preview: Preview) -> AddReport:
        """Add what `corpus.previewing.look` showed.

        Raises:
            CorpusError: see `add`.
        """
        from corpus.previewing import keep

        return keep(preview, home=self._home(), existing=_shipped())

    def takes_articles(self) -> bool:
        """Whether articles can be added to this library."""
        return self.added is not None and not self._own

    def added_on(self) -> dict[str, date]:
        """The added articles' ids, each with the day (UTC) on which its file was written last."""
        if not self.takes_articles():
            return {}
        from corpus.shelf import Shelf

        shelved = Shelf(self._home(), taken=_ids(_shipped())).read()
        return {i: datetime.fromtimestamp(k.path.stat().st_mtime, UTC).date() for i, k in shelved.items()}

    def remove(self, article_id: str) -> Path:
        """Take an added article away; returns where it is kept. `restore` brings it back.

        Raises:
            CorpusError: no added article has this id, or the disk refuses.
        """
        from corpus.adding import remove

        return remove(article_id, home=self._home(), existing=_shipped())

    def restore(self, article_id: str) -> Path:
        """Bring back the article of this id that was removed last; returns its file.

        Raises:
            CorpusError: there is none, the id is in use again, or the disk refuses.
        """
        from corpus.adding import restore

        return restore(article_id, home=self._home(), existing=_shipped())

    def _with_publishers(self, articles: dict[str, Article]) -> list[Article]:
        """The articles with the publishers of the copies that `add` met and did not keep."""
        known: dict[str, list[str]] = {}
        if self.takes_articles():
            from corpus.shelf import Shelf

            for copy in Shelf(self._home()).copies():
                known.setdefault(copy.article_id, []).append(copy.publisher)
        found = []
        for article in articles.values():
            also = dict.fromkeys([*article.also_published_by, *known.get(article.id, ())])
            names = tuple(name for name in also if name and name != article.publisher)
            found.append(replace(article, also_published_by=names) if names else article)
        return found

    def _home(self) -> Path:
        if self.added is None or not self.takes_articles():
            raise CorpusError(
                f"Articles cannot be added here. Put the files into {self.folder}, or take them out there."
            )
        return self.added.parent

    def _roots(self) -> Iterator[Path]:
        yield self.folder
        # Added articles belong to the shipped launch; a folder of one's own is added to by putting files there.
        if self.added and not self._own and self.added.is_dir():
            yield self.added


def _shipped() -> tuple[Article, ...]:
    """The articles that come with the product: beside them stands what users add."""
    return Library().articles()


def _ids(articles: tuple[Article, ...]) -> frozenset[str]:
    return frozenset(article.id for article in articles)
