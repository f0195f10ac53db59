"""Packages that only some parts need, each named by an extra of this one."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from quantum_advantage.core.usage import UsageError

# Packages that are installed by another name than they are imported by.
_INSTALLED_AS = {"sklearn": "scikit-learn", "tenpy": "physics-tenpy"}


class MissingExtraError(UsageError):
    """A package is needed that an extra of this one would have installed.

    Example:
        >>> issubclass(MissingExtraError, UsageError)
        True
    """


def import_extra(module: str, extra: str, what: str) -> Any:
    """Imports a module of a package that may not be installed.

    Args:
        module: The module's full name.
        extra: The extra of this package that installs it.
        what: What needs it, as the subject of a sentence.

    Returns:
        The module.

    Raises:
        MissingExtraError: If the package is not installed.

    Example:
        >>> import_extra("math", "learning", "this").sqrt(4)
        2.0
        >>> import_extra("no_such_package.part", "learning", "this example")
        Traceback (most recent call last):
        quantum_advantage.core.extras.MissingExtraError: this example needs no_such_package: pip
        install 'quantum-advantage[learning]'
    """
    package = module.partition(".")[0]
    try:
        import_module(package)
    except ImportError:
        name = _INSTALLED_AS.get(package, package)
        raise MissingExtraError(
            f"{what} needs {name}: pip install 'quantum-advantage[{extra}]'"
        ) from None
    return import_module(module)
