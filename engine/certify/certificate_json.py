"""Certificates as JSON and back."""

from dataclasses import asdict
from datetime import datetime
from typing import Any, Final

from engine.certify.certificate import Certificate, Versions
from engine.certify.findings import Finding, Outcome
from engine.model.environment import Environment

_FORMAT: Final = 1


class UnreadableCertificate(Exception):
    """A text that is no certificate of this version."""


def to_json(certificate: Certificate) -> dict[str, object]:
    """Return a certificate as JSON."""
    return {"certificate": _FORMAT, **asdict(certificate), "at": certificate.at.isoformat()}


def from_json(value: object) -> Certificate:
    """
    Return the certificate JSON holds.

    Raises: UnreadableCertificate, for anything else.
    """
    try:
        return _read(value)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise UnreadableCertificate(f"{type(error).__name__}: {error}") from error


def _read(value: Any) -> Certificate:  # noqa: ANN401 - of any shape until it is read
    if value["certificate"] != _FORMAT:
        raise ValueError(f"format {value['certificate']}")
    at = datetime.fromisoformat(value["at"])
    if at.tzinfo is None:
        raise ValueError("a time without its zone")
    return Certificate(
        at,
        Environment(value["environment"]),
        _text(value["host"]),
        Versions(**{name: _text(value["versions"][name]) for name in ("sdk", "engine", "adapter")}),
        tuple(map(_finding, value["findings"])),
        tuple(map(_text, value["left"])),
    )


def _finding(row: Any) -> Finding:  # noqa: ANN401 - as above
    if not isinstance(row["is_vital"], bool):
        raise TypeError("is_vital")
    return Finding(
        _text(row["probe"]),
        Outcome(row["outcome"]),
        row["is_vital"],
        _text(row["assumed"]),
        _text(row["came"]),
        float(row["seconds"]),
        tuple((_text(tried), _text(came)) for tried, came in row["rows"]),
    )


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is no text")
    return value
