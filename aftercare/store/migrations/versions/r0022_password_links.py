"""links by which a person sets a forgotten password anew"""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the change."""
    with op.batch_alter_table("invitation") as table:
        table.add_column(
            sa.Column(
                "account_id",
                sa.Integer(),
                sa.ForeignKey("account.id", name="fk_invitation_account"),
                nullable=True,
            )
        )


def downgrade() -> None:
    """Take the change back."""
    with op.batch_alter_table("invitation") as table:
        table.drop_column("account_id")
