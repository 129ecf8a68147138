"""Graphs as machines of the Amazon States Language."""

from .exported import Exported, Loss
from .writing import write_asl

__all__ = ["Exported", "Loss", "write_asl"]
