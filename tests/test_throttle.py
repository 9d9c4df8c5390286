"""The throttle of log lines."""

import logging

from structlog.testing import capture_logs

from graphql_api.throttle import EVERY_S, MOST_KINDS, Throttle, ThrottledLog, ThrottledRecords


class Clock:
    """A clock that the test moves."""

    at_s = 0.0

    def __call__(self) -> float:
        """Return the time."""
        return self.at_s


def test_one_event_of_a_kind_gets_through_in_a_second() -> None:
    """The next one after it brings the number of the others."""
    clock = Clock()
    throttle = Throttle(now=clock)
    assert [throttle.count("a") for _ in range(4)] == [0, None, None, None]
    assert throttle.count("b") == 0
    clock.at_s += EVERY_S
    assert throttle.count("a") == 3
    assert throttle.count("a") is None


def test_kinds_do_not_pile_up() -> None:
    """They are forgotten if there are too many."""
    throttle = Throttle(now=Clock())
    for number in range(3 * MOST_KINDS):
        assert throttle.count(f"kind {number}") == 0
    assert len(throttle._last) <= MOST_KINDS


def test_a_line_has_the_number_of_the_others() -> None:
    """And its own details."""
    clock = Clock()
    log = ThrottledLog("ours", throttle=Throttle(now=clock))
    with capture_logs() as logs:
        for number in range(3):
            log.warning("refused", kind="a", number=number)
        clock.at_s += EVERY_S
        log.warning("refused", kind="a", number=3)
        log.warning("refused", number=4)
    assert logs == [
        {"event": "refused", "log_level": "warning", "kind": "a", "number": 0, "others": 0},
        {"event": "refused", "log_level": "warning", "kind": "a", "number": 3, "others": 2},
        {"event": "refused", "log_level": "warning", "number": 4, "others": 0},
    ]


def test_a_librarys_line_is_told_once() -> None:
    """Lines with the same beginning are one, whatever follows."""
    records = ThrottledRecords()

    def passes(text: str, *details: object) -> bool:
        return records.filter(logging.LogRecord("theirs", logging.WARNING, "", 0, text, details, None))

    assert passes("out of %s\nhere", "files")
    assert not passes("out of %s\nthere", "memory")
    assert passes("another line")
