import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quantum_advantage.backends.names import (
    NAMES,
    SIMULATORS,
    BackendName,
    read_backend,
    read_pairs,
    write_pairs,
)

SIMULATED = ("auto", "qsim", "stim", "law")
PLACES = st.tuples(st.integers(0, 12), st.integers(0, 12))
PAIRS = st.lists(st.tuples(PLACES, PLACES), max_size=4).map(tuple)
PROCESSORS = st.from_regex(r"[a-z0-9][a-z0-9_\-]{0,9}", fullmatch=True)
LABELS = st.from_regex(r"[A-Za-z0-9_.\-]{1,9}", fullmatch=True)


def test_every_name_is_a_simulator_or_a_processor():
    assert set(SIMULATED) <= {"auto", *SIMULATORS, "law"}
    assert list(NAMES) == ["auto", *SIMULATORS, "law", "qvm", "engine"]


@given(st.sampled_from(SIMULATED), st.floats(0, 15 / 16), st.floats(0, 0.5))
@settings(derandomize=True, deadline=None)
def test_spelling_of_a_backend_reads_back(base, depolarize, readout):
    noise = {"depolarize": depolarize, "readout": readout}
    backend = BackendName(base, tuple((key, value) for key, value in noise.items() if value))
    assert (backend.depolarize, backend.readout) == (depolarize, readout)
    assert read_backend(str(backend)) == backend


@given(PROCESSORS, PAIRS)
@settings(derandomize=True, deadline=None)
def test_spelling_of_a_virtual_processor_reads_back(processor, pairs):
    backend = BackendName("qvm", processor=processor, pairs=pairs)
    assert read_backend(str(backend)) == backend
    assert backend.on_device


@given(PROCESSORS, PAIRS, LABELS, LABELS, st.sampled_from(["run", "snapshot", "neither"]))
@settings(derandomize=True, deadline=None)
def test_spelling_of_a_real_processor_reads_back(processor, pairs, config, label, kind):
    chosen = {} if kind == "neither" else {"config": config, kind: label}
    backend = BackendName("engine", processor=processor, pairs=pairs, **chosen)
    assert read_backend(str(backend)) == backend
    assert backend.on_device


@pytest.mark.parametrize("base", SIMULATED)
def test_backend_without_options_is_noiseless(base):
    assert read_backend(base) == BackendName(base)
    assert not read_backend(base).on_device
    assert not read_backend(base).noisy


@pytest.mark.parametrize("text", ["qsim", "law:readout=0.1", "stim:depolarize=0.1,readout=0.1"])
def test_backend_without_options_but_those_of_noise_is_local(text):
    assert read_backend(text).is_local
    assert not BackendName("qsim", (("decay", 0.1),)).is_local
    assert not read_backend("qvm:weber").is_local


@pytest.mark.parametrize("text", ["qsim:noise=twirled", "qvm:weber,noise=twirled"])
def test_errors_can_be_twirled_and_the_name_says_so(text):
    backend = read_backend(text)
    assert backend.twirled
    assert not backend.is_local
    assert str(backend) == text
    assert not read_backend(text.replace("noise=twirled", "").rstrip(":,")).twirled


@pytest.mark.parametrize("text", ["qsim:noise=exact", "qvm:weber,noise=none"])
def test_other_noise_is_refused_with_what_would_do(text):
    with pytest.raises(ValueError, match=f"noise in '{text}' must be twirled"):
        read_backend(text)


@pytest.mark.parametrize("text", ["stim:noise=twirled", "law:noise=twirled", "engine:a/b,noise=x"])
def test_noise_is_twirled_where_it_is_simulated_by_qsim_alone(text):
    with pytest.raises(ValueError, match="unknown option 'noise'"):
        read_backend(text)


