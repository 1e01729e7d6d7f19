"""The rows of a shop's files: what each column may hold."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from aftercare.services.importer.names import is_yes

SHOP_ZONE = ZoneInfo("Asia/Shanghai")
# The largest amount a line may hold, in fen: beyond it is a typing error.
MAX_FEN = 10**10
FORMATS = (
    "%Y/%m/%d %H:%M:%S",
    "%Y/%m/%d %H:%M",
    "%Y/%m/%d",
    "%Y-%m-%d %H:%M",
)


def _fen(value: object) -> int:
    """Read yuan with at most two decimals as integer fen."""
    try:
        fen = Decimal(str(value).replace(",", "").strip()) * 100
    except InvalidOperation as error:
        raise ValueError("not an amount in yuan, such as 12.30") from error
    if not fen.is_finite() or fen != fen.to_integral_value():
        raise ValueError("an amount has at most two decimals")
    return int(fen)


def _moment(value: object) -> datetime | None:
    """Read a moment; without a zone it is the shop's own, Asia/Shanghai."""
    text = str(value).strip()
    if not text:
        return None
    found = _parse(text)
    return found if found.tzinfo else found.replace(tzinfo=SHOP_ZONE)


def _parse(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        for form in FORMATS:
            try:
                return datetime.strptime(text, form)
            except ValueError:
                continue
    raise ValueError("not a date and time, such as 2026-11-24 09:30")


def _required(value: object) -> datetime:
    moment = _moment(value)
    if moment is None:
        raise ValueError("a date and time is needed")
    return moment


Fen = Annotated[int, BeforeValidator(_fen), Field(ge=0, le=MAX_FEN)]
Moment = Annotated[datetime, BeforeValidator(_required)]
MaybeMoment = Annotated[datetime | None, BeforeValidator(_moment)]
Flag = Annotated[bool, BeforeValidator(is_yes)]
Id = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[\w.:-]+$")]
Name = Annotated[str, Field(min_length=1, max_length=64)]


class Row(BaseModel):
    """One row; a column nobody knows is an error, so that typing errors show."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


class Customer(Row):
    """A customer; the id is the subject of the shop's signed token."""

    customer_id: Id
    name: Name
    phone: Annotated[str, Field(pattern=r"^\+?[0-9][0-9 -]{4,20}$")]
    created_at: Moment


class Product(Row):
    """One sellable variant; the price is in yuan."""

    sku: Id
    spu: Id
    title: Annotated[str, Field(min_length=1, max_length=128)]
    variant: Annotated[str, Field(max_length=64)] = ""
    category: Annotated[str, Field(min_length=1, max_length=32)]
    price: Fen
    exclusion: Literal[
        "none", "custom_made", "perishable", "digital", "periodical", "consent_only"
    ] = "none"
    stock: Annotated[int, Field(ge=0, le=10**9)] = 0
    bulky: Flag = False
    image: Annotated[str, Field(max_length=256)] = ""


class Order(Row):
    """One order; `paid` is what the customer really paid, freight included."""

    order_no: Annotated[str, Field(pattern=r"^[0-9A-Za-z-]{6,32}$")]
    customer_id: Id
    placed_at: Moment
    paid_at: Moment
    paid: Fen
    discount: Fen = 0
    freight: Fen = 0
    promotion: Annotated[str, Field(max_length=64)] = ""
    receiver_phone: Annotated[str, Field(pattern=r"^\+?[0-9][0-9 -]{4,20}$")]
    receiver_region: Annotated[str, Field(max_length=64)] = ""


class Shipment(Row):
    """One parcel; `delivered_at` is the sign-off, empty while on its way."""

    shipment_id: Id
    order_no: Annotated[str, Field(min_length=1, max_length=32)]
    carrier: Annotated[str, Field(min_length=1, max_length=32)]
    tracking_no: Annotated[str, Field(min_length=1, max_length=64)]
    shipped_at: Moment
    delivered_at: MaybeMoment = None


class OrderLine(Row):
    """One line of an order; `paid` is after promotions, for all its pieces."""

    line_id: Id
    order_no: Annotated[str, Field(min_length=1, max_length=32)]
    sku: Id
    quantity: Annotated[int, Field(ge=1, le=10**6)] = 1
    paid: Fen
    shipment_id: Annotated[str, Field(max_length=64)] = ""
    is_gift: Flag = False
    exclusion_confirmed: Flag = False


class CarrierEvent(Row):
    """What the carrier reported about a parcel."""

    shipment_id: Id
    at: Moment
    status: Annotated[str, Field(min_length=1, max_length=32)]
    place: Annotated[str, Field(max_length=64)] = ""
    text: Annotated[str, Field(max_length=256)] = ""


# In the order they are written, so that what is referred to comes first.
KINDS: dict[str, type[Row]] = {
    "customers": Customer,
    "products": Product,
    "orders": Order,
    "shipments": Shipment,
    "order_lines": OrderLine,
    "carrier_events": CarrierEvent,
}
