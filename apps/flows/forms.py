"""The step forms: what a kind has of its own, and one select per exit that says which step it leads to."""

from collections.abc import Iterator
from typing import Any, cast

from django import forms
from django.db.models import Max
from django.forms.utils import flatatt
from django.http import QueryDict
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminSelectWidget

from apps.flows import services
from apps.flows.kinds import KINDS
from apps.flows.models import ConditionBranch, Exit, FlowVersion, MenuChoice, MessageSound, Step, StepOfKind

NEW = "new:"  # as a target: a step of this kind is made


class TargetSelect(UnfoldAdminSelectWidget):
    """Writes its options itself: Django fills a template for each of them, which takes a second where a flow is long."""

    def render(self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None) -> SafeString:
        chosen = str(value or "")
        attributes = flatatt(self.build_attrs(self.attrs, {**(attrs or {}), "name": name}))
        choices = cast("list[tuple[str, Any]]", self.choices)
        parts = (_group(label, more, chosen) if isinstance(more, list) else _option(label, more, chosen) for label, more in choices)
        return format_html("<select{}>{}</select>", attributes, format_html_join("", "{}", ((part,) for part in parts)))


def _group(label: str, options: list[tuple[str, str]], chosen: str) -> SafeString:
    inside = format_html_join("", "{}", ((_option(*option, chosen),) for option in options))
    return format_html('<optgroup label="{}">{}</optgroup>', label, inside)


def _option(value: str, label: str, chosen: str) -> SafeString:
    template = '<option value="{}" selected>{}</option>' if value == chosen else '<option value="{}">{}</option>'
    return format_html(template, value, label)


class TargetField(forms.ChoiceField):
    """The steps of a version, and the kinds of steps that can be made on the spot."""

    def __init__(self, **options) -> None:
        super().__init__(required=False, widget=TargetSelect(attrs={"data-exits": ""}), **options)

    def offer(self, version: FlowVersion | None) -> None:
        steps = _steps_of(version) if version else []
        new = [(f"{NEW}{name}", gettext(kind.title)) for name, kind in KINDS.items()]
        self.choices = [("", "–"), (gettext("Steps"), steps), (gettext("A new step"), new)]


def _steps_of(version: FlowVersion) -> list[tuple[str, str]]:
    """Read once, however many exits a form has: all its fields are made for the same row."""
    if not hasattr(version, "targets"):
        rows = Step.objects.filter(version=version).values_list("pk", "name")
        cast("Any", version).targets = [(str(pk), name) for pk, name in rows]
    return cast("Any", version).targets


def resolve(version: FlowVersion, chosen: str) -> Step | None:
    """The step that was chosen in a TargetField; a new one is made and named after its kind."""
    if not chosen:
        return None
    if not chosen.startswith(NEW):
        return Step.objects.get(version=version, pk=chosen)
    kind = chosen.removeprefix(NEW)
    return services.add_step(version, kind, services.free_name(version, gettext(KINDS[kind].title)))


def makes_steps(post: QueryDict) -> bool:
    """Whether a form that was sent asks for new steps."""
    return any(value.startswith(NEW) for values in dict(post.lists()).values() for value in values)


class StepForm(forms.ModelForm):
    """Made per kind by `step_form`, per request for one version."""

    for_version: FlowVersion | None = None
    exit_names: tuple[str, ...] = ()

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        if "version" not in self.fields:  # only to be read
            return
        self.fields["version"].disabled = True
        self.fields["version"].initial = self.for_version
        self.instance.version = self.for_version or self.instance.version
        wired = dict(Exit.objects.filter(step_id=self.instance.pk).values_list("name", "target_id"))
        for name, field in self.fields.items():
            if isinstance(field, TargetField):
                field.offer(self.for_version)
                field.initial = wired.get(name.removeprefix("exit_"), "")

    def wiring(self) -> Iterator[tuple[str, str]]:
        """(exit, what was chosen for it)."""
        for name in self.exit_names:
            yield name, self.cleaned_data.get(f"exit_{name}", "")


def step_form(table: type[StepOfKind]) -> type[StepForm]:
    """The form of a kind, with a field for each exit that every step of it has."""
    ways = table.KIND(id=0, name="").ways_out()
    fields = {f"exit_{way.name}": TargetField(label=_(way.label)) for way in ways}
    meta = type("Meta", (), {"model": table, "fields": "__all__", "widgets": {"version": forms.HiddenInput}})
    return type(f"{table.__name__}Form", (StepForm,), {**fields, "Meta": meta, "exit_names": tuple(way.name for way in ways)})


class BranchForm(forms.ModelForm):
    """A part of a step that is an exit of its own: the row has an `exit_name`, and `target` is where that leads."""

    for_version: FlowVersion | None = None
    target = TargetField(label=_("leads to"))

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        target = cast("TargetField", self.fields["target"])
        target.offer(self.for_version)
        if self.instance.pk:
            wired = Exit.objects.filter(step_id=self.instance.step_id, name=self.instance.exit_name)
            target.initial = wired.values_list("target_id", flat=True).first() or ""


class ChoiceForm(BranchForm):
    """A choice of a menu: digit, label, and where it leads."""

    class Meta:
        model = MenuChoice
        fields = ["digit", "label"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["digit"].widget.attrs["data-distinct"] = ""  # a new row begins with one that no other row has (rows.js)


class ConditionBranchForm(BranchForm):
    """A branch of a condition. The page numbers the rows when they are dragged; a new one that was not comes last."""

    position = forms.IntegerField(required=False, min_value=0)

    class Meta:
        model = ConditionBranch
        fields = ["label", "variable", "operator", "value", "numbers", "position"]

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        if not self.instance.pk:
            self.initial["position"] = None

    def clean_position(self) -> int:
        return last_if_new(ConditionBranch, self)


class SoundForm(forms.ModelForm):
    """A sound of a message. The page numbers the rows when they are dragged; a new one that was not comes last."""

    position = forms.IntegerField(required=False, min_value=0)

    class Meta:
        model = MessageSound
        fields = ["prompt", "position"]

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        if not self.instance.pk:
            self.initial["position"] = None

    def clean_position(self) -> int:
        return last_if_new(MessageSound, self)


def last_if_new(part: type[MessageSound] | type[ConditionBranch], form: forms.ModelForm) -> int:
    """The position of a row, and for one without: behind all others of its step."""
    position: int | None = form.cleaned_data["position"]
    if position is not None:
        return position
    last: int | None = part._default_manager.filter(step=form.instance.step_id).aggregate(last=Max("position"))["last"]
    return 0 if last is None else last + 1
