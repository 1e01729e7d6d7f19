"""Spare parts of the demo shop, with a year of use, so that orders have a basis."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from random import Random

import yaml
from sqlalchemy.orm import Session

from aftercare.store.planning import PartRow, PartUseRow

DATA = Path(__file__).parents[1] / "seed_data" / "parts.yml"
WEEKS = 52


def seed_parts(session: Session, now: datetime, random: Random) -> None:
    """Add the parts and what repairs took of them."""
    for item in yaml.safe_load(DATA.read_text(encoding="utf-8"))["parts"]:
        weekly, fault = item.pop("weekly"), item.pop("fault")
        session.add(PartRow(**item, since=now - timedelta(weeks=WEEKS)))
        session.flush()
        # Exponential gaps make the uses of a week a Poisson count.
        ago = random.expovariate(weekly)
        while ago < WEEKS:
            session.add(
                PartUseRow(
                    key=f"seed-{item['part_no']}-{ago:.6f}",
                    part_no=item["part_no"],
                    spu=random.choice(item["spus"]),
                    fault=fault,
                    quantity=1,
                    at=now - timedelta(weeks=ago),
                )
            )
            ago += random.expovariate(weekly)
