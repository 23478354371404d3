"""Our rules and tagger as recognisers inside presidio-analyzer, and a site's own recognisers or model inside our cleaner.

The only module that imports presidio, inside functions (it takes seconds). A blank NLP engine: no spaCy model, no network.
The cleaner itself calls the same rule and tagger objects directly; it goes through presidio only for recognisers a policy names.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable
from typing import Any

from eval_harness.base import WrongUsage
from pipelines.phi_zone.text.cleaner import Tagger, TextCleaner
from schemas.messages import messages
from schemas.shapes.text_policy import SPAN_TYPES

LANGUAGES = ("zh", "en")
Predict = Callable[[str], Iterable[tuple[int, int, str, float]]]
"""A site's model: text → (start, end, type, score)."""
_PRESIDIO_TYPES = {
    "PERSON": "NAME",
    "LOCATION": "ADDR",
    "ORGANIZATION": "ORG",
    "PHONE_NUMBER": "PHONE",
    "EMAIL_ADDRESS": "EMAIL",
    "DATE_TIME": "DATE",
    "US_SSN": "SSN",
    "CREDIT_CARD": "BANK",
    "IP_ADDRESS": "OTHER",
    "MEDICAL_LICENSE": "ACCT",
    "US_PASSPORT": "PASSPORT",
    "US_DRIVER_LICENSE": "ACCT",
}


def own_recognizer(cleaner: TextCleaner, language: str) -> Any:
    """An EntityRecognizer that reports what `cleaner` would remove, for people who already work with presidio."""
    return model_recognizer(
        lambda text: ((s.start, s.end, s.type, 1.0) for s in cleaner.clean(text, None, language, None).spans),
        "TouchstoneRecognizer",
        language,
    )


def model_recognizer(predict: Predict, name: str, language: str, entities: Iterable[str] = SPAN_TYPES) -> Any:
    """An EntityRecognizer around any model of a site: `predict` may hold weights of whatever kind. Scores below 0.5 are passed over."""
    from presidio_analyzer import EntityRecognizer, RecognizerResult

    class _Recognizer(EntityRecognizer):  # type: ignore[misc]
        def load(self) -> None:
            """Nothing to load: the weights are in `predict`."""

        def analyze(self, text: str, entities: list[str], nlp_artifacts: Any = None) -> list[Any]:
            return [
                RecognizerResult(kind, start, end, score) for start, end, kind, score in predict(text) if score >= 0.5 and kind in entities
            ]

    return _Recognizer(supported_entities=list(entities), supported_language=language, name=name)


def analyzer(recognizers: Iterable[Any]) -> Any:
    """An AnalyzerEngine with exactly these recognisers and a blank NLP engine."""
    from presidio_analyzer import AnalyzerEngine, RecognizerRegistry

    registry = RecognizerRegistry(recognizers=list(recognizers), supported_languages=list(LANGUAGES))
    return AnalyzerEngine(registry=registry, nlp_engine=_blank_engine(), supported_languages=list(LANGUAGES))


def _blank_engine() -> Any:
    from presidio_analyzer.nlp_engine import NlpArtifacts, NlpEngine

    class _Blank(NlpEngine):  # type: ignore[misc]
        """Splits nothing and knows nothing: our recognisers read the text itself."""

        def load(self) -> None:
            pass

        def is_loaded(self) -> bool:
            return True

        def process_text(self, text: str, language: str) -> Any:
            return NlpArtifacts(entities=[], tokens=[], tokens_indices=[], lemmas=[], nlp_engine=self, language=language)

        def process_batch(self, texts: Iterable[Any], language: str, **_: Any) -> Iterable[Any]:
            return ((str(text), self.process_text(str(text), language)) for text in texts)

        def is_stopword(self, word: str, language: str) -> bool:
            return False

        def is_punct(self, word: str, language: str) -> bool:
            return not word.isalnum()

        def get_supported_entities(self) -> list[str]:
            return []

        def get_supported_languages(self) -> list[str]:
            return list(LANGUAGES)

    return _Blank()


def site_tagger(names: Iterable[str]) -> Tagger:
    """A tagger of the recognisers a policy names as `package.module:function`. Raises WrongUsage TXT-006 for one that cannot be loaded."""
    found = [recognizer for name in names for recognizer in _loaded(name)]
    engine = analyzer(found)
    languages = sorted({recognizer.supported_language for recognizer in found})

    def tag(text: str) -> Iterable[tuple[int, int, str, str]]:
        for language in languages:
            for result in engine.analyze(text=text, language=language):
                kind = _PRESIDIO_TYPES.get(result.entity_type, result.entity_type)
                yield result.start, result.end, kind if kind in SPAN_TYPES else "OTHER", f"site.{language}"

    return tag


def _loaded(name: str) -> list[Any]:
    module, _, function = name.partition(":")
    try:
        return list(getattr(importlib.import_module(module), function)())
    except (ImportError, AttributeError, TypeError) as error:
        raise WrongUsage(messages().issue("TXT-006", "policy.recognizers", found=name, reason=type(error).__name__)) from error
