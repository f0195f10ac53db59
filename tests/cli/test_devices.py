import contextlib
import io
import re

import pytest

from quantum_advantage.backends.devices.virtual import virtual_device
from quantum_advantage.cli import main


@pytest.fixture(scope="module")
def listed():
    """What the command says of each processor: its line, and the lines below it by their word."""
    text = io.StringIO()
    with contextlib.redirect_stdout(text):
        assert main(["devices"]) == 0
    found, below = {}, {}
    for line in text.getvalue().splitlines():
        if line.startswith("    "):
            name, _, rest = line.strip().partition("  ")
            below[name] = rest.strip()
        else:
            below = {}
            found[line.partition(": ")[0]] = line.partition(": ")[2], below
    return found


def test_devices_lists_every_processor(listed):
    assert list(listed) == [
        "qvm:rainbow",
        "qvm:weber",
        "qvm:willow_pink",
        "engine:PROJECT/PROCESSOR",
    ]


@pytest.mark.parametrize(
    ("name", "qubits", "couplers", "pairs", "least", "most", "date"),
    [
        ("weber", 53, 86, 24, 24, 24, "2021-11-03"),
        ("willow_pink", 105, 182, 49, 46, 49, "2024-08-16"),
        ("rainbow", 23, 32, 8, 8, 8, "2021-11-16"),
    ],
)
def test_devices_tells_the_size_of_every_processor(
    listed, name, qubits, couplers, pairs, least, most, date
):
    line, _ = listed[f"qvm:{name}"]
    assert line.startswith(f"{qubits} qubits, {couplers} couplers, at most {pairs} pairs, ")
    chain = int(re.search(r"longest chain of pairs found (\d+),", line)[1])
    assert least <= chain <= most
    assert line.endswith(f"calibrated {date}")


@pytest.mark.parametrize(
    ("name", "gates", "uncalibrated"),
    [
        ("weber", {"cz", "syc", "sqrt_iswap"}, {"cz"}),
        ("rainbow", {"cz", "syc", "sqrt_iswap"}, {"cz"}),
        ("willow_pink", {"cz"}, set()),
    ],
)
def test_devices_tells_native_gates_and_which_are_not_calibrated(listed, name, gates, uncalibrated):
    _, below = listed[f"qvm:{name}"]
    assert set(below) - {"one qubit", "readout"} == gates
    for gate in gates:
        if gate in uncalibrated:
            assert below[gate] == "accepted, but not calibrated: refused"
        else:
            error = re.fullmatch(r"median Pauli error (\d+\.\d\d)%", below[gate])[1]
            median = virtual_device(name).medians()[f"{gate} error"]
            assert float(error) == pytest.approx(100 * median, abs=0.0051)


@pytest.mark.parametrize("name", ["weber", "rainbow", "willow_pink"])
def test_devices_tells_the_other_medians(listed, name):
    _, below = listed[f"qvm:{name}"]
    medians = virtual_device(name).medians()
    assert [float(v) for v in re.findall(r"[\d.]+", below["one qubit"])] == [
        pytest.approx(100 * medians["1q error"], abs=0.0051),
        1,  # of the name T1
        pytest.approx(medians["T1 us"], abs=0.51),
    ]
    zero, one = re.findall(r"([\d.]+)% of ([01])", below["readout"])
    for (error, bit), value in zip((zero, one), "01", strict=True):
        assert bit == value
        assert float(error) == pytest.approx(100 * medians[f"readout {bit}"], abs=0.0051)
