"""The settings, and the only place that reads the environment.

Variables start with LAUNCH_; sections nest with two underscores: LAUNCH_HOME, LAUNCH_CORPUS, LAUNCH_INDEX__TOP_K,
LAUNCH_CHAT__MODEL. A name that no section knows is refused.
"""

from __future__ import annotations

import hashlib
import ipaddress
import os
import re
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import platformdirs
from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from assistant.errors import SettingsError
from index.config import IndexConfig

if TYPE_CHECKING:
    from corpus.web import FetchPolicy

# Privacy: nothing is reported to anybody. Set before the libraries are imported, and only where the user said
# nothing else, so that a user who wants telemetry or a hub can have it.
QUIET_ENVIRONMENT = {
    "ANONYMIZED_TELEMETRY": "False",
    "GRADIO_ANALYTICS_ENABLED": "False",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "DO_NOT_TRACK": "1",
    "HF_HUB_OFFLINE": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "LANGCHAIN_TRACING_V2": "false",
    "LANGSMITH_TRACING": "false",
    "TOKENIZERS_PARALLELISM": "false",
}


class EvidenceConfig(BaseModel):
    """The model that says whether a sentence answers a question."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    model: str = Field(
        "built-in",
        description='"built-in", "heuristic", or a cross-encoder: a folder, or a hub name (needs a reachable hub).',
    )


class ChatConfig(BaseModel):
    """The chat model that writes answers; without one the assistant quotes."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    model: str = Field(
        "", description='As LangChain names it: "openai:gpt-...", "anthropic:...", "ollama:..."; "": quote.'
    )
    base_url: str = Field("", description="Address of an OpenAI-compatible server.")
    api_key: SecretStr = Field(SecretStr(""), description="Key for the provider; its own variable works too.")
    temperature: float = Field(0.0, ge=0, le=2)
    max_tokens: int = Field(600, ge=16, le=8192)
    timeout: float = Field(60.0, gt=0, description="Seconds for a whole answer.")
    retries: int = Field(2, ge=0, le=6, description="Further tries after a failure.")
    verify: bool = Field(
        True, description="Check every sentence before it is shown. Off is for comparison only."
    )


_OWN_PATHS = (
    *(
        "api",
        "assets",
        "config",
        "gradio_api",
        "healthz",
        "launch-assets",
        "metrics",
        "monitoring",
        "openapi.json",
    ),
    *("readyz", "static", "svelte", "theme.css"),
)


