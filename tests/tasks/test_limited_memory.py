import numpy as np
import pytest
from hidden_strings import every_string, evidence_of, hide

from quantum_advantage.tasks.observables.limited_memory import LimitedMemory
from quantum_advantage.tasks.observables.protocols import Bell


@pytest.mark.parametrize("k", [0, 1, 2, 3])
def test_a_memory_gives_two_copy_signs_of_the_strings_that_touch_it(k):
    letters = every_string(3)
    evidence = evidence_of(LimitedMemory(k), hide(letters, 1, 0.9), letters[:, None], 4)
    np.testing.assert_array_equal(evidence.squared[:, 0], letters[:, :k].any(axis=1))


def test_a_full_memory_is_the_bell_measurement():
    letters = every_string(2)
    found = [
        evidence_of(protocol, hide(letters, 1, 0.9), letters[:, None], 50)
        for protocol in (Bell(), LimitedMemory(2))
    ]
    np.testing.assert_array_equal(found[0].hits, found[1].hits)
    np.testing.assert_array_equal(found[0].squared, found[1].squared)
    assert (found[0].hits == 50).all()


def test_a_memory_and_a_rest_that_lies_behind_the_first_word_are_read():
    letters = np.zeros((6, 66), dtype=np.uint8)
    letters[:, 0] = 1
    letters[:, 65] = [1, 2, 3, 1, 2, 3]
    evidence = evidence_of(LimitedMemory(64), hide(letters, -1, 1.0), letters[:, None], 200)
    np.testing.assert_array_equal(evidence.pluses, evidence.hits)
    assert (evidence.hits < 200).all()
