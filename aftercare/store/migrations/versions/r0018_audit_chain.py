"""the record of what was done, chained; what stands there is sealed as it is"""

import sqlalchemy as sa
from alembic import op

from aftercare.store.models import UtcDateTime as Utc
from aftercare.store.sealing import FIRST, HEAD, seal_of

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the change."""
    with op.batch_alter_table("audit") as batch:
        batch.add_column(sa.Column("place", sa.Integer(), nullable=True))
        batch.add_column(sa.Column("seal", sa.String(length=64), nullable=True))
        batch.create_unique_constraint("uq_audit_place", ["place"])
    head = op.create_table(
        "audit_head",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("seal", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit_head"),
    )
    place, seal = _seal_all(op.get_bind())
    op.bulk_insert(head, [{"id": HEAD, "place": place, "seal": seal}])


def _seal_all(connection: sa.Connection) -> tuple[int, str]:
    audit = sa.table(
        "audit",
        sa.column("id", sa.Integer()),
        sa.column("at", Utc()),
        *(sa.column(name, sa.String()) for name in ("actor", "action", "target")),
        sa.column("detail", sa.JSON()),
        sa.column("address", sa.String()),
        sa.column("place", sa.Integer()),
        sa.column("seal", sa.String()),
    )
    place, seal = 0, FIRST
    rows = connection.execute(sa.select(audit).order_by(audit.c.id)).mappings().all()
    for row in rows:
        place += 1
        seal = seal_of(seal, {**row, "place": place})
        mine = sa.update(audit).where(audit.c.id == row["id"])
        connection.execute(mine.values(place=place, seal=seal))
    return place, seal


def downgrade() -> None:
    """Take the change back."""
    op.drop_table("audit_head")
    with op.batch_alter_table("audit") as batch:
        batch.drop_constraint("uq_audit_place", type_="unique")
        batch.drop_column("seal")
        batch.drop_column("place")