class FetchConfig(BaseModel):
    """What may be fetched from the web when articles are added."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    allow_private: bool = Field(False, description="Take addresses of this machine and private networks too.")
    max_bytes: int = Field(10_000_000, ge=10_000, le=100_000_000, description="Most bytes of a page.")
    timeout: float = Field(30.0, gt=0, le=600, description="Seconds for a page with its redirects.")
    max_redirects: int = Field(5, ge=0, le=20)
    honour_robots: bool = Field(True, description="Fetch nothing that a site's robots.txt closes.")
    pause: float = Field(1.0, ge=0, le=60, description="Seconds between two pages of one host.")

    def policy(self) -> FetchPolicy:
        """The same for the fetcher."""
        from corpus.web import FetchPolicy

        return FetchPolicy(**self.model_dump())


class ServeConfig(BaseModel):
    """The web page."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    host: str = Field("127.0.0.1", description="Address to listen on.")
    port: int = Field(7860, ge=1, le=65535)
    root_path: str = Field(
        "", description="Path prefix behind a proxy, such as /news; whether the proxy takes it off or not."
    )
    concurrency: int = Field(4, ge=1, le=64, description="Questions answered at once.")
    max_waiting: int = Field(
        200, ge=0, le=10_000, description="Questions that may wait; more are turned away."
    )
    per_minute: int = Field(
        60, ge=0, description="Questions a minute for each user, or each address but loopback; 0: no limit."
    )
    stop_seconds: float = Field(
        30.0, ge=0, description="How long stopping waits for the answers that are under way."
    )
    suggestions: int = Field(3, ge=0, le=6, description="Further questions offered under an answer; 0: none.")
    auth: Path | None = Field(
        None, description="File of users, a line each as launch-assistant passwd prints."
    )
    user_header: str = Field("", description="Header in which a trusted proxy names the user.")
    proxies: tuple[str, ...] = Field(
        ("127.0.0.1", "::1"),
        description="Addresses or networks of the proxies that are believed when they name the user or the reader's address.",
    )
    curators: tuple[str, ...] = Field(
        (), description="Users named by the header who may change the articles."
    )
    hosts: tuple[str, ...] = Field(
        (), description="Host names under which the page is reached without users."
    )
    mcp: bool = Field(False, description="Offer /ask as a tool to MCP clients, at /gradio_api/mcp/.")
    exposed: bool = Field(False, description="Listen beyond this computer though nobody has to log in.")

    @field_validator("root_path")
    @classmethod
    def _prefix(cls, value: str) -> str:
        path = f"/{value.strip('/')}" if value.strip("/") else ""
        if not re.fullmatch(r"(/[\w~-][\w.~-]*)*", path, re.ASCII):
            raise ValueError("give a path such as /news, without a host")
        if path.split("/")[1:2] in ([name] for name in _OWN_PATHS):
            raise ValueError(f"{path} is an address of the server's own: take another prefix")
        return path

    @field_validator("proxies")
    @classmethod
    def _networks(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for proxy in value:
            try:
                ipaddress.ip_network(proxy, strict=False)
            except ValueError:
                raise ValueError(
                    f"{proxy!r} is neither an address nor a network such as 172.16.0.0/12"
                ) from None
        return value


class Settings(BaseSettings):
    """Everything that can be set."""

    model_config = SettingsConfigDict(
        env_prefix="LAUNCH_", env_nested_delimiter="__", env_ignore_empty=True, extra="ignore", frozen=True
    )

    home: Path = Field(
        default_factory=lambda: Path(platformdirs.user_data_dir("launch-assistant", appauthor=False)),
        description="Where the index and added articles live.",
    )
    corpus: Path | None = Field(None, description="Folder of articles that replaces the shipped ones.")
    max_question_chars: int = Field(2000, ge=10, le=20000)
    history_turns: int = Field(
        12, ge=0, le=50, description="Messages of a conversation that a follow-up may refer to."
    )
    index: IndexConfig = IndexConfig()
    evidence: EvidenceConfig = EvidenceConfig()
    chat: ChatConfig = ChatConfig()
    serve: ServeConfig = ServeConfig()
    fetch: FetchConfig = FetchConfig()

    @field_validator("home", "corpus")
    @classmethod
    def _absolute(cls, value: Path | None) -> Path | None:
        return value.expanduser().absolute() if value is not None else None

    @cached_property
    def index_home(self) -> Path:
        """The folder of this corpus's index; each corpus has its own, so that switching back costs nothing."""
        if self.corpus is None:
            return self.home / "index" / "shipped"
        key = hashlib.sha256(str(self.corpus.resolve()).encode("utf-8", "surrogateescape")).hexdigest()[:12]
        return self.home / "index" / f"folder-{key}"

    @property
    def articles_home(self) -> Path:
        """The folder of articles that users added."""
        return self.home / "articles"


def load_settings() -> Settings:
    """The settings from the environment.

    Raises:
        SettingsError: a value cannot be used, or a section has no such name.
    """
    try:
        return Settings()
    except ValidationError as exc:
        lines = [f"LAUNCH_{'__'.join(str(p) for p in e['loc']).upper()}: {e['msg']}" for e in exc.errors()]
        raise SettingsError("Settings that cannot be used:\n  " + "\n  ".join(lines)) from None


def unknown_variables() -> tuple[str, ...]:
    """LAUNCH_ variables that no setting reads: most likely typing errors."""
    known = {f"LAUNCH_{name.upper()}" for name in Settings.model_fields}
    return tuple(
        sorted(
            name
            for name in os.environ
            if name.startswith("LAUNCH_") and name not in known and name.split("__", 1)[0] not in known
        )
    )


def quiet_libraries() -> None:
    """Turn off telemetry, analytics, tracing and hub look-ups of the libraries used, unless the user set them."""
    for name, value in QUIET_ENVIRONMENT.items():
        os.environ.setdefault(name, value)
