import pytest

from tests.contract.reach import Way


@pytest.fixture(params=list(Way), ids=str)
def way(request: pytest.FixtureRequest) -> Way:
    return request.param
