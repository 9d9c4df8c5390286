"""Checks a training file and plans its job's milestones."""

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass

from graphql_api.sandbox.openai.jobs import Hyperparameters, Job, JobError, JobStatus, Milestone

MIN_EXAMPLES = 10
ROLES = frozenset({"system", "developer", "user", "assistant", "tool", "function"})
REPORTED_STEPS = 20
"""The largest number of steps reported with their loss, spread evenly over the training."""

CHARACTERS_PER_TOKEN = 4
"""OpenAI's own rule of thumb for English text."""

KEPT_CHECKPOINTS = 3
"""OpenAI keeps the checkpoints of the last three epochs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Durations:
    """The time of a file's processing, of each status of a job, and of a cancel, in seconds."""

    processing_s: float = 0.0
    queued_s: float = 1.0
    validating_s: float = 1.0
    running_s: float = 60.0
    cancelling_s: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Dataset:
    """The contents of a training file; ``error`` is the reason to refuse it."""

    examples: int = 0
    tokens: int = 0
    error: JobError | None = None


def examine(content: bytes) -> Dataset:
    """Read chat JSONL as OpenAI's validation does: every line a chat, ten of them at least."""
    lines = [line for line in content.splitlines() if line.strip()]
    for number, line in enumerate(lines, start=1):
        if fault := _fault_of_line(line):
            message = f"The job failed due to an invalid training file. Line {number}: {fault}"
            return Dataset(
                error=JobError(code="invalid_training_file", message=message, param="training_file")
            )
    if len(lines) < MIN_EXAMPLES:
        message = f"Training file has {len(lines)} example(s), but must have at least {MIN_EXAMPLES} examples"
        return Dataset(error=JobError(code="invalid_n_examples", message=message, param="training_file"))
    return Dataset(examples=len(lines), tokens=max(1, len(content) // CHARACTERS_PER_TOKEN))


def _fault_of_line(line: bytes) -> str | None:
    try:
        example = json.loads(line)
    except (ValueError, RecursionError):
        return "this is not valid JSON."
    messages = example.get("messages") if isinstance(example, dict) else None
    if not isinstance(messages, list) or not messages:
        return 'missing "messages".'
    if fault := next(filter(None, map(_fault_of_message, messages)), None):
        return fault
    if not any(message["role"] == "assistant" for message in messages):
        return "no message is from the assistant."
    return None


def _fault_of_message(message: object) -> str | None:
    if not isinstance(message, dict) or message.get("role") not in ROLES:
        return "a message has no known role."
    if not isinstance(message.get("content"), str | list) and "tool_calls" not in message:
        return "a message has no content."
    return None


def resolve(asked: Hyperparameters) -> Hyperparameters:
    """Put the provider's choice in place of every ``auto``."""
    return Hyperparameters(
        n_epochs=3 if asked.n_epochs == "auto" else asked.n_epochs,
        batch_size=1 if asked.batch_size == "auto" else asked.batch_size,
        learning_rate_multiplier=1.8
        if asked.learning_rate_multiplier == "auto"
        else asked.learning_rate_multiplier,
    )


def plan(job: Job, *, dataset: Dataset, durations: Durations) -> list[Milestone]:
    """Return the milestones of an undisturbed ``job``, in order."""
    validates_at = job.created_at + durations.queued_s
    judged_at = validates_at + durations.validating_s
    opening = [
        Milestone(at=job.created_at, message=f"Created fine-tuning job: {job.id}", status=JobStatus.QUEUED),
        Milestone(
            at=validates_at,
            message=f"Validating training file: {job.training_file}",
            status=JobStatus.VALIDATING_FILES,
        ),
    ]
    if error := dataset.error:
        return [
            *opening,
            Milestone(at=judged_at, message=error.message, status=JobStatus.FAILED, error=error),
        ]
    return [*opening, *_training(job, dataset=dataset, starts_at=judged_at, lasts_s=durations.running_s)]


def result_table(job: Job) -> bytes:
    """Return the metrics of a job's reported steps as CSV."""
    reports = [
        milestone.metrics for milestone in job.history if milestone.metrics and not milestone.is_checkpoint
    ]
    rows = [f"{row['step']:.0f},{row['train_loss']},{row['train_mean_token_accuracy']}" for row in reports]
    return "\n".join(["step,train_loss,train_accuracy", *rows, ""]).encode()


def _training(job: Job, *, dataset: Dataset, starts_at: float, lasts_s: float) -> Iterator[Milestone]:
    steps_per_epoch = math.ceil(dataset.examples / int(job.resolved.batch_size))
    n_epochs = int(job.resolved.n_epochs)
    total_steps = steps_per_epoch * n_epochs
    checkpoints = {steps_per_epoch * epoch for epoch in range(1, n_epochs + 1)[-KEPT_CHECKPOINTS:]}
    yield Milestone(at=starts_at, message="Files validated, moving job to running state")
    yield Milestone(at=starts_at, message="Fine-tuning job started", status=JobStatus.RUNNING)
    for step in _reported(total_steps, checkpoints=checkpoints):
        progress = step / total_steps
        at = starts_at + lasts_s * progress
        yield _report(step, of=total_steps, at=at, trained_tokens=round(dataset.tokens * n_epochs * progress))
        if step in checkpoints:
            yield _checkpoint(job, step=step, of=total_steps, at=at)
    yield from _success(job, at=starts_at + lasts_s)


def _reported(total_steps: int, *, checkpoints: set[int]) -> list[int]:
    stride = math.ceil(total_steps / REPORTED_STEPS)
    return sorted({*range(stride, total_steps + 1, stride), *checkpoints})


def _report(step: int, *, of: int, at: float, trained_tokens: int) -> Milestone:
    metrics = _metrics(step, of=of) | {"total_steps": of}
    message = f"Step {step}/{of}: training loss={metrics['train_loss']:.2f}"
    return Milestone(at=at, message=message, metrics=metrics, trained_tokens=trained_tokens)


def _metrics(step: int, *, of: int) -> dict[str, int | float]:
    loss = 2 * math.exp(-2 * step / of)
    return {"step": step, "train_loss": round(loss, 4), "train_mean_token_accuracy": round(1 - loss / 4, 4)}


def _checkpoint(job: Job, *, step: int, of: int, at: float) -> Milestone:
    message = f"Checkpoint created at step {step} with Snapshot ID: {job.model_id}:ckpt-step-{step}"
    return Milestone(at=at, message=message, metrics=_metrics(step, of=of), is_checkpoint=True)


def _success(job: Job, *, at: float) -> Iterator[Milestone]:
    yield Milestone(at=at, message=f"New fine-tuned model created: {job.model_id}")
    yield Milestone(at=at, message="The job has successfully completed", status=JobStatus.SUCCEEDED)
