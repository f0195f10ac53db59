import numpy as np

from quantum_advantage.backends.opening import open_backend
from quantum_advantage.circuits.run import run
from quantum_advantage.systems.random_states import random_states
from quantum_advantage.tasks.shared.purity_measurements import PauliBases


def test_a_record_does_not_hold_what_nature_drew():
    """The dials of the system are nature's; only the learner's bases are recorded."""
    rng = np.random.default_rng(0)
    preparation = random_states(2, np.zeros(3), rng, rng)
    request = PauliBases(2, (0.25, 1.0)).request(preparation, 4, rng)
    (record,) = run([request], open_backend("qsim").make(0))
    assert set(record.settings) == {"basis0", "basis1"}
