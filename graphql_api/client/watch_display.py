"""Shows a watched finetuning: one line in place on a terminal, a line for each event otherwise."""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TextIO

import click

from graphql_api.client.following import Event, Lost, State, Step
from graphql_api.client.output import shown
from graphql_api.client.progress import Progress, losses

CLEARED = "\r\x1b[2K"
"""Goes back to the start of the line, and empties it."""


@dataclass(slots=True)
class Display:
    """What is shown so far."""

    out: TextIO
    in_place: bool
    progress: Progress = field(default_factory=Progress)
    status: str = ""

    def show(self, step: Step) -> None:
        """Show one more step."""
        match step:
            case State(finetuning):
                self._take(finetuning)
            case Event(event):
                self._tell(event)
            case Lost(reason):
                self._line(f"{shown(reason)}; trying again")
        self._draw()

    def end(self) -> None:
        """Leave the line in place as it is."""
        if self.in_place and self.status:
            click.echo(file=self.out)

    def _take(self, finetuning: Mapping[str, Any] | None) -> None:
        if finetuning is not None:
            self.status = finetuning["status"]
            self.progress.expected_end = finetuning["estimatedFinishAt"]

    def _tell(self, event: Mapping[str, Any]) -> None:
        self.progress.take(event)
        if not self.in_place or event["kind"] not in {"PROVIDER_METRICS", "PROVIDER_MESSAGE"}:
            self._line(event_line(event))

    def _line(self, text: str) -> None:
        click.echo(f"{CLEARED if self.in_place else ''}{text}", file=self.out, color=self.in_place)

    def _draw(self) -> None:
        if self.in_place and self.status:
            columns = shutil.get_terminal_size().columns
            line = CLEARED + self.progress.line(self.status)[: columns - 1]
            click.echo(line, nl=False, file=self.out, color=True)


def event_line(event: Mapping[str, Any]) -> str:
    """Return one line for an event: its time, what happened, and more about it."""
    metrics = event["metrics"]
    if metrics:
        of = f" of {metrics['totalSteps']}" if metrics["totalSteps"] else ""
        words = "  ".join([f"step {metrics['step']}{of}", *losses(metrics)])
    else:
        happened = event["kind"].lower().replace("_", " ")
        words = "  ".join(filter(None, [happened, event["status"], event["message"]]))
    return f"{event['at'][:19]}Z  {shown(words)}"
