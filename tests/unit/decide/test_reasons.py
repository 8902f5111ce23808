"""Every reason is explained."""

from engine.decide.reasons import EXPLANATIONS, OF_GATES, OF_READER
from engine.model.decision import Reason


def test_every_reason_is_explained_once():
    assert set(EXPLANATIONS) == set(Reason)
    assert not set(OF_GATES) & set(OF_READER)


def test_explanations_are_sentences():
    for explanation in EXPLANATIONS.values():
        assert explanation.meaning.endswith(".")
        assert explanation.remedy.endswith(".")
