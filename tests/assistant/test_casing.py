"""Capitals that a question lacks are put back, and nothing else of it is touched."""

from __future__ import annotations

import pytest

from assistant.casing import recase

TEXTS = [
    "The weights of Orla are not open. Ines Carvalho, who ran Vexel before, now leads Tavisk Research Labs.",
    "Pricing was not given. It said that Ines Carvalho leads. The phone runs SwiftPad and, later, Lumio.",
    "See vexel.example for more; Vexel has open weights, and Vexel sells research to labs. Open Weights And Prices",
]


@pytest.mark.parametrize(
    ("question", "meant"),
    [
        ("does orla seven have open weights", "does Orla Seven have open weights"),
        ("who is ines carvalho", "who is Ines Carvalho"),
        ("IS ORLA SEVEN ON SWIFTPAD", "is Orla Seven on SwiftPad"),
        ("what is the pricing", "what is the pricing"),
        ("Who leads tavisk research labs", "Who leads Tavisk Research Labs"),
        ("is it on lumio?", "is it on Lumio?"),
        ("what does vexel sell", "what does Vexel sell"),
        ("who wrote for vexels", "who wrote for vexels"),
        ("Is Ines from vexel?", "Is Ines from vexel?"),
        ("", ""),
    ],
)
def test_names_get_their_capitals(question: str, meant: str) -> None:
    assert recase(question, TEXTS, own=["Orla Seven", "Orla", ""]) == meant


def test_a_question_of_unknown_names_stays() -> None:
    assert recase("who is jonas berg", TEXTS) == "who is jonas berg"
    assert recase("does orla (really) c++ [1] .*", [], own=["Orla"]) == "does Orla (really) c++ [1] .*"


def test_a_product_is_known_by_its_version() -> None:
    texts = ["Lumio 3.1 Pro is ahead. Version 2 came later."]
    assert recase("and lumio?", texts) == "and Lumio?"
    assert recase("and the version?", texts) == "and the version?"


def test_own_names_are_put_right_beside_other_capitals() -> None:
    assert recase("where can I use tidewater", [], own=["Tidewater"]) == "where can I use Tidewater"
    assert recase("does Osk own tidewater", [], own=["Tidewater"]) == "does Osk own Tidewater"
    assert recase("Is IT in the harbour", ["In the Harbour"], own=["Tidewater"]) == "Is IT in the harbour"
