import pytest

from tests.calls.story import Company


@pytest.fixture
def company(db) -> Company:
    return Company()
