"""AN-03: secrets are stored encrypted, and pages never show them."""

from base64 import b64decode, b64encode

import pytest
from django import forms
from django.core.exceptions import FieldError
from django.test import override_settings

from contactcenter.lib.secret_field import EncryptedTextField, SecretFormField, Unreadable
from contactcenter.lib.secrets import CannotOpenError, seal, unseal

SECRET = "Bearer ørret 123"


class Account(forms.Form):
    password = SecretFormField(required=False)


def test_what_is_sealed_can_be_opened_and_not_read():
    token = seal(SECRET)
    told = token.encode() + b64decode(token, altchars=b"-_")
    assert b"Bearer" not in told and b64encode(b"Bearer") not in told
    assert seal(SECRET) != token
    assert unseal(token) == SECRET
    assert seal("") == unseal("") == ""


def test_a_new_key_opens_what_the_old_one_sealed_as_long_as_that_is_known():
    with override_settings(SECRET_KEY="the old key"):
        token = seal(SECRET)
    with override_settings(SECRET_KEY="the new key", SECRET_KEY_FALLBACKS=["the old key"]):
        assert unseal(token) == SECRET
        renewed = seal(SECRET)
    with override_settings(SECRET_KEY="the new key"):
        assert unseal(renewed) == SECRET
        with pytest.raises(CannotOpenError):
            unseal(token)


def test_a_damaged_token_is_refused():
    token = seal(SECRET)
    with pytest.raises(CannotOpenError):
        unseal(token[:-8] + "AAAAAAA=")


def test_a_column_holds_the_token_and_the_row_the_secret(caplog):
    column = EncryptedTextField("password")
    stored = column.get_prep_value(SECRET)
    assert SECRET not in stored
    assert column.from_db_value(stored, None, None) == SECRET
    with override_settings(SECRET_KEY="another key"):
        unreadable = column.from_db_value(stored, None, None)
        assert unreadable == ""
        assert column.get_prep_value(unreadable) == stored, "whoever saves the row meanwhile destroys nothing"
    assert "SECRET_KEY" in caplog.text
    assert SECRET not in caplog.text
    with pytest.raises(FieldError):
        column.get_lookup("exact")


def test_a_page_says_that_there_is_a_secret_and_not_which():
    page = str(Account(initial={"password": SECRET})["password"])
    assert SECRET not in page
    assert "not shown" in page
    assert "password-remove" in page
    assert "password-remove" not in str(Account()["password"])


def test_a_secret_that_cannot_be_read_is_told_at_its_field_and_kept_until_it_is_typed_again():
    lost = Unreadable("token")
    assert "Enter it anew" in str(Account(initial={"password": lost})["password"])
    for sent, kept in ({"password": ""}, lost), ({"password": "new"}, "new"), ({"password": "", "password-remove": "on"}, ""):
        form = Account(sent, initial={"password": lost})
        assert form.is_valid()
        found = form.cleaned_data["password"]
        assert (type(found), found) == (type(kept), kept)
        assert form.has_changed() == (kept is not lost)


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ({"password": ""}, SECRET),
        ({"password": "new"}, "new"),
        ({"password": "", "password-remove": "on"}, ""),
        ({"password": "new", "password-remove": "on"}, "new"),
    ],
)
def test_a_field_left_empty_keeps_the_secret(sent, kept):
    form = Account(sent, initial={"password": SECRET})
    assert form.is_valid()
    assert form.cleaned_data["password"] == kept
    assert form.has_changed() == (kept != SECRET)
