"""Sounds as an administrator makes them, in real Chromium on the running product: record, speak, upload; heard by the next caller."""

import io
import re
import time
import wave
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from tests import tones
from tests.audio.files import tone_file
from tests.browser.chromium import ChromiumShell
from tests.main_path.desk_person import log_in
from tests.product import ADMINISTRATOR, Product, until
from tests.sip.sipp import Caller

pytestmark = [pytest.mark.browser, pytest.mark.media]

NUMBER = "+4722334455"
CONVERTED = 40_000  # ms: the worker gives way to calls
LONG = 120.0  # s: a conversion in the middle of it, and still to be heard afterwards


def opened(admin: Page, product: Product, name: str) -> None:
    prompt = product.value("SELECT id FROM audio_prompt WHERE name = ?", name)
    admin.goto(f"{product.url}/admin/audio/prompt/{prompt}/change/")


def save(admin: Page) -> None:
    with admin.expect_navigation():
        admin.get_by_role("button", name="Save", exact=True).click()


def is_ready(admin: Page, field: str) -> None:
    """The page says so at `field`, without a reload."""
    expect(admin.locator(f".field-{field}").get_by_text("Ready: it is played")).to_be_visible(timeout=CONVERTED)


def stored(admin: Page, product: Product, name: str, language: str) -> tuple[np.ndarray, dict]:
    """What callers hear of it, fetched as the page's player does, and its row."""
    (row,) = product.rows(
        "SELECT v.* FROM audio_promptversion v JOIN audio_prompt p ON p.id = v.prompt_id WHERE v.active AND p.name = ? AND language = ?",
        name,
        language,
    )
    with wave.open(io.BytesIO(admin.request.get(f"{product.url}/audio/{row['id']}.wav").body())) as sound:
        assert (sound.getframerate(), sound.getnchannels()) == (8_000, 1)
        return np.frombuffer(sound.readframes(sound.getnframes()), "<i2"), row


def test_a_sound_is_recorded_in_the_browser_by_keyboard(admin: Page, product: Product) -> None:
    """AU-01: level meter, listen, trim; the recording is stored as it was spoken."""
    admin.goto(f"{product.url}/admin/audio/prompt/add/")
    admin.locator("#id_name").fill("Spoken greeting")
    recorder = admin.locator(".field-upload_nb .cc-recorder")
    recorder.get_by_role("button", name="Record").focus()
    admin.keyboard.press("Enter")
    expect(recorder.get_by_role("button", name="Stop")).to_be_focused()
    meter = recorder.locator("meter")
    until(lambda: meter.evaluate("meter => meter.value") > 0.3, "the meter moves")
    expect(admin.get_by_text(re.compile(r"Recording: ([2-9]|\d\d) s"))).to_be_visible(timeout=10_000)
    admin.keyboard.press("Enter")
    expect(admin.get_by_role("slider", name="Begins at (s)")).to_be_visible()
    begin = admin.get_by_role("slider", name="Begins at (s)")
    begin.focus()
    before = float(begin.input_value())
    for _ in range(4):
        admin.keyboard.press("ArrowRight")
    assert float(begin.input_value()) == pytest.approx(before + 0.2, abs=0.011)
    kept = float(admin.get_by_text("s are kept").inner_text().split()[0])
    save(admin)
    is_ready(admin, "upload_nb")
    heard, row = stored(admin, product, "Spoken greeting", "nb")
    assert tones.dominant(heard) == pytest.approx(1000, abs=10)
    assert row["source"] == "browser" and row["seconds"] == pytest.approx(kept, abs=0.15)
    expect(admin.locator("#sound-versions audio")).to_have_count(1)


def test_a_text_is_heard_before_it_is_saved_and_spoken_anew_with_a_change(admin: Page, product: Product) -> None:
    opened(admin, product, "Spoken greeting")
    admin.locator("#id_text_en").fill("Welcome to us.")
    admin.locator("#id_voice_en").select_option("en-us+f2")
    preview = admin.locator(".field-text_en .cc-recorder")
    preview.get_by_role("button", name="Listen").click()
    expect(preview.locator("audio")).to_be_visible(timeout=CONVERTED)
    until(lambda: preview.locator("audio").evaluate("audio => audio.currentTime") > 0.5, "it is played")
    save(admin)
    is_ready(admin, "text_en")
    _first, row = stored(admin, product, "Spoken greeting", "en")
    assert (row["text"], row["voice"], row["speed"]) == ("Welcome to us.", "en-us+f2", 150)
    admin.locator("#id_speed_en").fill("100")
    save(admin)
    is_ready(admin, "text_en")
    _second, slower = stored(admin, product, "Spoken greeting", "en")
    assert slower["number"] == 2 and slower["seconds"] > 1.2 * row["seconds"]


