"""How a call fails: by a name that the contract of `http.request` declares."""


class CallFailed(Exception):
    def __init__(self, name: str, message: str) -> None:
        super().__init__(message)
        self.name, self.message = name, message


def address_refused(message: str) -> CallFailed:
    return CallFailed("AddressRefused", message)


def timed_out(message: str) -> CallFailed:
    return CallFailed("Timeout", message)


def connection_failed(message: str) -> CallFailed:
    return CallFailed("ConnectionFailed", message)


def redirect_refused(message: str) -> CallFailed:
    return CallFailed("RedirectRefused", message)


def too_large(limit: int) -> CallFailed:
    return CallFailed("ResponseTooLarge", f"The answer has more than {limit:,} bytes, which is the limit.")
