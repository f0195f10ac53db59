import pytest

from quantum_advantage.bounds.displacement import samples_without_entanglement


def test_published_bound_grows_by_its_base():
    values = [samples_without_entanglement(n, 0.5, 0.2) for n in (8, 9)]
    assert values[1] / values[0] == pytest.approx(1.99)
    assert values[0] == pytest.approx(0.25 * 1.99**8)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((7, 1, 0.1), "modes must be at least 8, not 7"),
        ((8, 0, 0.1), "kappa must be above 0, not 0"),
        ((8, 1, 0.3), r"error must lie in \(0, 0.24\], not 0.3"),
    ],
)
def test_wrong_arguments_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        samples_without_entanglement(*arguments)
