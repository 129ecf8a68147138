"""An online order from validation to delivery: each step is one call to the shop, each effect names its undoing."""

from functools import partial

from choreo_site.demo.orders import (
    Address,
    Amount,
    Booking,
    Charge,
    Customer,
    Delivery,
    EffectId,
    Invoice,
    Item,
    Message,
    Order,
    OrderId,
    Quote,
    Reservation,
    Risk,
    Undone,
    Validated,
)
from choreo_site.demo.shop_client import call_shop
from designer.catalog import Context, NotRetryable, Retryable, step

RATE_LIMITED = Retryable("RateLimited", "Too many calls in a short time.")
GATEWAY = Retryable("GatewayUnavailable", "The payment gateway is in trouble or cannot be reached.")
COURIER = Retryable("CourierUnavailable", "The courier is in trouble or cannot be reached.")
STOCK = Retryable("StockUnavailable", "The stock service is in trouble or cannot be reached.")
BILLING = Retryable("BillingUnavailable", "Billing is in trouble or cannot be reached.")
MAIL = Retryable("MailUnavailable", "The mail service is in trouble or cannot be reached.")
SHOP = Retryable("ShopUnavailable", "The shop is in trouble or cannot be reached.")
NOT_FOUND = NotRetryable("NotFound", "The shop knows nothing of it.")
UNDONE = NotRetryable("AlreadyUndone", "It was undone before.")
AMOUNT = NotRetryable("AmountRefused", "The amount is not above zero.")

# The shop may be slow, and its answer may be lost: nobody else shall wait for it meanwhile.
calling = partial(step, waits=True)


@calling(
    "orders.validate",
    version="1.0.0",
    icon="check",
    title="Validate order",
    owner="fulfilment",
    idempotent=True,
    errors=[NotRetryable("OrderRefused", "The order cannot be fulfilled as it is."), SHOP, RATE_LIMITED],
)
def validate_order(order: Order, *, context: Context) -> Validated:
    """Check that the shop sells what is ordered and knows where to send it."""
    return Validated(
        **call_shop(context, "/orders/validate", dict(order), who="The shop", unavailable=SHOP.name)
    )


@calling(
    "stock.reserve",
    version="1.0.0",
    icon="box",
    title="Reserve stock",
    owner="warehouse",
    effect="undoable by stock.release",
    idempotent=True,
    errors=[NotRetryable("OutOfStock", "There is not enough in stock."), STOCK, RATE_LIMITED],
)
def reserve_stock(order_id: OrderId, items: list[Item], *, context: Context) -> Reservation:
    """Set the ordered items aside."""
    body = {"order_id": order_id, "items": items}
    reply = call_shop(context, "/stock/reservations", body, who="The stock service", unavailable=STOCK.name)
    return Reservation(**reply)


@calling(
    "stock.release",
    version="1.0.0",
    icon="box",
    title="Release stock",
    owner="warehouse",
    effect="permanent",
    idempotent=True,
    errors=[STOCK, RATE_LIMITED, NOT_FOUND, UNDONE],
)
def release_stock(reservation: EffectId, *, context: Context) -> Undone:
    """Put reserved items back on the shelf."""
    path = f"/stock/reservations/{reservation}/release"
    return Undone(**call_shop(context, path, {}, who="The stock service", unavailable=STOCK.name))


@calling(
    "pricing.quote",
    version="1.0.0",
    icon="hash",
    title="Price order",
    owner="sales",
    idempotent=True,
    errors=[NotRetryable("OrderRefused", "An item has no price."), SHOP, RATE_LIMITED],
)
def quote_price(order_id: OrderId, items: list[Item], *, context: Context) -> Quote:
    """Add up what the items cost today."""
    body = {"order_id": order_id, "items": items}
    return Quote(**call_shop(context, "/prices/quote", body, who="The price list", unavailable=SHOP.name))


@calling(
    "risk.score",
    version="2.0.0",
    icon="gauge",
    title="Score fraud risk",
    owner="risk",
    idempotent=True,
    errors=[
        Retryable("RiskUnavailable", "The risk service is in trouble or cannot be reached."),
        RATE_LIMITED,
        AMOUNT,
    ],
)
def score_risk(order_id: OrderId, amount: Amount, email: str, country: str, *, context: Context) -> Risk:
    """Judge how likely the order is a fraud, from 0 to 100, and say why."""
    body = {"order_id": order_id, "amount": amount, "email": email, "country": country}
    return Risk(
        **call_shop(context, "/risk/score", body, who="The risk service", unavailable="RiskUnavailable")
    )