def test_a_virtual_processor_is_read_with_its_pairs():
    backend = read_backend("qvm:weber,pairs=3.3-3.2+4.3-4.4")
    assert backend.base == "qvm"
    assert backend.processor == "weber"
    assert backend.pairs == (((3, 3), (3, 2)), ((4, 3), (4, 4)))
    assert read_backend("qvm:willow_pink") == BackendName("qvm", processor="willow_pink")


def test_a_real_processor_is_read_with_its_configuration():
    backend = read_backend("engine:my-project/rainbow,config=new,run=last,pairs=3.3-3.2")
    assert (backend.project, backend.processor) == ("my-project", "rainbow")
    assert (backend.config, backend.run, backend.snapshot) == ("new", "last", "")
    assert backend.pairs == (((3, 3), (3, 2)),)
    fixed = read_backend("engine:my-project/rainbow,config=new,snapshot=17")
    assert (fixed.config, fixed.run, fixed.snapshot) == ("new", "", "17")


@pytest.mark.parametrize("project", ["my-project", "example.com:my-project", "p1"])
def test_the_project_is_read_and_written_nowhere(project):
    backend = read_backend(f"engine:{project}/weber,config=c,run=r")
    assert backend.project == project
    assert str(backend) == "engine:weber,config=c,run=r"
    assert read_backend(str(backend)).project == ""


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("qvm", "qvm:PROCESSOR"),
        ("qvm:", "qvm:PROCESSOR"),
        ("qvm:-weber", "qvm:PROCESSOR"),
        ("qvm:project/weber", "qvm:PROCESSOR"),
        ("qvm:pairs=3.3-3.2", "qvm:PROCESSOR"),
        ("engine", "engine:PROJECT/PROCESSOR"),
        ("engine:a/b/c", "engine:PROJECT/PROCESSOR"),
        ("engine:project/", "engine:PROJECT/PROCESSOR"),
        ("engine:/weber", "engine:PROJECT/PROCESSOR"),
    ],
)
def test_a_processor_that_does_not_read_so_is_refused_with_its_form(text, form):
    with pytest.raises(ValueError, match=f"must read {form}$") as error:
        read_backend(text)
    assert repr(text) in str(error.value)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ("depolarize=0.1", "unknown option 'depolarize'"),
        ("config=c", "unknown option 'config'"),
        ("run=r", "unknown option 'run'"),
        ("pairs=3.3", "pair '3.3' must read row.column-row.column"),
        ("pairs=3.3-3.2+", "pair '' must read"),
        ("pairs=3.3-3.2,4.3-4.4", "4.3-4.4"),
        ("pairs=3.3-3.2x", "pair '3.3-3.2x' must read"),
        ("pairs=-1.3-3.2", "must read"),
        ("pairs", "'pairs' in"),
        ("pairs=", "'pairs=' in"),
    ],
)
def test_options_that_a_virtual_processor_does_not_take_are_refused(options, message):
    with pytest.raises(ValueError, match=re.escape(message)) as error:
        read_backend(f"qvm:weber,{options}")
    assert f"'qvm:weber,{options}'" in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    "options", ["config=c", "run=r", "snapshot=s", "run=r,snapshot=s", "config=c,run=r,snapshot=s"]
)
def test_a_configuration_goes_with_a_run_or_a_snapshot(options):
    with pytest.raises(
        ValueError, match="must name config=NAME together with run=NAME or"
    ) as error:
        read_backend(f"engine:project/weber,{options}")
    assert "\n" not in str(error.value)


def test_pairs_are_written_as_they_are_read():
    text = "3.3-3.2+4.3-4.4+10.11-12.13"
    assert write_pairs(read_pairs(text)) == text
    assert read_pairs(text)[2] == ((10, 11), (12, 13))
    assert read_pairs("") == ()
    assert write_pairs(()) == ""


