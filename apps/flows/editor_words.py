"""What the editor's scripts say, by key, in the language of the request; they get it as JSON in the page."""

from django.utils.translation import gettext as _


def words() -> dict[str, str]:
    return {**_saving(), **_diagram(), **_panel()}


def _saving() -> dict[str, str]:
    return {
        "saved": _("Saved"),
        "saving": _("Saving …"),
        "unsaved": _("Not saved yet: something has to be filled in"),
        "offline": _("No connection. What you change is kept on this page and saved when the connection is back."),
        "back": _("The connection is back, and everything is saved."),
        "signed_out": _("You are signed out. Sign in again in another window; what you have changed here is kept."),
        "fault": _("Something went wrong on the server. Try again; tell your administrator if it stays so."),
        "by": _("{who} has changed this draft meanwhile. You see the newest."),
        "mine": _("Keep mine"),
        "theirs": _("Show the other"),
        "reload": _("Reload the page"),
        "fault_frozen": _("This version has been published meanwhile and cannot be changed any more."),
    }


def _diagram() -> dict[str, str]:
    return {
        "first": _("first step"),
        "after_fault": _("after a fault"),
        "leads": _("{exit} leads to {step}"),
        "nowhere": _("{exit} leads nowhere"),
        "problem": _("Problem: {text}"),
        "warning": _("Warning: {text}"),
        "problems": _("Problems: {number}"),
        "no_problems": _("No problems"),
        "test_call": _("Test call"),
        "seconds": _("{number} s"),
        "whole": _("The flow as a whole"),
        "spare": _("More exits: {exits}"),
        "which": _("Which exit?"),
        "new": _("A new step"),
        "wired": _("“{exit}” of “{step}” leads to “{target}”."),
        "unwired": _("“{exit}” of “{step}” leads nowhere."),
        "added": _("“{step}” was added."),
        "removed": _("“{step}” was removed."),
        "removed_used": _("“{step}” was removed. Exits that lead nowhere now: {number}."),
        "undo": _("Undo"),
        "redo": _("Redo"),
        "undo_what": _("Undo: {what}"),
        "redo_what": _("Do again: {what}"),
        "empty": _("No steps yet. Begin with a message or a menu."),
        "none": _("None"),
        "zoom": _("{percent} %"),
    }


def _panel() -> dict[str, str]:
    return {
        "loading": _("Loading …"),
        "not_loaded": _("The form could not be loaded."),
        "again": _("Try again"),
    }
