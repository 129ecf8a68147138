"""Storing the pictures of a version, in the transaction that publishes it."""

from designer.drawings import document_of
from designer.graph import Direction, Graph, lay_out
from designer.models import Drawing, Version


def store_drawings(version: Version, graph: Graph) -> None:
    Drawing.objects.bulk_create(
        Drawing(version=version, direction=direction, document=document_of(lay_out(graph, direction)))
        for direction in Direction
    )