@pytest.mark.parametrize(
    ("text", "spelling"),
    [
        ("qsim:readout=0.02,depolarize=0.01", "qsim:depolarize=0.01,readout=0.02"),
        ("stim:depolarize=0.010", "stim:depolarize=0.01"),
        ("law:readout=1e-3", "law:readout=0.001"),
        ("auto:depolarize=0", "auto"),
        ("qvm:weber,pairs=03.3-3.02", "qvm:weber,pairs=3.3-3.2"),
        ("engine:p/weber,run=r,config=c", "engine:weber,config=c,run=r"),
        ("engine:weber,run=r,pairs=1.1-1.2,config=c", "engine:weber,config=c,pairs=1.1-1.2,run=r"),
    ],
)
def test_one_backend_has_one_spelling(text, spelling):
    assert str(read_backend(text)) == spelling


@pytest.mark.parametrize(("circuits", "base"), [(True, "qsim"), (False, "law")])
def test_auto_stands_for_circuits_or_the_law_with_its_noise(circuits, base):
    backend = read_backend("auto:depolarize=0.01,readout=0.02")
    assert backend.resolve(circuits) == BackendName(base, (("depolarize", 0.01), ("readout", 0.02)))


@pytest.mark.parametrize("base", ["qsim", "stim", "law", "qvm:weber", "engine:weber"])
@pytest.mark.parametrize("circuits", [True, False])
def test_other_backends_stand_for_themselves(base, circuits):
    assert read_backend(base).resolve(circuits) == read_backend(base)


@pytest.mark.parametrize("text", ["", "cirq", "QSIM", "cirq:depolarize=0.1", " qsim"])
def test_unknown_backend_is_refused_by_name(text):
    with pytest.raises(ValueError, match=f"choose one of {', '.join(NAMES)}") as error:
        read_backend(text)
    assert repr(text) in str(error.value)


def test_near_match_of_a_backend_is_offered():
    with pytest.raises(ValueError, match=r"did you mean qsim\?$"):
        read_backend("qsm:readout=0.1")


def test_unknown_option_is_refused_by_name():
    with pytest.raises(ValueError, match=r"unknown option 'decay' in 'qsim:decay=0\.1'"):
        read_backend("qsim:decay=0.1")


@pytest.mark.parametrize("option", ["depolarize=x", "depolarize", "depolarize=", ""])
def test_option_that_is_no_number_is_refused_by_name(option):
    with pytest.raises(ValueError, match=f"in 'qsim:{option}' must"):
        read_backend(f"qsim:{option}")


@pytest.mark.parametrize("option", ["depolarize=nan", "readout=inf", "readout=0.0_1"])
def test_what_is_no_number_is_refused_by_name(option):
    key, _, value = option.partition("=")
    with pytest.raises(ValueError, match=f"'{key}' in .* must be a number, as .* not '{value}'"):
        read_backend(f"qsim:{option}")


@pytest.mark.parametrize(
    ("option", "largest"),
    [
        ("depolarize=-0.01", "0.9375"),
        ("depolarize=0.94", "0.9375"),
        ("readout=-0.01", "0.5"),
        ("readout=0.51", "0.5"),
    ],
)
def test_probability_out_of_range_is_refused_by_name_and_range(option, largest):
    key = option.partition("=")[0]
    with pytest.raises(ValueError, match=f"{key} in 'qsim:{option}' must .* 0 and {largest}"):
        read_backend(f"qsim:{option}")


@pytest.mark.parametrize("processor", ["qvm:weber", "engine:mine/weber"])
def test_pairs_that_are_named_leave_nothing_to_choose(processor):
    with pytest.raises(ValueError, match=r"place in .* changes nothing where pairs are named"):
        read_backend(f"{processor},pairs=3.4-3.3,place=circuit")
    fitted = read_backend(f"{processor},gauge=cz,place=circuit")
    assert fitted.fits_circuit
    named = fitted.on_pairs((((3, 4), (3, 3)),))
    assert named == read_backend(f"{processor},gauge=cz,pairs=3.4-3.3")
    assert not named.fits_circuit
