"""What a protocol's name says, read once: options, full names and limits."""

import pytest

from quantum_advantage.core.usage import UsageError
from quantum_advantage.tasks.protocol import Limits, Option, Protocol, read_protocol

PLAIN = Protocol("plain", "Measures.", copies_per_shot=2, measurement=lambda o, n: ("plain", n))
RICH = Protocol(
    "rich",
    "Measures more.",
    copies_per_shot=1,
    measurement=lambda o, n: (dict(o), n),
    exact=lambda o, n: o["times"] * n,
    limits=lambda o, n: Limits(least_qubits=2, least_copies=2 * o["times"]),
    options={
        "times": Option(0, least=2, choose=lambda n, target: 3 * n),
        "reach": Option(1, least=0, most=lambda n: n, named=False),
        "strength": Option(0.5),
        "sure": Option(
            0, least=1, choose=lambda n, target: None if target is None else round(10 * target)
        ),
    },
    bounded=lambda o: o["reach"] == 0,
)


def test_a_protocol_without_options_has_the_plainest_limits():
    chosen = read_protocol(PLAIN, "plain", 3)
    assert (chosen.name, chosen.qubits, chosen.options, chosen.missing) == ("plain", 3, {}, ())
    assert chosen.limits == Limits()
    assert chosen.measurement() == ("plain", 3)
    assert chosen.exact() is None
    assert chosen.bounded is False


@pytest.mark.parametrize(
    ("text", "target", "full"),
    [
        ("rich", 0.7, "rich:strength=0.5,sure=7,times=12"),
        ("rich:sure=4,times=5", 0.7, "rich:strength=0.5,sure=4,times=5"),
        ("rich:reach=1", 0.9, "rich:reach=1,strength=0.5,sure=9,times=12"),
        ("rich:times=0,strength=.25", 0.7, "rich:strength=0.25,sure=7,times=12"),
        ("rich:times=03", 0.7, "rich:strength=0.5,sure=7,times=3"),
    ],
)
def test_the_full_name_states_what_was_given_chosen_or_is_always_named(text, target, full):
    assert read_protocol(RICH, text, 4, target).name == full
    assert read_protocol(RICH, full, 4).name == full


def test_what_waits_for_a_target_is_missing_until_there_is_one():
    open_ = read_protocol(RICH, "rich", 4)
    assert open_.missing == ("sure",)
    assert open_.options == {"times": 12, "reach": 1, "strength": 0.5, "sure": 0}
    assert read_protocol(RICH, "rich", 4, 0.8).missing == ()


def test_limits_and_the_bound_follow_the_options():
    chosen = read_protocol(RICH, "rich:reach=0,times=6", 4, 0.7)
    assert chosen.limits.least_copies == 12
    assert chosen.bounded
    assert chosen.exact() == 24
    assert not read_protocol(RICH, "rich", 4).bounded


@pytest.mark.parametrize(
    ("text", "qubits", "line"),
    [
        ("rich", 1, "qubits must be at least 2 for rich, not 1"),
        ("rich:times=1", 3, "times of 'rich:times=1' must be at least 2, not 1"),
        ("rich:times=-4", 3, "times of 'rich:times=-4' must be at least 2, not -4"),
        ("rich:reach=4", 3, "reach of 'rich:reach=4' must lie between 0 and 3, not 4"),
        (
            "rich:x=4",
            3,
            "unknown option 'x' in 'rich:x=4'; rich takes: times, reach, ",
        ),
        ("plain:x=4", 3, "unknown option 'x' in 'plain:x=4'; plain takes: none"),
        (
            "rich:times=1.5",
            3,
            "option 'times' in 'rich:times=1.5' must be a whole number, as ",
        ),
        ("plain", 0, "qubits must be at least 1 for plain, not 0"),
        ("plain", 2.5, "qubits must be a whole number, not 2.5"),
        ("plain", "3", "qubits must be a whole number, not '3'"),
    ],
)
def test_what_does_not_fit_is_refused_in_one_line(text, qubits, line):
    described = RICH if text.startswith("rich") else PLAIN
    with pytest.raises(UsageError) as refusal:
        read_protocol(described, text, qubits, 0.7)
    assert str(refusal.value).startswith(line)
    assert "\n" not in str(refusal.value)
