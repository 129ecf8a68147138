"""An order, small: something of every kind that leads somewhere."""

from designer.graph import decode

ORDER = decode(
    {
        "choreo": 1,
        "key": "order",
        "start": "validate",
        "steps": {
            "validate": {"kind": "action", "does": "orders.validate@^1", "next": "prepare"},
            "prepare": {
                "kind": "parallel",
                "branches": {
                    "stock": {"start": "reserve", "steps": {"reserve": {"kind": "action"}}},
                    "price": {"start": "quote", "steps": {"quote": {"kind": "action"}}},
                },
                "next": "is_risky",
            },
            "is_risky": {
                "kind": "choice",
                "choose": [{"when": "${ steps.validate.output.score >= 70 }", "next": "review"}],
                "otherwise": "charge",
            },
            "review": {
                "kind": "review",
                "outcomes": {"approve": {"next": "charge"}, "reject": {"next": "no"}},
            },
            "charge": {
                "kind": "action",
                "title": "Charge card",
                "with": {"amount": "${ steps.prepare.output.price.total }"},
                "retry": {"attempts": 3},
                "catch": [{"on": ["Declined"], "next": "no"}],
            },
            "no": {"kind": "fail"},
        },
    }
)