@calling(
    "payments.charge",
    version="2.0.0",
    icon="card",
    title="Charge card",
    owner="payments",
    effect="undoable by payments.refund",
    idempotent=True,
    errors=[NotRetryable("CardDeclined", "The bank declined the card."), AMOUNT, RATE_LIMITED, GATEWAY],
)
def charge_card(order_id: OrderId, amount: Amount, card: str, *, context: Context) -> Charge:
    """Take the money. `card` is a token of the payment gateway."""
    body = {"order_id": order_id, "amount": amount, "card": card}
    return Charge(
        **call_shop(context, "/payments/charges", body, who="The payment gateway", unavailable=GATEWAY.name)
    )


@calling(
    "payments.refund",
    version="2.0.0",
    icon="card",
    title="Refund card",
    owner="payments",
    effect="permanent",
    idempotent=True,
    errors=[GATEWAY, RATE_LIMITED, NOT_FOUND, UNDONE],
)
def refund_card(charge: EffectId, *, context: Context) -> Undone:
    """Give the money back."""
    path = f"/payments/charges/{charge}/refund"
    return Undone(**call_shop(context, path, {}, who="The payment gateway", unavailable=GATEWAY.name))


@calling(
    "courier.book",
    version="1.0.0",
    icon="truck",
    title="Book courier",
    owner="logistics",
    effect="undoable by courier.cancel",
    idempotent=True,
    errors=[COURIER, RATE_LIMITED],
)
def book_courier(order_id: OrderId, ship_to: Address, *, context: Context) -> Booking:
    """Order a courier to the customer's address."""
    body = {"order_id": order_id, "ship_to": ship_to}
    return Booking(
        **call_shop(context, "/courier/bookings", body, who="The courier", unavailable=COURIER.name)
    )


@calling(
    "courier.cancel",
    version="1.0.0",
    icon="truck",
    title="Cancel courier",
    owner="logistics",
    effect="permanent",
    idempotent=True,
    errors=[COURIER, RATE_LIMITED, NOT_FOUND, UNDONE],
)
def cancel_courier(booking: EffectId, *, context: Context) -> Undone:
    """Send the courier away again."""
    path = f"/courier/bookings/{booking}/cancel"
    return Undone(**call_shop(context, path, {}, who="The courier", unavailable=COURIER.name))


@calling(
    "courier.await_pod",
    version="1.0.0",
    icon="clock",
    title="Confirm delivery",
    owner="logistics",
    effect="permanent",
    idempotent=True,
    errors=[NotRetryable("BookingCancelled", "The booking was cancelled."), COURIER, RATE_LIMITED, NOT_FOUND],
)
def confirm_delivery(booking: EffectId, name: str, *, context: Context) -> Delivery:
    """Have the courier's proof of delivery put on record."""
    path = f"/courier/bookings/{booking}/confirm"
    return Delivery(**call_shop(context, path, {"name": name}, who="The courier", unavailable=COURIER.name))


@calling(
    "billing.invoice",
    version="1.0.0",
    icon="document",
    title="Issue invoice",
    owner="billing",
    effect="undoable by billing.void",
    idempotent=True,
    errors=[BILLING, RATE_LIMITED, AMOUNT],
)
def issue_invoice(order_id: OrderId, amount: Amount, customer: Customer, *, context: Context) -> Invoice:
    """Write the invoice and give it a number."""
    body = {"order_id": order_id, "amount": amount, "customer": customer}
    return Invoice(**call_shop(context, "/billing/invoices", body, who="Billing", unavailable=BILLING.name))


@calling(
    "billing.void",
    version="1.0.0",
    icon="document",
    title="Void invoice",
    owner="billing",
    effect="permanent",
    idempotent=True,
    errors=[BILLING, RATE_LIMITED, NOT_FOUND, UNDONE],
)
def void_invoice(invoice: EffectId, *, context: Context) -> Undone:
    """Declare an invoice void; its number stays taken."""
    path = f"/billing/invoices/{invoice}/void"
    return Undone(**call_shop(context, path, {}, who="Billing", unavailable=BILLING.name))


@calling(
    "mail.order_placed",
    version="1.0.0",
    icon="mail",
    title="Notify customer",
    owner="sales",
    effect="undoable by mail.apology",
    idempotent=True,
    errors=[MAIL, RATE_LIMITED],
)
def send_order_placed(order_id: OrderId, to: str, *, context: Context) -> Message:
    """Tell the customer that the order is on its way."""
    body = {"order_id": order_id, "to": to}
    return Message(
        **call_shop(context, "/mail/messages", body, who="The mail service", unavailable=MAIL.name)
    )


@calling(
    "mail.apology",
    version="1.0.0",
    icon="mail",
    title="Send apology",
    owner="sales",
    effect="permanent",
    idempotent=True,
    errors=[MAIL, RATE_LIMITED, NOT_FOUND, UNDONE],
)
def send_apology(message: EffectId, *, context: Context) -> Undone:
    """A mail cannot be taken back; an apology follows it."""
    path = f"/mail/messages/{message}/apologise"
    return Undone(**call_shop(context, path, {}, who="The mail service", unavailable=MAIL.name))
