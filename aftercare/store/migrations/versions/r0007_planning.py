"""rota, spare parts, plans"""

import sqlalchemy as sa
from alembic import op

from aftercare.store.models import UtcDateTime as Utc

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the change."""
    op.create_table(
        "rota_shift",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("begins", sa.Integer(), nullable=False),
        sa.Column("ends", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name="fk_rota_shift_account_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_rota_shift"),
        sa.UniqueConstraint(
            "day", "account_id", "begins", name="uq_rota_shift_day_account_id_begins"
        ),
    )
    op.create_table(
        "spare_part",
        sa.Column("part_no", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=128), nullable=False),
        sa.Column("spus", sa.JSON(), nullable=False),
        sa.Column("on_hand", sa.Integer(), nullable=False),
        sa.Column("on_order", sa.Integer(), nullable=False),
        sa.Column("lead_days", sa.Integer(), nullable=False),
        sa.Column("unit_fen", sa.Integer(), nullable=False),
        sa.Column("short_fen", sa.Integer(), nullable=False),
        sa.Column("since", Utc(), nullable=False),
        sa.PrimaryKeyConstraint("part_no", name="pk_spare_part"),
    )
    op.create_table(
        "part_use",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("part_no", sa.String(length=64), nullable=False),
        sa.Column("spu", sa.String(length=64), nullable=False),
        sa.Column("fault", sa.String(length=32), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("at", Utc(), nullable=False),
        sa.ForeignKeyConstraint(
            ["part_no"], ["spare_part.part_no"], name="fk_part_use_part_no"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_part_use"),
        sa.UniqueConstraint("key", name="uq_part_use_key"),
    )
    op.create_index("ix_part_use_part_at", "part_use", ["part_no", "at"])
    _plans()


def _plans() -> None:
    op.create_table(
        "plan",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("first", sa.Date(), nullable=False),
        sa.Column("made_at", Utc(), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_plan"),
        sa.UniqueConstraint("first", name="uq_plan_first"),
    )
    figures: list[sa.Column[float]] = [
        sa.Column(name, sa.Double(), nullable=False)
        for name in (
            *("contacts", "low80", "high80", "low95", "high95", "naive"),
            *("refund_fen", "refund_low_fen", "refund_high_fen", "refund_naive_fen"),
        )
    ]
    op.create_table(
        "plan_day",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("plan_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("ahead", sa.Integer(), nullable=False),
        *figures,
        sa.Column("why", sa.JSON(), nullable=False),
        sa.Column("slots", sa.JSON(), nullable=False),
        sa.Column("came", sa.Integer(), nullable=True),
        sa.Column("refund_came_fen", sa.Integer(), nullable=True),
        sa.Column("need_off", sa.Double(), nullable=True),
        sa.Column("naive_need_off", sa.Double(), nullable=True),
        sa.ForeignKeyConstraint(["plan_id"], ["plan.id"], name="fk_plan_day_plan_id"),
        sa.PrimaryKeyConstraint("id", name="pk_plan_day"),
        sa.UniqueConstraint("plan_id", "day", name="uq_plan_day_plan_id_day"),
    )
    op.create_index("ix_plan_day_day", "plan_day", ["day"])


def downgrade() -> None:
    """Take the change back."""
    for name in ("plan_day", "plan", "part_use", "spare_part", "rota_shift"):
        op.drop_table(name)
