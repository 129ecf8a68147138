"""State machines as people have them."""

from typing import Any

FUNCTION = "arn:aws:lambda:eu-central-1:123456789012:function:"


def task(name: str, **more: Any) -> dict[str, Any]:
    return {"Type": "Task", "Resource": f"{FUNCTION}{name}", **more}


ORDER: dict[str, Any] = {
    "Comment": "Take an order. The customer has paid by then.",
    "StartAt": "Reserve stock",
    "States": {
        "Reserve stock": task("reserve-stock", ResultPath="$.stock", Next="Is it large?"),
        "Is it large?": {
            "Type": "Choice",
            "Choices": [
                {
                    "And": [
                        {"Variable": "$.total", "NumericGreaterThan": 100},
                        {"Variable": "$.vip", "BooleanEquals": False},
                    ],
                    "Next": "Ask the team",
                }
            ],
            "Default": "Charge card",
        },
        "Ask the team": {
            "Type": "Task",
            "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
            "Parameters": {
                "QueueUrl": "https://example.com/ask",
                "MessageBody": {"token.$": "$$.Task.Token"},
            },
            "ResultPath": "$.answer",
            "Next": "Charge card",
        },
        "Charge card": task(
            "charge-card",
            Parameters={"amount.$": "$.total", "currency": "EUR"},
            ResultSelector={"id.$": "$.charge_id"},
            ResultPath="$.charge",
            Retry=[{"ErrorEquals": ["Busy"], "IntervalSeconds": 2, "MaxAttempts": 3}],
            Catch=[{"ErrorEquals": ["States.ALL"], "ResultPath": "$.error", "Next": "Refused"}],
            Credentials={"RoleArn": "arn:aws:iam::123456789012:role/pay"},
            Next="Done",
        ),
        "Done": {"Type": "Succeed"},
        "Refused": {"Type": "Fail", "Error": "Refused", "Cause": "The card was refused."},
    },
}
JSONATA: dict[str, Any] = {
    "QueryLanguage": "JSONata",
    "StartAt": "Sum",
    "States": {
        "Sum": {"Type": "Pass", "Output": {"sum": "{% $sum($states.input.items.price) %}"}, "Next": "Big?"},
        "Big?": {
            "Type": "Choice",
            "Choices": [{"Condition": "{% $states.input.sum > 10 %}", "Next": "Tell"}],
            "Default": "End",
        },
        "Tell": task("tell", Arguments={"sum": "{% $states.input.sum %}"}, Next="End"),
        "End": {"Type": "Succeed"},
    },
}
