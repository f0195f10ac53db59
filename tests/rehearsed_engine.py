"""Runs an experiment script against a local engine in the place of Google's.

    python rehearsed_engine.py CHIP.json LOG SCRIPT [ARGUMENTS ...]

The engine has one processor, of the calibration in the file, with its noise. The log gets a line
for every job that ran.
"""

import json
import runpy
import sys
from pathlib import Path

from cirq_google.engine import engine_validator
from cirq_google.engine.simulated_local_engine import SimulatedLocalEngine
from cirq_google.engine.simulated_local_processor import SimulatedLocalProcessor

from quantum_advantage.backends.devices import engine
from quantum_advantage.backends.devices.chips import chip_of, read_calibration
from quantum_advantage.backends.devices.device_noise import DeviceNoise
from quantum_advantage.backends.simulators.factorised import FactorisedSampler


class LoggedProcessor(SimulatedLocalProcessor):
    """Writes down every job that it runs."""

    log: Path

    def run_sweep(self, program, **asked):
        job = super().run_sweep(program, **asked)
        ran = job.results

        def results():
            found = ran()
            with self.log.open("a") as stream:
                stream.write(json.dumps(asked["job_id"]) + "\n")
            return found

        job.results = results
        return job


def local_engine(path, log):
    calibration = read_calibration(path.name, path.read_bytes())
    chip = chip_of(path.stem, calibration)
    processor = LoggedProcessor(
        processor_id=path.stem,
        sampler=FactorisedSampler("qsim", DeviceNoise(path.stem, chip.properties), 11),
        device=chip.device.device,
        validator=engine_validator.create_engine_validator(max_repetitions=1_500_000),
        program_validator=engine_validator.create_program_validator(),
        calibrations={1: calibration},
    )
    processor.log = log
    return SimulatedLocalEngine([processor])


if __name__ == "__main__":
    chip, log, script, *arguments = sys.argv[1:]
    engine.connect = lambda project: local_engine(Path(chip), Path(log))
    sys.argv = [script, *arguments]
    runpy.run_path(script, run_name="__main__")
