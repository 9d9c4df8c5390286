"""Lines of a file of golden records."""

RIGHT = {"prompt_text": "Who?", "sql": "SELECT 1"}


def numbered(count: int) -> list[dict[str, str]]:
    """Return as many different lines."""
    return [{"prompt_text": f"Question {n}?", "sql": f"SELECT {n}"} for n in range(count)]
