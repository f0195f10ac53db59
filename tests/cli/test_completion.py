"""What a shell completes."""

import shutil
import subprocess

import pytest

needs_bash = pytest.mark.skipif(shutil.which("bash") is None, reason="bash is not installed")


@pytest.fixture
def completed(printed):
    """Completes words in a real bash."""
    script = printed("completion", "bash")

    def complete(*words):
        quoted = " ".join(f"'{word}'" for word in ("quantum-advantage", *words))
        asked = f"COMP_WORDS=({quoted}); COMP_CWORD={len(words)}; _quantum_advantage\n"
        ended = subprocess.run(
            ["bash", "--norc", "-c", script + asked + 'printf "%s\\n" "${COMPREPLY[@]}"'],
            capture_output=True,
            text=True,
            check=True,
        )
        assert ended.stderr == ""
        return ended.stdout.split()

    return complete


@needs_bash
@pytest.mark.parametrize(
    ("words", "found"),
    [
        (["pre"], ["preflight"]),
        (["--ver"], ["--version"]),
        (["bound", "--t"], ["--task", "--target"]),
        (["run", "sens"], ["sensing"]),
        (["run", "sensing", "--dr"], ["--draw", "--drop-outliers", "--dry-run"]),
        (["completion", ""], ["--help", "bash", "zsh"]),
        (["nope", "x"], []),
        (["bound", "x"], []),
    ],
)
def test_bash_completes(completed, words, found):
    assert completed(*words) == found


def test_zsh_reads_the_same_script(printed):
    first, rest = printed("completion", "zsh").split("\n", 1)
    assert first == "autoload -U +X bashcompinit && bashcompinit"
    assert rest == printed("completion", "bash")


def test_another_shell_is_refused(refused):
    assert "choose from" in refused("completion", "fish")
    assert "did you mean bash?" in refused("completion", "bsh")
