"""The thread that receives RTP, instead of pjmedia's own.

That one asks a hundred times a second whether something has come, in a cell without legs too, where it was nearly all that the cell cost.
This one sleeps until a packet comes; without legs it sleeps for good. It needs the C API below pjsua2, whose functions the library exports
but does not bring to Python.

A loop in Python would cost as much as the questions do: what a packet meets after 20 ms has left the caches of the processor, and of Python
that is a lot. So C's own `lfind(3)` goes round: it looks for the first of many "elements" (all the same one, the time to wait) that equals
the "key" (the queue of sockets), and asks `pj_ioqueue_poll` about each, which says 0, equal, when nothing came in this time.
"""

import ctypes
import logging
import sys
import threading
import time

import pjsua2 as pj

from apps.telephony import precedence

log = logging.getLogger(__name__)

# A poll watches the sockets that were there when it began, so this is how late a new leg's first packet may be. Longer than the 20 ms
# between two packets of a leg: while somebody speaks it does not pass in vain.
WAIT_MS = 30
ROUNDS = 2_000  # polls until Python is asked: at least 10 s of a conversation
FAILED_SECONDS = 0.1  # packets do not come so fast: these polls returned at once, with an error
PAUSE_SECONDS = 0.02  # after that


class _TimeVal(ctypes.Structure):
    """pj_time_val."""

    _fields_ = (("seconds", ctypes.c_long), ("milliseconds", ctypes.c_long))


class Receiver:
    """Receives from `start` to `stop`. To be made after the library was started; it lives as long as the process."""

    def __init__(self, library: pj.Endpoint) -> None:
        self._library = library
        self._c = ctypes.CDLL(sys.modules["pjsua2._pjsua2"].__file__)  # what Python has loaded already
        media = self._pointer("pjsua_get_pjmedia_endpt")
        self._c.pjmedia_endpt_stop_threads(media)
        self._queue = self._pointer("pjmedia_endpt_get_ioqueue", media)
        self._wanted = threading.Event()
        threading.Thread(target=self._run, name="rtp", daemon=True).start()

    def start(self) -> None:
        self._wanted.set()

    def stop(self) -> None:
        self._wanted.clear()

    def _pointer(self, function: str, *arguments: ctypes.c_void_p) -> ctypes.c_void_p:
        found = getattr(self._c, function)
        found.restype = ctypes.c_void_p
        return ctypes.c_void_p(found(*arguments))

    def _run(self) -> None:
        self._library.libRegisterThread("rtp")
        precedence.take()
        lfind = ctypes.CDLL(None).lfind
        lfind.restype = ctypes.c_void_p
        wait, rounds = _TimeVal(0, WAIT_MS), ctypes.c_size_t(ROUNDS)
        while self._wanted.wait():
            began = time.monotonic()
            quiet = lfind(self._queue, ctypes.byref(wait), ctypes.byref(rounds), ctypes.c_size_t(0), self._c.pj_ioqueue_poll)
            if not quiet and time.monotonic() - began < FAILED_SECONDS:
                log.error("RTP cannot be received")
                time.sleep(PAUSE_SECONDS)
