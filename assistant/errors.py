"""Errors of answering; the root of the tree is in corpus/errors.py.

AssistantError
  QuestionError                   empty, or too long
  SettingsError                   a setting that cannot be
  EvidenceModelError              the evidence model is missing, altered or cannot be had
  ModelError                      a chat model failed
"""

from __future__ import annotations

from corpus.errors import LaunchError


class AssistantError(LaunchError):
    """A question could not be answered."""


class QuestionError(AssistantError):
    """The question is empty or too long."""


class SettingsError(AssistantError):
    """A setting has a value that cannot be used."""


class EvidenceModelError(AssistantError):
    """The evidence model is missing, altered or cannot be had."""


class ModelError(AssistantError):
    """The chat model failed; the answer falls back to quotes."""
