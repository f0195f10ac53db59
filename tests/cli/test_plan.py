def test_too_many_games_are_refused_in_one_line(refused):
    line = refused("plan", "observables", "--games", "1e9")
    assert "--games" in line
    assert "at most 100000" in line
