"""Results of a service are checked as those of every sampler."""

import numpy as np
import pytest
from fake_service import CIRCUIT, DIALS, FakeService, assert_same, sample
from hostile_samplers import RIGHT, WRONG, WRONG_PARAMETERS

from quantum_advantage.backends.devices.jobs import JobError
from quantum_advantage.circuits.request import Request

# Six parameter sets in one job, ten times each.
ASKED = Request(
    CIRCUIT, DIALS, tuple(np.tile(row, 10).astype(np.uint8) for row in np.divmod(range(6), 2)), 60
)


class SpoiltService(FakeService):
    """A service whose results go through a function."""

    def __init__(self, store, spoil):
        super().__init__(store)
        self._spoil = spoil

    def decode(self, raw, circuit):
        return self._spoil(super().decode(raw, circuit))


FAULTS = {
    **{k: WRONG[k] for k in ("one column more", "no columns", "7", "-1", "0.5", "256", "NaN")},
    **{k: WRONG[k] for k in ("two instances", "no keys", "a key more", "None", "None inside")},
    **{k: WRONG_PARAMETERS[k] for k in ("no parameters", "other values", "a result twice")},
}


@pytest.fixture(autouse=True)
def _same_jobs(monkeypatch):
    monkeypatch.setattr(
        "quantum_advantage.backends.devices.job_folder.secrets.token_hex", lambda n: "0a1b2c3d"
    )


@pytest.mark.parametrize(("spoil", "message"), FAULTS.values(), ids=FAULTS)
def test_what_is_no_answer_is_refused_with_the_name_of_the_job(tmp_path, spoil, message):
    with pytest.raises(
        JobError, match=f"job qa-0a1b2c3d-.*cannot be read: the service .*{message}"
    ):
        sample(tmp_path / "run", SpoiltService(tmp_path / "cloud", spoil), ASKED)


@pytest.mark.parametrize("name", ["a generator", "reversed", "in single precision", "records"])
def test_another_form_of_the_answer_is_the_same_data(tmp_path, name):
    whole = sample(tmp_path / "whole", FakeService(tmp_path / "other cloud"), ASKED)
    found = sample(tmp_path / "run", SpoiltService(tmp_path / "cloud", RIGHT[name]), ASKED)
    assert_same(found, whole)
