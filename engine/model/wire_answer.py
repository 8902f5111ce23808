"""What came over the wire, for those who look at it as it is."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class WireAnswer:
    """
    One answer to one request, as it came.

    headers: names in lower case. seconds: from asking to the whole of the answer.
    """

    method: str
    path: str
    status: int
    headers: Mapping[str, str]
    body: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """One heartbeat of an account stream: seconds until it was connected, and until the heartbeat was answered."""

    connected_in: float
    answered_in: float
