"""Keeps strangers out of the RTP of one leg: what guard.py decides becomes filters on the sockets that pjmedia opened for it."""

import contextlib
import logging
from ipaddress import IPv4Network

import pjsua2 as pj

from apps.telephony import sockets
from apps.telephony.bpf import Source
from apps.telephony.cell.guard import Endpoint, Guard

log = logging.getLogger(__name__)

Admitted = tuple[tuple[Source, ...], tuple[Source, ...]]


class Gate:
    """Shut until the far end's SDP is known. `near`, `moves`: see guard.Guard."""

    def __init__(self, leg: str, call: pj.Call, near: tuple[IPv4Network, ...], *, moves: bool) -> None:
        self._leg, self._call = leg, call
        self._guard = Guard(near, moves)
        self._locals: tuple[Endpoint, ...] = ()  # of RTP and RTCP
        self._admitted: Admitted | None = None
        self._rtp: int | None = None  # descriptor; None: not guarded
        self._before = self._refused = 0  # datagrams not taken until the gate opened, and since

    @property
    def waits(self) -> bool:
        return self._guard.waits

    def shut(self) -> None:
        """As soon as the sockets are there: for an INVITE without SDP that is when it is answered."""
        if not self._locals:
            with contextlib.suppress(pj.Error):
                media = self._call.getMedTransportInfo(0)
                self._locals = _endpoint(media.localRtpName), _endpoint(media.localRtcpName)
                self._apply()

    def hear_from(self, near: tuple[IPv4Network, ...]) -> None:
        """The far end's SIP comes from there."""
        self._guard.hear_from(near)
        self._apply()

    def meet(self, now: float) -> None:
        """There is audio, as the far end's SDP says. Errors: pj.Error, it is gone already."""
        self.shut()
        self._guard.meet(_endpoint(self._call.getStreamInfo(0).remoteRtpAddress), now)
        self._apply()

    def look(self, packets: int, now: float) -> None:
        """`packets` of the far end have come so far."""
        if self._guard.watches:
            with contextlib.suppress(pj.Error):
                self._guard.look(packets, _endpoint(self._call.getMedTransportInfo(0).srcRtpName), now)
                self._apply()
        self._count()

    def tell(self) -> None:
        """The leg is over."""
        if self._refused:
            log.info("leg %s: %d packets of strangers were refused", self._leg, self._refused)

    def _apply(self) -> None:
        """Errors: none; a call without its guard is better than none."""
        admitted = self._guard.rtp, self._guard.rtcp
        if admitted == self._admitted or not self._locals or not sockets.filters_work():
            return
        opens = not self._admitted or not self._admitted[0]
        for local, sources in zip(self._locals, admitted, strict=True):
            self._admit(local, sources)
        self._admitted = admitted
        if opens:
            self._before = self._drops()

    def _admit(self, local: Endpoint, sources: tuple[Source, ...]) -> None:
        descriptor = sockets.find(local)
        try:
            if descriptor is not None:
                sockets.admit(descriptor, sources)
                self._rtp = descriptor if local == self._locals[0] else self._rtp
        except OSError as error:
            log.error("leg %s is not guarded against strangers: %s", self._leg, error.strerror)

    def _count(self) -> None:
        refused = self._drops() - self._before
        if refused > 0 and not self._refused:
            log.warning("leg %s: packets that do not come from its far end are refused", self._leg)
        self._refused = max(refused, self._refused)

    def _drops(self) -> int:
        if self._rtp is None or not sockets.is_at(self._rtp, self._locals[0]):
            return self._before
        return sockets.refused(self._rtp)


def _endpoint(text: str) -> Endpoint:
    """`192.0.2.1:4000`. What has not been yet is no address: port 0."""
    host, _, port = text.rpartition(":")
    return host, int(port) if port.isdigit() else 0
