"""Run by Alembic: connects with the engine it was handed."""

from alembic import context
from sqlalchemy import Connection

import aftercare.store.alerts
import aftercare.store.assistant
import aftercare.store.cases
import aftercare.store.consent
import aftercare.store.console
import aftercare.store.customers
import aftercare.store.desk
import aftercare.store.jobs
import aftercare.store.knowledge
import aftercare.store.learning
import aftercare.store.messages
import aftercare.store.planning
import aftercare.store.quality
import aftercare.store.returns
import aftercare.store.review
import aftercare.store.risk
import aftercare.store.scale
import aftercare.store.surveys  # noqa: F401
from aftercare.store.engine import BUSY_TIMEOUT_MS
from aftercare.store.migrations import WAIT_MS
from aftercare.store.models import Base

engine = context.config.attributes["engine"]


def patient(connection: Connection, wait_ms: int) -> None:
    """Set how long a file's write lock is waited for, outside any transaction."""
    if connection.dialect.name == "sqlite":
        cursor = connection.connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout={wait_ms}")
        cursor.close()


with engine.connect() as connection:
    patient(connection, WAIT_MS)
    try:
        context.configure(
            connection=connection, target_metadata=Base.metadata, render_as_batch=True
        )
        with context.begin_transaction():
            context.run_migrations()
        connection.commit()
    finally:
        # The connection goes back to the pool, where customers' turns use it.
        connection.rollback()
        patient(connection, BUSY_TIMEOUT_MS)
