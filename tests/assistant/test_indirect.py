"""What is asked in a roundabout way is asked straight; what only looks like it stays."""

from __future__ import annotations

import pytest

from assistant.indirect import direct_question
from assistant.question import QuestionKind, kind_of


@pytest.mark.parametrize(
    ("said", "meant", "kind"),
    [
        ("Can you tell me when it comes to Japan?", "When does it come to Japan?", QuestionKind.WHEN),
        ("do you know who runs the lab", "Who runs the lab?", QuestionKind.WHO),
        ("I'd like to know the price of the Orla", "What is the price of the Orla?", QuestionKind.QUANTITY),
        ("Could you explain why the weights are closed?", "Why are the weights closed?", QuestionKind.WHY),
        ("does anyone know how big it is", "How big is it?", QuestionKind.QUANTITY),
        ("is it known when it will ship", "When will it ship?", QuestionKind.WHEN),
        ("does the article say who founded it", "Who founded it?", QuestionKind.WHO),
        ("I'm wondering whether it works offline", "Does it work offline?", QuestionKind.YES_NO),
        ("Do you know if Muse Spark is free?", "Is Muse Spark free?", QuestionKind.YES_NO),
        ("hey, any idea which apps it runs in?", "Which apps does it run in?", QuestionKind.LIST),
        ("I don't understand why Meta did this", "Why did Meta do this?", QuestionKind.WHY),
        ("do you know what's in it", "What is in it?", QuestionKind.WHAT),
        ("whos the ceo of meta", "who is the ceo of meta", QuestionKind.WHO),
        ("what's the price?", "what is the price?", QuestionKind.QUANTITY),
        ("isnt it open", "isn't it open", QuestionKind.YES_NO),
        ("Tell me why", "Why?", QuestionKind.WHY),
        ("Can you name the partners?", "What are the partners?", QuestionKind.LIST),
        ("List the apps that get it", "What are the apps that get it?", QuestionKind.LIST),
        ("please name the CEO of Tavisk", "Who is the CEO of Tavisk?", QuestionKind.WHO),
        ("give me the price of the Orla", "What is the price of the Orla?", QuestionKind.QUANTITY),
        ("Can you name them?", "Name them?", QuestionKind.WHAT),
        (
            "Has Meta said when it will open the weights?",
            "When will Meta open the weights?",
            QuestionKind.WHEN,
        ),
        ("Do you know whether Meta released it", "Did Meta release it?", QuestionKind.YES_NO),
        ("do you know if it's open source", "Is it open source?", QuestionKind.YES_NO),
        ("do we know if weights matter", "Do the sources say that weights matter?", QuestionKind.YES_NO),
        (
            "I'd like to know what Meta gains and what it loses by closing the weights",
            "What does Meta gain and what does it lose by closing the weights?",
            QuestionKind.WHAT,
        ),
        (
            "is it known how many parameters it has",
            "How many parameters does it have?",
            QuestionKind.QUANTITY,
        ),
        ("do you know when it has been seen", "When has it been seen?", QuestionKind.WHEN),
        ("i don't understand why agents are hard", "Why are agents hard?", QuestionKind.WHY),
        ("do you know which apps are free", "Which apps are free?", QuestionKind.LIST),
        ("can you tell me how the new app works", "How does the new app work?", QuestionKind.HOW),
        ("any idea why Meta stopped it", "Why did Meta stop it?", QuestionKind.WHY),
        ("any idea when Meta created the lab", "When did Meta create the lab?", QuestionKind.WHEN),
        ("Did Zuckerberg say when he started?", "When did Zuckerberg start?", QuestionKind.WHEN),
    ],
)
def test_what_is_meant_is_asked(said: str, meant: str, kind: QuestionKind) -> None:
    assert direct_question(said) == meant
    assert kind_of(meant) is kind


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("Thanks! Do you know how much it costs?", "How much does it cost?"),
        ("can u tell me when it launches", "When does it launch?"),
        ("I was wondering if you could tell me when it comes to Europe", "When does it come to Europe?"),
        ("Can you tell me who Alexandr Wang is?", "Who is Alexandr Wang?"),
        ("Can you tell me how much the API costs?", "How much does the API cost?"),
        ("Can you tell me which benchmarks Meta used?", "Which benchmarks did Meta use?"),
        ("Do you know why it doesn't have an API?", "Why doesn't it have an API?"),
        ("Can you tell me what it can't do?", "What can't it do?"),
        ("Do you know why I can't use it?", "Why can't I use it?"),
        ("Do you know if it also works in Messenger?", "Does it also work in Messenger?"),
        ("Did Meta say who can use it?", "Who can use it?"),
        ("Did Zuckerberg say what he wants to do with it?", "What does Zuckerberg want to do with it?"),
        ("Did Meta say if it can read X-rays?", "Can it read X-rays?"),
        ("do you know if the new glasses support it", "Do the sources say that the new glasses support it?"),
        ("Can you tell me what users think of it?", "What do users think of it?"),
        (
            "Can you tell me what Zuckerberg said about open source?",
            "What did Zuckerberg say about open source?",
        ),
        ("Do you know what the price of the API is?", "What is the price of the API?"),
        ("do you know who Meta's partners are", "Who are Meta's partners?"),
        ("Do you know which of the modes is free?", "Which of the modes is free?"),
        ("do you know if its free", "Is it free?"),
        ("hows it compare to claude", "how does it compare to claude"),
        ("What's it cost?", "What does it cost?"),
        ("Can you explain to me how it works?", "How does it work?"),
        ("Tell me who made it and when", "Who made it and when?"),
        ("Do you know if it's free and when it launches?", "Is it free and when does it launch?"),
        (
            "Do you know who made it, when it launched and what it costs?",
            "Who made it, when did it launch and what does it cost?",
        ),
        ("Do you know how much Meta has spent?", "How much has Meta spent?"),
        ("do you know if I have to pay", "Do I have to pay?"),
        ("do you know what people are saying about it", "What are people saying about it?"),
        ("Can you tell me how many people work there?", "How many people work there?"),
        ("do you know which users get it", "Which users get it?"),
    ],
)
def test_its_order_is_that_of_a_question_where_the_words_show_it(said: str, meant: str) -> None:
    assert direct_question(said) == meant


@pytest.mark.parametrize(
    "said",
    [
        "What did Meta say about prices?",
        "Does the article say Meta is now in the lead?",
        "tell me about the launch",
        "can you tell me more",
        "Can it tell which bird is singing?",
        "Does the Lark know where it is?",
        "Does the phone tell you when the battery is low?",
        "I want a phone that is light",
        "any news about the ring",
        "When does it come to Japan?",
        "thanks, that explains it",
        "why I can't use it",
        "Does the Batch say why it matters?",
        "Does ChatGPT say which model it uses?",
        "does the app explain what is in a photo",
        "What's changed since Llama 4?",
        "Who's left Meta?",
        "I like how it handles photos",
        "I love what it does with photos",
        "I like what Meta did",
        "I need what you said as a table",
        "What's been said of it?",
        "what's?",
        "",
    ],
)
def test_what_asks_straight_away_stays(said: str) -> None:
    assert direct_question(said) == said
