"""The format: a graph to and from its document."""

from .document import (
    FORMAT,
    HEADER,
    SINGLE,
    decode,
    decode_contract,
    decode_header,
    decode_step,
    encode,
    encode_contract,
    encode_header,
    encode_step,
)
from .fields import CONTRACT, STEPS
from .flaws import DocumentError, Flaw, described, did_you_mean

__all__ = [
    "CONTRACT",
    "FORMAT",
    "HEADER",
    "SINGLE",
    "STEPS",
    "DocumentError",
    "Flaw",
    "decode",
    "decode_contract",
    "decode_header",
    "decode_step",
    "described",
    "did_you_mean",
    "encode",
    "encode_contract",
    "encode_header",
    "encode_step",
]
