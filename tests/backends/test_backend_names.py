import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quantum_advantage.backends.names import NAMES, BackendName, read_backend


@given(st.sampled_from(NAMES), st.floats(0, 15 / 16), st.floats(0, 0.5))
@settings(derandomize=True, deadline=None)
def test_spelling_of_a_backend_reads_back(base, depolarize, readout):
    backend = BackendName(base, depolarize, readout)
    assert read_backend(str(backend)) == backend


@pytest.mark.parametrize("base", NAMES)
def test_backend_without_options_is_noiseless(base):
    assert read_backend(base) == BackendName(base, 0.0, 0.0)


@pytest.mark.parametrize(
    ("text", "spelling"),
    [
        ("qsim:readout=0.02,depolarize=0.01", "qsim:depolarize=0.01,readout=0.02"),
        ("stim:depolarize=0.010", "stim:depolarize=0.01"),
        ("law:readout=1e-3", "law:readout=0.001"),
        ("auto:depolarize=0", "auto"),
    ],
)
def test_one_backend_has_one_spelling(text, spelling):
    assert str(read_backend(text)) == spelling


@pytest.mark.parametrize(("circuits", "base"), [(True, "qsim"), (False, "law")])
def test_auto_stands_for_circuits_or_the_law_with_its_noise(circuits, base):
    backend = read_backend("auto:depolarize=0.01,readout=0.02")
    assert backend.resolve(circuits) == BackendName(base, 0.01, 0.02)


@pytest.mark.parametrize("base", ["qsim", "stim", "law"])
@pytest.mark.parametrize("circuits", [True, False])
def test_other_backends_stand_for_themselves(base, circuits):
    assert read_backend(base).resolve(circuits) == read_backend(base)


@pytest.mark.parametrize("text", ["", "cirq", "QSIM", "cirq:depolarize=0.1", " qsim"])
def test_unknown_backend_is_refused_by_name(text):
    with pytest.raises(ValueError, match="choose one of auto, qsim, stim, law") as error:
        read_backend(text)
    assert repr(text) in str(error.value)


def test_unknown_option_is_refused_by_name():
    with pytest.raises(ValueError, match=r"unknown option 'noise' in 'qsim:noise=0\.1'"):
        read_backend("qsim:noise=0.1")


@pytest.mark.parametrize("option", ["depolarize=x", "depolarize", "depolarize=", ""])
def test_option_that_is_no_number_is_refused_by_name(option):
    with pytest.raises(ValueError, match=f"in 'qsim:{option}' must"):
        read_backend(f"qsim:{option}")


@pytest.mark.parametrize(
    ("option", "largest"),
    [
        ("depolarize=-0.01", "0.9375"),
        ("depolarize=0.94", "0.9375"),
        ("depolarize=nan", "0.9375"),
        ("readout=-0.01", "0.5"),
        ("readout=0.51", "0.5"),
        ("readout=inf", "0.5"),
    ],
)
def test_probability_out_of_range_is_refused_by_name_and_range(option, largest):
    key = option.partition("=")[0]
    with pytest.raises(ValueError, match=f"{key} in 'qsim:{option}' must .* 0 and {largest}"):
        read_backend(f"qsim:{option}")
