"""Run by Alembic: connects with the engine it was handed."""

from alembic import context

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
from aftercare.store.models import Base

engine = context.config.attributes["engine"]
with engine.connect() as connection:
    context.configure(
        connection=connection, target_metadata=Base.metadata, render_as_batch=True
    )
    with context.begin_transaction():
        context.run_migrations()
    connection.commit()
