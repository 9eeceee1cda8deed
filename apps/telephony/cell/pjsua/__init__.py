"""The adapter of `ports.MediaEndpoint` to pjsua2: this package is the only importer of that library.

One thread uses pjsua2, in `step` and in the verbs; pjsip has no worker thread (`threadCnt` 0), while RTP is received (receiving.py) and
mixed on threads that stay in C. Nothing of pjsua2 is destroyed inside a callback, and calls not at all: a cell ends with `os._exit`.
"""

from apps.telephony.cell.pjsua.endpoint import PjsuaEndpoint

__all__ = ["PjsuaEndpoint"]
