"""Which audio port hears which: the picture that is wanted, and the few changes that bring the bridge to it. PURE."""

from collections.abc import Callable, Iterable
from typing import NamedTuple


class Port(NamedTuple):
    """`kind` is leg, player, left, right (the two sides of a recording), silence or tone (of a mask)."""

    kind: str
    id: str = ""


Edge = tuple[Port, Port]
SILENCE, TONE = Port("silence"), Port("tone")  # they are always there


class Patchbay:
    """Edges are wanted in layers (the mix, a playback, a recording) and made as soon as both of their ports are there."""

    def __init__(self, connect: Callable[[Port, Port], None], disconnect: Callable[[Port, Port], None]) -> None:
        self._connect = connect
        self._disconnect = disconnect
        self._layers: dict[Port, frozenset[Edge]] = {}
        self._ports: set[Port] = {SILENCE, TONE}
        self.made: set[Edge] = set()

    def want(self, layer: Port, edges: Iterable[Edge]) -> None:
        """The complete list of edges of `layer`; none: the layer is gone."""
        self._layers[layer] = frozenset(edges)
        if not self._layers[layer]:
            del self._layers[layer]
        self._settle()

    def appear(self, port: Port) -> None:
        """`port` is new on the bridge; if it was there before, it comes back without its connections."""
        self._ports.add(port)
        self.made = {edge for edge in self.made if port not in edge}
        self._settle()

    def vanish(self, port: Port) -> None:
        """`port` is about to leave the bridge; what is wanted of it stays wanted in case it comes back."""
        self._ports.discard(port)
        self._settle()

    def lose(self, port: Port) -> None:
        """`port` has left the bridge, and its connections with it."""
        self._ports.discard(port)
        self.made = {edge for edge in self.made if port not in edge}

    def _settle(self) -> None:
        wanted = {edge for edges in self._layers.values() for edge in edges if edge[0] in self._ports and edge[1] in self._ports}
        changes = [(self._disconnect, edge) for edge in sorted(self.made - wanted)]
        changes += [(self._connect, edge) for edge in sorted(wanted - self.made)]
        self.made = wanted
        for change, edge in changes:
            change(*edge)
