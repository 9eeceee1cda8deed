"""What pjsua2 calls: copies of values go into a queue, all else happens in the loop.

Callbacks come inside `step` and the verbs, or on pjmedia's threads (digits, ends of files).
"""

import functools
import logging
from collections.abc import Callable
from typing import Any

import pjsua2 as pj
from msgspec import structs

from apps.telephony.cell import invite
from apps.telephony.protocol import LegQuality
from contactcenter.lib.bus import new_id

log = logging.getLogger(__name__)

Tell = Callable[..., None]
ANSWERED = (pj.PJSIP_INV_STATE_EARLY, pj.PJSIP_INV_STATE_CONNECTING)


def _careful(callback: Callable[..., None]) -> Callable[..., None]:
    """An exception that leaves a callback would abort the process: it goes to the log instead."""

    @functools.wraps(callback)
    def careful(self: Any, *args: Any) -> None:
        try:
            callback(self, *args)
        except Exception:
            log.exception("a callback of pjsua2 failed")

    return careful


class Call(pj.Call):
    def __init__(self, account: pj.Account, leg: str, tell: Tell, call_id: int = pj.PJSUA_INVALID_ID) -> None:
        super().__init__(account, call_id)
        self._leg = leg
        self._tell = tell

    @_careful
    def onCallState(self, prm: pj.OnCallStateParam) -> None:  # noqa: N802 (pjsua2's names, here and below)
        info = self.getInfo()
        if info.role == pj.PJSIP_ROLE_UAC and info.state in ANSWERED:
            self._tell_sender(prm.e)
        over = info.state == pj.PJSIP_INV_STATE_DISCONNECTED
        self._tell("state", self._leg, info.state, info.lastStatusCode, self.quality() if over else None)

    def _tell_sender(self, event: pj.SipEvent) -> None:
        """Where the answer to our INVITE came from: before the front door, if it came through it."""
        change = event.body.tsxState
        if event.type == pj.PJSIP_EVENT_TSX_STATE and change.type == pj.PJSIP_EVENT_RX_MSG:
            self._tell("signalling", self._leg, _sender(change.src.rdata)[0])

    @_careful
    def onCallTsxState(self, prm: pj.OnCallTsxStateParam) -> None:  # noqa: N802
        """Our INVITE as it was sent, and the 200 to an INVITE of either side: what the dialogue is made of."""
        event = prm.e.body.tsxState  # its parts are views of it: `prm` outlives them
        if event.tsx.method != "INVITE":
            return
        ours, sent = event.tsx.role == pj.PJSIP_ROLE_UAC, event.type == pj.PJSIP_EVENT_TX_MSG
        if event.tsx.statusCode // 100 == 2:
            self._tell("dialogue", self._leg, ours, event.src.tdata.wholeMsg if sent else event.src.rdata.wholeMsg)
        elif ours and event.tsx.state == pj.PJSIP_TSX_STATE_CALLING:
            self._tell("dialogue", self._leg, ours, event.tsx.lastTx.wholeMsg)

    @_careful
    def onCallMediaState(self, prm: pj.OnCallMediaStateParam) -> None:  # noqa: N802
        info = self.getInfo()  # its parts are views of it: it must outlive them
        status = next((m.status for m in info.media if m.type == pj.PJMEDIA_TYPE_AUDIO), pj.PJSUA_CALL_MEDIA_NONE)
        self._tell("media", self._leg, status)

    @_careful
    def onStreamDestroyed(self, prm: pj.OnStreamDestroyedParam) -> None:  # noqa: N802
        self._tell("stream_over", self._leg, self.quality())

    @_careful
    def onDtmfDigit(self, prm: pj.OnDtmfDigitParam) -> None:  # noqa: N802
        self._tell("digit", self._leg, prm.digit.upper())

    @_careful
    def onCallTransferRequest(self, prm: pj.OnCallTransferRequestParam) -> None:  # noqa: N802
        prm.statusCode = pj.PJSIP_SC_DECLINE  # a REFER would make us dial, at our cost, whatever the caller likes

    @_careful
    def onCallReplaceRequest(self, prm: pj.OnCallReplaceRequestParam) -> None:  # noqa: N802
        prm.statusCode = pj.PJSIP_SC_DECLINE  # nobody but the switch moves legs

    def quality(self) -> LegQuality | None:
        """None: there is no stream (any more)."""
        try:
            figures = self.getStreamStat(0)  # its parts are views of it: it must outlive them
        except pj.Error:
            return None
        rtcp = figures.rtcp
        came, sent = rtcp.rxStat, rtcp.txStat
        quality = LegQuality(came.pkt, came.loss, _ms(came.jitterUsec), _ms(rtcp.rttUsec))
        if not sent.updateCount:  # the other end has reported nothing
            return quality
        return structs.replace(quality, sent=sent.pkt, sent_lost=sent.loss, sent_jitter_ms=_ms(sent.jitterUsec))


def _ms(microseconds: pj.MathStat) -> float:
    return round(microseconds.mean / 1000, 1)


class Account(pj.Account):
    """The endpoint's only identity. pjsua2 refuses an INVITE for which the callback made no call object."""

    def __init__(self, tell: Tell) -> None:
        super().__init__()
        self._tell = tell

    @_careful
    def onIncomingCall(self, prm: pj.OnIncomingCallParam) -> None:  # noqa: N802
        said = invite.parse(prm.rdata.wholeMsg)
        leg = said.leg or new_id()
        self._tell("arrived", Call(self, leg, self._tell, prm.callId), leg, said, *_sender(prm.rdata))
        self._tell("dialogue", leg, False, prm.rdata.wholeMsg)


def _sender(message: pj.SipRxData) -> tuple[str, bool]:
    """(networks that its sender's RTP may come from, whether the front door says so)."""
    told = invite.media_networks(message.wholeMsg)
    return (told, True) if told else (message.srcAddress.rpartition(":")[0], False)


class Player(pj.AudioMediaPlayer):
    def __init__(self, playback: str, paths: tuple[str, ...], tell: Tell) -> None:
        super().__init__()
        self._playback = playback
        self._tell = tell
        if len(paths) == 1:
            self.createPlayer(paths[0], pj.PJMEDIA_FILE_NO_LOOP)
        else:
            self.createPlaylist(pj.StringVector(paths), "playlist", pj.PJMEDIA_FILE_NO_LOOP)

    @_careful
    def onEof2(self) -> None:  # noqa: N802
        self._tell("file_over", self._playback, self)
