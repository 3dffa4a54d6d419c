"""The index's section of the settings; it is handed down, the environment is not read here."""

from __future__ import annotations

from typing import Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator

CLOUD = "trychroma.com"
"""The domain of Chroma Cloud."""


class IndexConfig(BaseModel):
    """How articles are cut, embedded and searched.

    The first three fields and the address of a Chroma server decide what is stored and where: changing one of them
    asks for a rebuild.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    embedder: str = Field(
        "all-MiniLM-L6-v2",
        description="Embedding model: the packaged all-MiniLM-L6-v2, a folder, or a hub name (needs a reachable hub).",
    )
    passage_chars: int = Field(900, ge=200, le=4000, description="Longest passage, in characters.")
    overlap_sentences: int = Field(1, ge=0, le=3, description="Sentences that neighbouring passages share.")
    top_k: int = Field(12, ge=1, le=100, description="Passages that a search returns.")
    candidates: int = Field(
        60, ge=1, le=1000, description="Passages that each ranking contributes to the fusion."
    )
    rrf_k: int = Field(60, ge=1, description="Constant of reciprocal rank fusion.")
    batch_size: int = Field(
        32, ge=1, le=1024, description="Passages of usual length embedded at once; of short ones, more."
    )
    auto_build: bool = Field(
        True, description="Build the index at the first question when there is none yet."
    )
    lock_timeout: float = Field(
        0.0, ge=0, description="Seconds to wait for another rebuild before giving up."
    )
    engine: Literal["local", "ray"] = Field(
        "local", description="What embeds a rebuild: this process, or Ray workers (needs the extra ray)."
    )
    ray_address: str = Field("", description="A Ray cluster to join; empty: a local one for the while.")
    ray_workers: int = Field(0, ge=0, le=10_000, description="Models side by side; 0: one per two cores.")
    chroma_url: str = Field(
        "",
        description="A Chroma server, such as http://chroma:8000; empty: vectors lie beside the rest of the index.",
    )
    chroma_token: SecretStr = Field(
        SecretStr(""), description="Sent to that server as a bearer token and as x-chroma-token."
    )
    chroma_tenant: str = Field("default_tenant", min_length=1, description="Tenant on that server.")
    chroma_database: str = Field("default_database", min_length=1, description="Database of that tenant.")
    chroma_hybrid: bool | None = Field(
        None, description="Search with the server's own hybrid search; not set: if it is Chroma Cloud."
    )
    chroma_ca: str = Field(
        "", description="File with the certificates that vouch for an https server of one's own."
    )
    chroma_timeout: float = Field(30.0, gt=0, description="Seconds to wait for an answer of that server.")

    @field_validator("chroma_url")
    @classmethod
    def _address(cls, value: str) -> str:
        value = value.strip().rstrip("/")
        if not value:
            return ""
        parts = urlsplit(value)
        port = parts.port  # raises a ValueError when it is none
        if parts.scheme not in ("http", "https") or not parts.hostname or port == 0:
            raise ValueError("name the server as http://host:port or https://host:port")
        if parts.username is not None or parts.password is not None:
            raise ValueError("leave the password out of the address; set LAUNCH_INDEX__CHROMA_TOKEN")
        if parts.path or parts.query or parts.fragment:
            raise ValueError("nothing may follow the host and the port")
        return value

    @property
    def hybrid(self) -> bool:
        """Whether the server ranks words as well as vectors, which a Chroma server of one's own cannot."""
        host = urlsplit(self.chroma_url).hostname or ""
        if not host or self.chroma_hybrid is not None:
            return bool(host and self.chroma_hybrid)
        return host == CLOUD or host.endswith(f".{CLOUD}")
