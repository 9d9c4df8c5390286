"""The sample library is shipped, and fit for training."""

from graphql_api.sandbox.openai.training import MIN_EXAMPLES
from graphql_api.sandbox.samples import sample_library


def test_the_sample_is_enough_for_a_job() -> None:
    """Tables, and no fewer questions than the sandbox trains on, each with its SQL and each once."""
    sample = sample_library()
    questions = [question for question, _ in sample.golden_records]
    assert (sample.alias, sample.dialect) == ("library", "postgres")
    assert all(table.startswith("CREATE TABLE ") for table in sample.table_schemas)
    assert len(questions) >= MIN_EXAMPLES
    assert len(set(questions)) == len(questions)
    assert all(sql.startswith("SELECT ") for _, sql in sample.golden_records)
