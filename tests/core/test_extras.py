import subprocess
import sys

# A Python in which scikit-learn is not installed.
WITHOUT = """
import sys
sys.modules["sklearn"] = None
import pkgutil
from importlib import import_module
import quantum_advantage
for module in pkgutil.walk_packages(quantum_advantage.__path__, "quantum_advantage."):
    if module.name.startswith(("quantum_advantage.inference", "quantum_advantage.tasks")):
        import_module(module.name)
from quantum_advantage.inference.learning.kernel_pca import feature_coordinates
try:
    feature_coordinates([[0.0], [1.0]])
except ValueError as error:
    print(error)
"""


def test_the_package_imports_without_scikit_learn_and_names_the_extra_where_it_needs_it():
    found = subprocess.run(
        [sys.executable, "-c", WITHOUT], capture_output=True, text=True, check=False
    )
    assert found.returncode == 0, found.stderr
    assert found.stdout == (
        "kernel principal component analysis needs scikit-learn: "
        "pip install 'quantum-advantage[learning]'\n"
    )
