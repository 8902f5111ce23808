"""What holds for every reading of every message, however odd."""

from collections.abc import Iterator, Mapping

from engine.model.alert import Alert, Reading
from engine.model.decision import Reason
from engine.model.message import Message, parts_of
from engine.model.source import Place

CODES = frozenset(Reason)


def broken_promises(message: Message, reading: Reading) -> tuple[str, ...]:
    """Return what a reading says that no reading may say; empty when all is well."""
    texts = {part.name: part.text for part in parts_of(message)}
    return tuple(_broken(texts, reading))


def _broken(texts: Mapping[str, str], reading: Reading) -> Iterator[str]:
    refusal = reading.refusal
    if refusal is not None:
        if reading.alerts:
            yield "both alerts and a refusal"
        if refusal.code not in CODES:
            yield f"no such reason: {refusal.code}"
        if refusal.place is not None and not _lies_inside(texts, refusal.place):
            yield f"the refusal points outside the text: {refusal.place}"
    for alert in reading.alerts:
        yield from _broken_alert(alert)
        yield from _broken_places(texts, alert)


def _broken_alert(alert: Alert) -> Iterator[str]:
    if alert.price is not None and not (alert.price.is_finite() and alert.price > 0):
        yield f"price {alert.price}"
    if alert.quantity is not None and alert.quantity < 1:
        yield f"quantity {alert.quantity}"
    if alert.fraction is not None and not 0 < alert.fraction <= 1:
        yield f"fraction {alert.fraction}"
    if alert.action.opens and not alert.legs:
        yield "an opening without legs"
    for leg in alert.legs:
        if leg.ratio < 1:
            yield f"ratio {leg.ratio}"
        if leg.strike is not None and not leg.strike > 0:
            yield f"strike {leg.strike}"


def _broken_places(texts: Mapping[str, str], alert: Alert) -> Iterator[str]:
    for found in alert.found:
        place = found.place
        if not _lies_inside(texts, place):
            yield f"{found.field} was found outside the text: {place}"
        elif texts[place.part][place.start : place.end] != found.text:
            yield f"{found.field} says {found.text!r} where the text says otherwise"


def _lies_inside(texts: Mapping[str, str], place: Place) -> bool:
    return place.part in texts and 0 <= place.start <= place.end <= len(texts[place.part])
