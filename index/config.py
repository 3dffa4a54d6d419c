"""The index's section of the settings; it is handed down, the environment is not read here."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class IndexConfig(BaseModel):
    """How articles are cut, embedded and searched.

    The first three fields decide what is stored: changing one of them asks for a rebuild.
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
    batch_size: int = Field(64, ge=1, le=1024, description="Passages embedded at once.")
    auto_build: bool = Field(
        True, description="Build the index at the first question when there is none yet."
    )
    lock_timeout: float = Field(
        0.0, ge=0, description="Seconds to wait for another rebuild before giving up."
    )