def test_enter_in_a_field_saves_and_the_button_beside_an_older_version_plays_it_again(admin: Page, product: Product) -> None:
    """AU-04"""
    opened(admin, product, "Spoken greeting")
    with admin.expect_navigation():
        admin.locator("#id_name").press("Enter")
    assert stored(admin, product, "Spoken greeting", "en")[1]["number"] == 2
    opened(admin, product, "Spoken greeting")
    with admin.expect_navigation():
        admin.get_by_role("button", name="Play this one again").click()
    assert stored(admin, product, "Spoken greeting", "en")[1]["number"] == 1


def test_a_file_that_only_the_decoder_can_refuse_is_refused_at_its_field_without_a_reload(admin: Page, product: Product) -> None:
    opened(admin, product, "Spoken greeting")
    admin.locator("#id_upload_nb").set_input_files({"name": "a.ogg", "mimeType": "audio/ogg", "buffer": b"OggS" + b"\xff" * 4_000})
    save(admin)
    expect(admin.locator(".field-upload_nb").get_by_text("damaged")).to_be_visible(timeout=CONVERTED)
    assert tones.dominant(stored(admin, product, "Spoken greeting", "nb")[0]) == pytest.approx(1000, abs=10)


def test_a_file_that_is_too_large_is_refused_before_it_is_sent(admin: Page, product: Product, tmp_path: Path) -> None:
    opened(admin, product, "Spoken greeting")
    large = tmp_path / "large.wav"
    with large.open("wb") as file:
        file.truncate(2 * 1024**3)
    admin.locator("#id_upload_nb").set_input_files(large)
    expect(admin.get_by_text("larger than 50 MB")).to_be_visible()
    assert admin.locator("#id_upload_nb").evaluate("input => input.files.length") == 0


def test_without_a_microphone_the_page_says_so(product: Product) -> None:
    with ChromiumShell(microphone_hz=0) as deaf:
        page = deaf.open(f"{product.url}/log-in/")
        log_in(page, product, ADMINISTRATOR)
        page.goto(f"{product.url}/admin/audio/prompt/add/")
        page.locator(".field-upload_nb").get_by_role("button", name="Record").click()
        expect(page.get_by_text("There is no microphone")).to_be_visible(timeout=10_000)


def test_several_files_at_once(admin: Page, product: Product) -> None:
    """AU-03: those that exist are listed and left as they are unless ticked; one that is bad does not spoil the others."""
    admin.goto(f"{product.url}/admin/audio/prompt/")
    admin.get_by_role("link", name="Several files at once").click()
    buffers = {"spoken greeting.mp3": tone_file("mp3", 600), "Closed.wav": tone_file("wav", 700), "Bad.ogg": b"OggS" + b"\xff" * 999}
    admin.locator("#several-files").set_input_files(
        [{"name": name, "mimeType": "audio/x", "buffer": buffer} for name, buffer in buffers.items()]
    )
    expect(admin.get_by_label("Replace “Spoken greeting”")).not_to_be_checked()
    admin.get_by_role("button", name="Upload").click()
    expect(admin.get_by_text("1 of 3 are ready.")).to_be_visible(timeout=CONVERTED)
    expect(admin.get_by_role("row", name="Bad.ogg")).to_contain_text("damaged")
    expect(admin.get_by_role("row", name="spoken greeting.mp3")).to_contain_text("not ticked")
    assert tones.dominant(stored(admin, product, "Closed", "nb")[0]) == pytest.approx(700, abs=5)
    assert tones.dominant(stored(admin, product, "Spoken greeting", "nb")[0]) == pytest.approx(1000, abs=10)
    assert not product.rows("SELECT id FROM audio_prompt WHERE name = 'Bad'")


def test_a_changed_prompt_is_heard_by_the_next_call_within_two_seconds_and_calls_in_progress_finish_with_the_old_one(
    admin: Page, product: Product, tmp_path: Path
) -> None:
    replaced(admin, product, tone_file("mp3", 600, LONG, rate=8_000))  # quick to make and to convert
    with Caller(product.trunk, NUMBER, folder=tmp_path, seconds=LONG) as first:
        first.wait_answered()
        first.audio.wait_for_tone(600)
        done = replaced(admin, product, tone_file("mp3", 1700, 2.0))  # short: it stays, and the next tests' callers hear it
        time.sleep(max(0.0, done + 2.0 - time.monotonic()))
        with Caller(product.trunk, NUMBER, folder=tmp_path, seconds=30) as next_one:
            next_one.wait_answered()
            next_one.audio.wait_for_tone(1700)
            assert not tones.hears(next_one.audio.heard(), 600)
            next_one.hang_up()
            assert next_one.wait() == 200
        first.audio.wait_for_tone(600)
        assert not tones.hears(first.audio.heard(), 1700)
        first.hang_up()  # or he would wait in the queue when the product's next test has agents
        assert first.wait() == 200


def replaced(admin: Page, product: Product, sound: bytes) -> float:
    """The demo company's welcome, in its flow's language; returns when the page said that it is ready (time.monotonic)."""
    opened(admin, product, "Welcome")
    admin.locator("#id_upload_nb").set_input_files({"name": "a.mp3", "mimeType": "audio/mpeg", "buffer": sound})
    save(admin)
    is_ready(admin, "upload_nb")
    return time.monotonic()
