"""``python -m quantum_advantage.cli``."""

import sys

from quantum_advantage.cli.parser import main

sys.exit(main())
