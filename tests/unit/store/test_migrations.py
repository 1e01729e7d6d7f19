"""The migrations make exactly the tables of the models, on each database."""

from __future__ import annotations

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Engine, inspect

from aftercare.services.seed import seed_if_empty
from aftercare.store.migrations import downgrade, upgrade
from aftercare.store.models import Base, OrderRow
from aftercare.store.unit_of_work import read
from tests.conftest import NOW


def test_up_down_up_ends_at_the_models(empty: Engine) -> None:
    downgrade(empty)
    assert inspect(empty).get_table_names() == ["alembic_version"]
    upgrade(empty)
    with empty.connect() as connection:
        context = MigrationContext.configure(connection)
        assert compare_metadata(context, Base.metadata) == []


@pytest.mark.parametrize("again", [1, 2])
def test_an_upgrade_of_a_full_database_changes_no_row(shop: Engine, again: int) -> None:
    for _ in range(again):
        upgrade(shop)
    assert seed_if_empty(shop, NOW) == 0
    with read(shop) as session:
        assert session.get(OrderRow, "8800000000010001") is not None
