"""The budget of unread bytes."""

from graphql_api.http.wire.budget import FREE_BYTES, Budget


def test_shares_fill_the_budget() -> None:
    """A share that does not fit keeps its size, and fits after another one is released."""
    budget = Budget(1_000)
    one, other = budget.share(), budget.share()
    assert one.fits(FREE_BYTES + 600)
    assert other.fits(FREE_BYTES + 400)
    assert not other.fits(FREE_BYTES + 401)
    assert budget.used == 1_000
    one.release()
    assert other.fits(FREE_BYTES + 1_000)
    assert budget.used == 1_000
    other.release()
    assert budget.used == 0


def test_small_ones_always_fit() -> None:
    """The first bytes of each share count nothing, even in a full budget."""
    budget = Budget(1)
    assert budget.share().fits(FREE_BYTES + 1)
    assert all(budget.share().fits(FREE_BYTES) for _ in range(100))
    assert not budget.share().fits(FREE_BYTES + 1)


def test_a_share_shrinks() -> None:
    """What is read is free again."""
    budget = Budget(1_000)
    share = budget.share()
    assert share.fits(FREE_BYTES + 1_000)
    assert share.fits(FREE_BYTES + 10)
    assert budget.used == 10


def test_one_client_has_half_of_it_at_most() -> None:
    """Others find room, and so does the client itself after the end of a share."""
    budget = Budget(1_000)
    first, second = budget.share(client="a"), budget.share(client="a")
    assert first.fits(FREE_BYTES + 300)
    assert not second.fits(FREE_BYTES + 201)
    assert second.fits(FREE_BYTES + 200)
    assert budget.share(client="b").fits(FREE_BYTES + 500)
    assert not budget.share(client="c").fits(FREE_BYTES + 1)
    first.release()
    assert second.fits(FREE_BYTES + 500)


def test_a_single_share_may_be_larger() -> None:
    """Then its client has no other."""
    budget = Budget(1_000)
    only = budget.share(client="a")
    assert only.fits(FREE_BYTES + 900)
    assert not budget.share(client="a").fits(FREE_BYTES + 1)
    assert budget.share(client="b").fits(FREE_BYTES + 100)


def test_clients_without_a_share_are_forgotten() -> None:
    """However many there were."""
    budget = Budget(1_000)
    for number in range(100):
        share = budget.share(client=str(number))
        assert share.fits(FREE_BYTES + 500)
        share.release()
    assert (budget.used, budget.clients) == (0, 0)
