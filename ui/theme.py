"""The look: Gradio's own components on our few tokens, which assets/page.css defines for light and dark."""

from __future__ import annotations

from pathlib import Path

import gradio as gr
from gradio.themes.utils.fonts import Font

ASSETS = Path(__file__).with_name("assets")

_SANS = [
    Font(n) for n in ("ui-sans-serif", "system-ui", "Segoe UI", "Roboto", "Helvetica Neue", "sans-serif")
]
_MONO = [Font(n) for n in ("ui-monospace", "Menlo", "Consolas", "monospace")]

# Each token changes with the colour scheme by itself, so Gradio's dark variants name the same ones.
_TOKENS = {
    "body_background_fill": "var(--paper)",
    "body_text_color": "var(--ink)",
    "body_text_color_subdued": "var(--ink-soft)",
    "background_fill_primary": "var(--paper)",
    "background_fill_secondary": "var(--paper-deep)",
    "border_color_primary": "var(--line)",
    "border_color_accent": "var(--accent)",
    "color_accent_soft": "var(--accent-soft)",
    "link_text_color": "var(--accent)",
    "block_background_fill": "transparent",
    "block_border_width": "0px",
    "block_shadow": "none",
    "input_background_fill": "var(--paper)",
    "input_background_fill_focus": "var(--paper)",
    "input_border_color": "var(--line)",
    "input_border_color_focus": "var(--accent)",
    "input_placeholder_color": "var(--ink-soft)",
    "input_shadow": "none",
    "input_shadow_focus": "none",
    "button_primary_background_fill": "var(--accent)",
    "button_primary_background_fill_hover": "var(--accent-strong)",
    "button_primary_text_color": "var(--on-accent)",
    "button_primary_border_color": "transparent",
    "button_secondary_background_fill": "transparent",
    "button_secondary_background_fill_hover": "var(--paper-deep)",
    "button_secondary_text_color": "var(--ink)",
    "button_secondary_border_color": "var(--line)",
}


def make_theme() -> gr.themes.Base:
    """The theme; asks for no font file, from here or elsewhere."""
    theme = gr.themes.Base(font=_SANS, font_mono=_MONO)
    known = set(gr.themes.Base.set.__code__.co_varnames)
    dark = {f"{name}_dark": value for name, value in _TOKENS.items() if f"{name}_dark" in known}
    return theme.set(**_TOKENS, **dark)


_SCRIPTS = (
    "page.js", "asking.js", "lights.js", "copying.js", "talks.js", "forms.js", "answers.js", "articles.js", "start.js",
)  # fmt: skip


def script() -> str:
    """The page's script, for the reader's js_on_load: one function body out of its parts."""
    return "\n".join((ASSETS / name).read_text(encoding="utf-8") for name in _SCRIPTS)
