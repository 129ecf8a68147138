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


def invoke(name: str, leads_to: str, *, otherwise: str = "", insists: bool = False) -> dict[str, Any]:
    """A call of a function as the samples of AWS write it; its result stands beside what came in."""
    lambdas = [f"Lambda.{kind}" for kind in ("ServiceException", "AWSLambdaException", "SdkClientException")]
    retry: list[dict[str, Any]] = [
        {"ErrorEquals": lambdas, "IntervalSeconds": 2, "MaxAttempts": 6, "BackoffRate": 2}
    ]
    retry += [{"ErrorEquals": ["States.ALL"], "MaxAttempts": 3}] if insists else []
    caught = {"ErrorEquals": ["States.ALL"], "ResultPath": f"$.{name}Error", "Next": otherwise}
    return {
        "Type": "Task",
        "Resource": "arn:aws:states:::lambda:invoke",
        "Parameters": {"FunctionName": f"{name}Function", "Payload.$": "$"},
        "Retry": retry,
        **({"Catch": [caught]} if otherwise else {}),
        "ResultPath": f"$.{name}Result",
        "Next": leads_to,
    }


def publish(message: str, leads_to: str) -> dict[str, Any]:
    told = {"TopicArn": "snsTopicArn", "Message": message}
    return {"Type": "Task", "Resource": "arn:aws:states:::sns:publish", "Parameters": told, "Next": leads_to}


# The saga of aws-samples/step-functions-workflows-collection (MIT-0), saga-pattern-cdk: its catches are its undoing.
TRAVEL: dict[str, Any] = {
    "Comment": "Book a trip",
    "StartAt": "ReserveFlight",
    "States": {
        "ReserveFlight": invoke("ReserveFlight", "ReserveCarRental", otherwise="CancelFlightReservation"),
        "ReserveCarRental": invoke("ReserveCarRental", "ProcessPayment", otherwise="CancelRentalReservation"),
        "ProcessPayment": invoke("ProcessPayment", "ConfirmFlight", otherwise="RefundPayment"),
        "ConfirmFlight": invoke("ConfirmFlight", "ConfirmCarRental", otherwise="RefundPayment"),
        "ConfirmCarRental": invoke("ConfirmCarRental", "SendingSMSSuccess", otherwise="RefundPayment"),
        "SendingSMSSuccess": publish("Your Travel Reservation is Successful", "Reservation Successful!"),
        "Reservation Successful!": {"Type": "Succeed"},
        "RefundPayment": invoke("RefundPayment", "CancelRentalReservation", insists=True),
        "CancelRentalReservation": invoke("CancelRentalReservation", "CancelFlightReservation", insists=True),
        "CancelFlightReservation": invoke("CancelFlightReservation", "SendingSMSFailure", insists=True),
        "SendingSMSFailure": publish("Your Travel Reservation Failed", "Reservation Failed"),
        "Reservation Failed": {"Type": "Fail", "Error": "Job Failed"},
    },
}
