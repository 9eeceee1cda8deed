"""Texts are found, merged and compiled without gettext installed (PF-05)."""

import gettext
from pathlib import Path

import polib
import pytest

from contactcenter.management.commands.messages import merge, unknown, untranslated
from contactcenter.management.commands.prepare import compile_messages
from contactcenter.messages import Message, collect, in_calls, in_python, in_template


def texts(found) -> list[tuple[str, str, str]]:
    return [(message.text, message.context, message.plural) for message in found]


def test_python_calls_are_found_however_they_are_wrapped():
    source = """
a = _("one")
b = pgettext_lazy(
    "month",
    "May"
)
c = ngettext("%d call", "%d calls", n)
d = _(variable)
e = other("no")
f = m.gettext("two " "parts")
"""
    assert sorted(texts(in_python(source, "x.py"))) == [
        ("%d call", "", "%d calls"),
        ("May", "month", ""),
        ("one", "", ""),
        ("two parts", "", ""),
    ]


def test_template_tags_are_found_with_trimming_and_plurals():
    source = """{% load i18n %}{% translate "Log in" %}{{ _("Queue") }}{% translate "May" context "month" %}
    {% blocktranslate trimmed count n=calls %}
      one "{{ n }}"
    {% plural %}
      many {{ n }}
    {% endblocktranslate %}"""
    assert sorted(texts(in_template(source, "x.html"))) == [
        ("Log in", "", ""),
        ("May", "month", ""),
        ("Queue", "", ""),
        ('one "%(n)s"', "", "many %(n)s"),
    ]


def test_javascript_calls_are_found():
    assert texts(in_calls("gettext('The customer hung up'); other.pgettext('x', 'y'); gettext(name)", "x.js")) == [
        ("The customer hung up", "", "")
    ]


def test_merging_keeps_translations_adds_new_texts_and_drops_old_ones():
    po = polib.POFile()
    po += [polib.POEntry(msgid="Queue", msgstr="Kø"), polib.POEntry(msgid="gone", msgstr="borte")]
    messages = [Message("Queue", "", "", "a.py:1"), Message("New", "", "", "a.py:2"), Message("Queue", "", "", "b.py:9")]
    merge(po, messages)
    assert [(entry.msgid, entry.msgstr) for entry in po] == [("Queue", "Kø"), ("New", "")]
    assert po[0].occurrences == [("a.py", ""), ("b.py", "")]
    assert untranslated(po) == ["New"] and unknown(po, [*messages, Message("Newer", "", "", "c.py:1")]) == ["Newer"]


def test_a_compiled_catalogue_speaks(tmp_path: Path):
    """The .mo is what Python's own gettext reads."""
    folder = tmp_path / "nb" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "django.po").write_text(
        'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=UTF-8\\n"\n"Plural-Forms: nplurals=2; plural=(n != 1);\\n"\n\n'
        'msgid "Queue"\nmsgstr "Kø"\n\nmsgid "call"\nmsgid_plural "calls"\nmsgstr[0] "samtale"\nmsgstr[1] "samtaler"\n\n'
        '#, fuzzy\nmsgid "Doubtful"\nmsgstr "Tvilsom"\n'
    )
    assert (compile_messages(tmp_path), compile_messages(tmp_path)) == (1, 0)
    spoken = gettext.translation("django", tmp_path, ["nb"])
    assert spoken.gettext("Queue") == "Kø" and spoken.ngettext("call", "calls", 2) == "samtaler"
    assert spoken.gettext("Doubtful") == "Doubtful"


@pytest.mark.parametrize("domain", ["django", "djangojs"])
def test_every_place_that_is_read_can_be_read(domain: str):
    """A template or a module that cannot be parsed would silently lose its texts."""
    assert isinstance(collect(Path(__file__).parents[2])[domain], list)
