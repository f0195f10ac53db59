def test_too_many_games_are_refused_in_one_line(refused):
    line = refused("plan", "observables", "--games", "1e9")
    assert "--games" in line
    assert "at most 100000" in line


def test_a_registration_that_could_not_be_written_is_refused_before_the_plan(refused, tmp_path):
    file = tmp_path / "nowhere" / "registration.json"
    line = refused("plan", "observables", "--qubits", "4", "--seed", "3", "--register", str(file))
    assert f"--register {file} must lie in a folder" in line


def test_an_output_folder_that_is_a_file_is_refused_before_the_plan(refused, tmp_path):
    (tmp_path / "file").write_text("mine")
    line = refused("plan", "observables", "--qubits", "4", "--out", str(tmp_path / "file"))
    assert f"--out {tmp_path / 'file'} must be a folder that can be written" in line
