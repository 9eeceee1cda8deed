"""How pjsua2 is set up: one SIP port, two codecs, no device, no threads of its own for SIP."""

import pjsua2 as pj

from apps.telephony.cell import invite
from apps.telephony.cell.place import Place
from apps.telephony.protocol import Proof
from contactcenter.lib.secrets import unseal

CODECS = {"PCMU/8000/1": 255, "PCMA/8000/1": 254}  # all others are switched off; telephone-event comes by itself
ANY_REALM, PLAIN = "*", 0  # of credentials: whoever asks; the password itself and no hash of it
CLOCK_RATE = 8000  # Hz
JITTER_MAX, JITTER_PREFETCH = 200, 80  # ms; by default a hiccup of the machine leaves up to 500 ms of delay behind


def _configuration() -> pj.EpConfig:
    config = pj.EpConfig()
    config.uaConfig.threadCnt = 0
    config.uaConfig.userAgent = "contactcenter"
    config.logConfig.level = config.logConfig.consoleLevel = 1
    config.medConfig.clockRate = CLOCK_RATE
    config.medConfig.noVad = True  # silence is sent too: others time out on a stream that pauses
    config.medConfig.ecTailLen = 0
    config.medConfig.jbMax, config.medConfig.jbMaxPre = JITTER_MAX, JITTER_PREFETCH
    return config


def identity(place: Place, transport_id: int, route: str = "", proof: Proof | None = None) -> pj.AccountConfig:
    """Of calls in and out; with `route`, of calls out through a proxy. (As a mere header of the INVITE pjsua would not heed the route
    when it chooses its own address, and look up the name of the final target instead.) With `proof` challenges are answered.

    Errors: `CannotOpenError`, the password.
    """
    identity = pj.AccountConfig()
    if proof:
        identity.sipConfig.authCreds.append(pj.AuthCredInfo("digest", ANY_REALM, proof.user, PLAIN, unseal(proof.sealed)))
    if route:
        identity.sipConfig.proxies.append(invite.proxy(route))
    identity.idUri = f"sip:cell@{place.sip_address}:{place.sip_port}"
    identity.sipConfig.transportId = transport_id
    media = identity.mediaConfig
    media.lockCodecEnabled = False  # else an answer with two codecs brings a re-INVITE
    media.transportConfig.boundAddress = place.media_address
    media.transportConfig.port, media.transportConfig.portRange = place.rtp_port, place.rtp_span
    return identity


def start(place: Place) -> tuple[pj.Endpoint, int]:
    """(the library, its transport). Errors: pj.Error, the SIP port is taken."""
    library = pj.Endpoint()
    library.libCreate()
    library.libInit(_configuration())
    transport = pj.TransportConfig()
    transport.boundAddress, transport.port = place.sip_address, place.sip_port
    transport_id = library.transportCreate(pj.PJSIP_TRANSPORT_UDP, transport)
    library.libStart()
    for codec in library.codecEnum2():
        library.codecSetPriority(codec.codecId, CODECS.get(codec.codecId, 0))
    return library, transport_id


def parameters(code: int) -> pj.CallOpParam:
    prm = pj.CallOpParam(True)
    prm.statusCode = code
    prm.opt.audioCount, prm.opt.videoCount = 1, 0
    return prm
