"""IV-01: a caller whom a web service knows leaves a message and orders a callback, on the running product."""

import re
import time

import pytest
import redis

from apps.telephony.frontdoor.published import KEY, decode
from contactcenter import settings
from tests import tones
from tests.lasting import Lasting
from tests.main_path.outside import LINE, SECRET
from tests.main_path.register import Register
from tests.product import ARCHIVED, Product, until
from tests.sip.sipp import Caller, Party, Phone

pytestmark = [pytest.mark.media, pytest.mark.timeout(120)]

KARI, HERTZ = "+4791234568", 440
SERVICE, ADA = "+4722000078", "+4791234569"
SPOKEN = 2.0  # s
OBEYED = 0.4  # s: a cell that is woken late (decision 62) begins to record when the archive knows of it


@pytest.fixture(scope="module")
def product(product: Product, register: Register) -> Product:
    """With a number that leads outside."""
    inside(product, "build", register.url)
    return product


def inside(product: Product, what: str, argument: str) -> list[str]:
    """The words that it prints."""
    return product.run("tests.main_path.outside", what, argument).split()


def calls_go_to(product: Product, phone: Phone) -> None:
    """The trunk leads to `phone`, and whoever dials knows it."""
    inside(product, "trunk", phone.address)
    with redis.Redis.from_url(settings.bundled_redis_url(product.folder)) as source:
        until(lambda: all(trunk.host == phone.address for trunk in decode(source.get(KEY)).trunks), "the trunk")
    product.has_taken_its_news()


def is_found(product: Product) -> None:
    """Front door and switch have read the newest number too."""
    told = f"{product.value('SELECT count(*) FROM numbers_accessnumber')} numbers are known now"
    until(lambda: {line.split()[0] for line in list(product.lines) if told in line} > {"frontdoor"}, "the number")
    product.has_taken_its_news()


def fact(product: Product, kind: str, call: str) -> dict:
    return until(lambda: product.fact(call, kind), kind, 15)


def entered(product: Product, name: str, call: str) -> None:
    query = "SELECT seq FROM events_event WHERE kind = 'StepEntered' AND json_extract(data, '$.name') = ? AND call = ?"
    until(lambda: product.rows(query, name, call), f"the step {name}", 15)


def speaks(product: Product, party: Party, call: str) -> Lasting:
    """For two seconds, and presses #. Returns how long that was: the archive tells of the beginning and of the end when they are over."""
    began = fact(product, "RecordingBegan", call)["at"]
    known = time.time()
    time.sleep(max(0.0, began + SPOKEN - time.time()))
    party.audio.press("#")
    finished = fact(product, "RecordingFinished", call)
    over = time.time()
    pressed = party.audio.pressed[-1][0] - time.monotonic() + time.time()
    spoken = Lasting(pressed - known - OBEYED, over - began)
    assert finished["seconds"] in spoken
    return spoken


def test_a_known_customer_leaves_a_message_and_orders_a_callback(product, register, tmp_path):
    is_found(product)
    with Caller(product.trunk, LINE, folder=tmp_path, caller=KARI, hertz=HERTZ, seconds=90) as kari:
        kari.wait_answered()
        call = product.call_of(KARI)
        recording = fact(product, "RecordingBegan", call)["recording"]
        assert register.asked == [("/customers?number=%2B4791234568", SECRET)]
        spoken = speaks(product, kari, call)
        kari.audio.press("2")
        kari.audio.wait_for_tone(HERTZ)  # her own message
        kari.audio.press("1")
        assert fact(product, "VoicemailLeft", call)["recording"] == recording
        entered(product, "Callback", call)
        kari.audio.press("1")
        assert fact(product, "CallbackOrdered", call)["number"] == KARI
        assert kari.wait() == 200
    stored = "SELECT file FROM recordings_recording WHERE state = 'stored' AND call_id = ?"
    row = until(lambda: product.rows(stored, call), "the message is in the archive", ARCHIVED)[0]
    channels, rate = tones.read_wav(product.recordings / row["file"])
    assert len(channels) == 1 and len(channels[0]) / rate in spoken
    assert tones.hears(channels[0][rate // 2 :], HERTZ, rate=rate)
    assert until(lambda: product.value("SELECT caller FROM recordings_voicemail"), "the message is in the list") == KARI
    waiting = "SELECT number FROM callbacks_callbackrequest WHERE state = 'waiting'"
    assert until(lambda: product.value(waiting), "the order is in the list") == KARI
    log = "\n".join(product.lines)
    assert SECRET.removeprefix("Bearer ") not in log and "91234568" not in log


def test_a_sound_is_spoken_by_telephone(product, tmp_path):
    """AU-02: the system calls, # ends, 1 saves; the new version is what was spoken."""
    with Phone(folder=tmp_path, hertz=620, seconds=60) as anna:
        calls_go_to(product, anna)
        inside(product, "record", "+4799999999")
        anna.wait_answered(15)
        call = until(lambda: product.value("SELECT call FROM dictation_phonerecording WHERE id = call"), "the recording")
        spoken = speaks(product, anna, call)
        anna.audio.press("1")
        fact(product, "PromptRecorded", call)
        anna.wait()
    assert_spoken(product, call, "en", 620, spoken)


def test_a_sound_is_spoken_by_calling_in(product, tmp_path):
    """AU-02: a personal code, the number of the sound, and then as above; nobody gets to see the code."""
    code, sound = inside(product, "service", SERVICE)
    is_found(product)
    with Caller(product.trunk, SERVICE, folder=tmp_path, caller=ADA, hertz=700, seconds=90) as ada:
        ada.wait_answered()
        call = product.call_of(ADA)
        ada.audio.press(f"{int(code) // 2:08}#")
        assert fact(product, "PhoneCodeRefused", call)["within_hour"] == 1
        ada.audio.press(f"{code}#{sound}#")
        assert fact(product, "PromptChosen", call)["prompt"] == int(sound)
        ada.audio.press("5")  # to the tone at once
        spoken = speaks(product, ada, call)
        ada.audio.press("1")
        fact(product, "PromptRecorded", call)
        ada.hang_up()
        assert ada.wait() == 200
    assert_spoken(product, call, "en", 700, spoken)
    told = str(product.rows("SELECT data FROM events_event WHERE call = ?", call)) + "\n".join(product.lines)
    assert not re.search(rf"(?<!\d){code}(?!\d)", told)
    assert not [line for line in product.lines if re.search(r"(?i)dtmf|digit", line)]


def assert_spoken(product: Product, call: str, language: str, hertz: float, spoken: Lasting) -> None:
    """The sound has a version that is what was spoken in `call` for so long."""
    query = """SELECT version.file FROM audio_promptversion version JOIN dictation_phonerecording USING (prompt_id, language)
        WHERE call = ? AND language = ? AND version.source = 'phone' AND active"""
    version = until(lambda: product.rows(query, call, language), "the version", ARCHIVED)[0]
    channels, rate = tones.read_wav(next(product.folder.rglob(version["file"].rpartition("/")[2])))
    assert len(channels) == 1 and len(channels[0]) / rate in spoken
    assert tones.hears(channels[0][rate // 2 :], hertz, rate=rate)
