"""When a real processor can be used: its health, down times, reservations."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

# What the service calls a processor that takes no jobs.
_OUT_OF_SERVICE = ("DOWN", "UNAVAILABLE", "INACTIVE")
_NEAR = timedelta(days=1)


def out_of_service(name: str, processor: Any) -> str:
    """Returns why a processor takes no jobs now, in words; an empty text if it takes them.

    Args:
        name: What the processor is called.
        processor: cirq-google's processor.

    Example:
        >>> import cirq_google
        >>> local = cirq_google.engine.create_noiseless_virtual_engine_from_latest_templates()
        >>> out_of_service("weber", local.get_processor("weber"))
        ''
    """
    health = str(processor.health())
    if health not in _OUT_OF_SERVICE:
        return ""
    back = processor.expected_recovery_time()
    until = f", and is expected back at {_shown(back)}" if _is_set(back) else ""
    return f"the service calls {name} {health}{until}"


def coming_up(name: str, processor: Any, now: datetime | None = None) -> list[str]:
    """Returns what is planned for a processor in the next day, one line each.

    Args:
        name: What the processor is called.
        processor: cirq-google's processor.
        now: The time, with its zone; by default now.

    Returns:
        Its down time, and the reservations of this project.

    Example:
        >>> import cirq_google
        >>> local = cirq_google.engine.create_noiseless_virtual_engine_from_latest_templates()
        >>> coming_up("weber", local.get_processor("weber"))
        []
    """
    now = datetime.now(UTC) if now is None else now
    lines = []
    down = processor.expected_down_time()
    if _is_set(down) and now <= _aware(down) <= now + _NEAR:
        lines.append(f"{name} goes down at {_shown(down)}")
    for slot in processor.list_reservations(timedelta(), _NEAR):
        begin, end = slot.start_time, slot.end_time
        if _is_set(begin) and _is_set(end):
            lines.append(
                f"{name} is reserved for this project from {_shown(begin)} to {_shown(end)}"
            )
    return lines


def _is_set(moment: Any) -> bool:
    return isinstance(moment, datetime)


def _aware(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _shown(moment: datetime) -> str:
    return _aware(moment).astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")
