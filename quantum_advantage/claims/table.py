"""The table of claims: what is claimed, how it is tested, what came out, how to see it again.

The numbered claims are those of Huang et al., arXiv 2112.00778, as far as this project can test
them, and its own, with the negative controls.
"""

from __future__ import annotations

from quantum_advantage.claims import (
    channels,
    checking,
    checks,
    dynamics,
    learning,
    plans,
    processes,
    runs,
    sensing,
    signs,
)
from quantum_advantage.claims.claim import Claim, script_command
from quantum_advantage.claims.controls import NEGATIVE_CONTROLS
from quantum_advantage.study.accuracy import ENVELOPE

OBSERVABLES, CONTROLS, NOISE = map(
    script_command, ("predicting_observables", "controls", "device_noise")
)
PRINCIPAL, MEMORY = script_command("principal_component"), script_command("memory_tradeoff")
PROCESSES, LEARNED = map(script_command, ("learning_processes", "learned_predictions"))
EVEN = range(2, 21, 2)
GROUPS = "two groups without labels, 100 uses of each of 20 evolutions"


CLAIMS: tuple[Claim, ...] = (
    Claim(
        "1",
        "exponentially fewer copies to predict properties: two copies at a time",
        "growth of log2(copies) for 70 % per qubit, Bell",
        "0 ± 0.02",
        checks.slope_within("predicting_observables", "bell", EVEN, 0, 0.02),
        OBSERVABLES,
    ),
    Claim(
        "1",
        "exponentially fewer copies to predict properties: one copy at a time",
        "growth of log2(copies) for 70 % per qubit, best conventional",
        "1.0 ± 0.1",
        checks.slope_within("predicting_observables", ENVELOPE, range(2, 11), 1, 0.1),
        OBSERVABLES,
    ),
    Claim(
        "1",
        "the bound holds for all conventional data, and two copies break it from n = 4",
        "copies for 70 % over the proven bound",
        "every conventional point above, every Bell point below",
        checks.beside_the_bound(),
        OBSERVABLES,
    ),
    *(
        Claim(
            "1",
            f"one Bell shot is right in 1/2 + α²/4 of the games, n = {n}",
            "fresh games on circuits",
            "within 4 standard errors",
            runs.one_bell_shot(n),
        )
        for n in (4, 20)
    ),
    Claim(
        "2",
        "constant copies for the principal component of random states with two at a time",
        "growth of log2(copies) for 70 % per qubit, exact law",
        "0 ± 0.03",
        runs.law_slope("principal_component", "bell", (4, 6, 8, 10, 12, 16, 20), 0, 0.03),
    ),
    Claim(
        "2",
        "2^(n/2) copies for the same with one at a time, by the best protocol known",
        "growth of log2(copies) for 70 % per qubit from n = 8, collisions",
        "0.5 ± 0.07",
        checks.slope_within(
            "principal_component", "collisions", range(8, 21), 0.5, 0.07, "principal_component"
        ),
        PRINCIPAL,
    ),
    Claim(
        "2",
        "the bound for the principal component holds, if the states are Haar-random",
        "copies for 70 % over the proven bound",
        "every conventional point above",
        checks.principal_above_bound,
        PRINCIPAL,
    ),
    Claim(
        "3",
        "two uses on Bell pairs show the symmetry of dynamics at once",
        "rate of all-zero Bell shots, fresh evolutions on circuits, n = 3",
        "real: 1; general: 2/(d(d + 1)) ± 3 standard errors",
        runs.zero_rates,
    ),
    Claim(
        "3",
        "constant uses of an unknown process for a model of it, with two uses at a time",
        "replacement-channel game: growth of log2(uses) for 70 % per qubit, Bell",
        "0 ± 0.02",
        checks.slope_within("learning_processes", "bell", EVEN, 0, 0.02, processes.PROCESSES),
        PROCESSES,
    ),
    Claim(
        "3",
        "exponentially many uses of an unknown process, one at a time",
        "replacement-channel game: growth of log2(uses) for 70 % per qubit, best conventional",
        "1.0 ± 0.1",
        checks.slope_within(
            "learning_processes", ENVELOPE, range(2, 11), 1, 0.1, processes.PROCESSES
        ),
        PROCESSES,
    ),
    Claim(
        "3",
        "the bound holds for single uses of a process, and joint ones break it from n = 4",
        "uses for 70 % over the proven bound",
        "every conventional point above, every Bell point below",
        checks.beside_the_bound("learning_processes", processes.PROCESSES),
        PROCESSES,
    ),
    Claim(
        "3",
        "no advantage for one property of the output that is fixed beforehand",
        "uses for 70 % with the observable known before the first use",
        "at most 3 at every n",
        checks.copies_of_control("known_question", 3, "learning_processes", processes.PROCESSES),
        PROCESSES,
    ),
    Claim(
        "4",
        "two copies suffice for many non-commuting observables",
        "all 4^n squares of random states from one Bell record of 4000 shots",
        "largest error below √(2 ln(2·4^n/0.05)/T) in 95 % of runs",
        runs.all_squares_at_once,
    ),
    Claim(
        "5",
        "entanglement between the copies matters, not their number",
        "growth of log2(copies), two copies in one random product basis",
        "at least 0.9 times that of the best conventional protocol",
        checks.product_control,
        CONTROLS,
    ),
    Claim(
        "6",
        "up to 40 qubits and 1300 gates",
        "native gates of the public two-copy circuits at n = 20",
        "40 qubits; the depth at which 1300 are passed",
        runs.gates_at_forty_qubits,
    ),
    Claim(
        "7",
        "a substantial advantage under the noise of a processor, simulated, over a proven bound",
        "bound for 70 % over copies of Bell measurements at n = 20, virtual Weber",
        "the whole interval at least 2000",
        checks.weber_advantage("bound", 2e3),
        NOISE,
    ),
    Claim(
        "8",
        "a reduction by about 10^4 at n = 20, for 70 % and under simulated noise",
        "best conventional copies known over those of Bell measurements, virtual Weber",
        "the whole interval at least 10^4",
        checks.weber_advantage("best", 1e4),
        NOISE,
    ),
    Claim(
        "9",
        "a supervised model, trained on n < 8 without noise, works large and noisy: a table",
        "copies for 70 % over those of the exact reading of the same records, virtual Weber",
        "the whole interval at most 3 at n = 8, 14, 20",
        learning.table_costs,
    ),
    Claim(
        "9",
        "a supervised model, trained on n < 8 without noise, works large and noisy: a network",
        "the same for every training of the recurrent network, n = 20",
        "at most 3, all trainings",
        learning.recurrent_costs,
        LEARNED,
    ),
    *(
        Claim(
            "10" if task == "dynamics" else "11",
            f"an unsupervised model finds the symmetry, on a {where}",
            f"{GROUPS}, Bell",
            "at least 0.95 in the right group",
            runs.groups_found(task, "bell", (4, 8), 100, 0.95, above=True),
        )
        for task, where in (("dynamics", "line"), ("dynamics:geometry=grid", "grid"))
    ),
    *(
        Claim(
            "10" if task == "dynamics" else "11",
            f"from as many single uses it does not, on a {where}: {words}",
            GROUPS,
            "at most 0.75 in the right group",
            runs.groups_found(task, protocol, (n,), 100, 0.75, above=False),
        )
        for task, where in (("dynamics", "line"), ("dynamics:geometry=grid", "grid"))
        for protocol, n, words in (
            ("y_marginals", 8, "means of single bits"),
            ("complement_collisions", 12, "complementary collisions"),
        )
    ),
    Claim(
        "10",
        "the symmetry is found on a noisy processor of 40 qubits, from 100 uses; from as many "
        "single uses it is not, from 1000 it mostly is",
        "two groups without labels, n = 20, depth 5: Bell on the virtual Weber, mean bit; best of "
        "four readings of noiseless single uses",
        "at least 0.9 in the right group; at most 0.75, from 1000 uses the whole interval above",
        dynamics.processor_groups,
        script_command("dynamics_on_processors"),
    ),
    Claim(
        "12",
        "no computing power closes the gap: exact posterior over all strings",
        "copies for 70 %, unbiased bases on circuits, n = 2..5, posterior over all 4^n - 1 strings",
        "above the bound; every answer that of two likelihoods, as proven",
        processes.unlimited_computing,
    ),
    Claim(
        "12",
        "no computing power closes the gap: the same answers at larger sizes",
        "growth of log2(copies) for 70 % per qubit, unbiased bases, exact law",
        "1.0 ± 0.1",
        runs.law_slope(
            checking.OBSERVABLES, "mutually_unbiased:times=3", (5, 6, 7, 8, 9, 10), 1, 0.1
        ),
    ),
    Claim(
        "13",
        "the question comes after the experiments: known before, it is easy",
        "copies for 70 % with the question known beforehand",
        "at most 3 at every n",
        checks.copies_of_control("known_question", 3),
        CONTROLS,
    ),
    Claim(
        "14",
        "no advantage for local observables",
        "growth of log2(copies) for strings of weight 2, random Pauli bases",
        "0 ± 0.05",
        checks.slope_within("controls", "local_observables", range(2, 13), 0, 0.05),
        CONTROLS,
    ),
    Claim(
        "15",
        "signs need more than two copies give, but little",
        "majority over 15 further copies, fresh circuits, n = 6",
        "wrong in at most 1 %",
        runs.signs_found,
    ),
    *signs.CLAIMS,
    Claim(
        "16",
        "memory is the resource: k qubits of it save a factor 2^k",
        "rounds for 70 % over 2^(n-k), n = 8",
        "constant within 20 %",
        checks.memory_scaling,
        MEMORY,
    ),
    Claim(
        "17",
        "the bound covers adaptive strategies",
        "adaptive unbiased bases, best conventional protocol known here, n = 2, 3, 6, exact law",
        "never above the bound by 4 standard errors; copies for 70 and 90 % above it",
        runs.adaptive_below_bound,
    ),
    Claim(
        "18",
        "real or general evolutions, what complementary collisions cost on one fixed input",
        "growth of log2(uses) for 70 % per qubit from n = 8, exact law",
        "0.5 ± 0.1",
        runs.law_slope("time_reversal", "complement_collisions", (8, 10, 12, 14, 16), 0.5, 0.1),
    ),
    Claim(
        "18",
        "real or general evolutions, what means of single bits cost on one fixed input",
        "growth of log2(uses √n) for 70 % per qubit from n = 8, exact law",
        "1.0 ± 0.1",
        runs.law_slope("time_reversal", "y_marginals", (8, 9, 10, 11), 1, 0.1, 0.5),
    ),
    Claim(
        "19",
        "what noise costs: the geometric mean of the damping, a qubit",
        "2^growth of the copies under readout errors",
        "within 5 % of (f_X f_Y f_Z)^(-1/2)",
        checks.noise_bases,
        NOISE,
    ),
    Claim(
        "20",
        "outlook, an array of sensors: entanglement between n of them saves a factor 4^(n-1)",
        "cos Φ from entangled, jointly read and separate sensors with phase noise, circuits",
        "formulas and 4^(n-1) within 3 standard errors; separate above the bound, the others below",
        sensing.array_of_sensors,
    ),
    Claim(
        "20",
        "outlook, a telescope: two stored photons of an unknown star show its companion",
        "odd singlets with probability c(1-c)(1-o²), c = 1 %, o = 0.5, circuits, n = 6",
        "within 3 standard errors of the formulas; single stars show none",
        sensing.companion_of_a_star,
    ),
    Claim(
        "20",
        "outlook, light: squeezed pairs see what is hidden in random displacements",
        "characteristic function from heterodyne detection, 5 dB, and 5 dB with loss, exact law",
        "means and variances within 3 standard errors of the formulas",
        sensing.displacements_of_light,
    ),
    *channels.CLAIMS,
    *(
        Claim(
            "plan",
            f"a certificate comes out as planned, {where}, n = {n}",
            "games of the planned copies on circuits, certified at 99 %",
            "certified as planned, accuracy within 4 standard errors of the plan",
            check,
        )
        for where, n, check in (
            ("simulator with noise", 20, plans.plan_met("qsim:depolarize=0.01,readout=0.02", 20)),
            ("virtual Weber", 20, plans.plan_met("qvm:weber", 20)),
            ("virtual Weber after a preflight", 20, plans.preflight_plan_met("qvm:weber", 20)),
            ("virtual Willow", 49, plans.plan_met("qvm:willow_pink", 49)),
        )
    ),
    *NEGATIVE_CONTROLS,
    Claim(
        "1",
        "the same test passes where something is hidden",
        "certificate at 99 %, 10 shots, n = 8",
        "certified",
        runs.played_certificate,
    ),
)
