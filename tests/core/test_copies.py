"""A recording is known again in any dress; two recordings of the same words are not one."""

import numpy as np
import pytest
import soundfile

from ser_plugins.core import cache, copies

RATE = 16000


def noise(seconds=2.0, seed=0):
    """Noise with a moving loudness, as rich as speech and as little like any other seed's."""
    random = np.random.default_rng(seed)
    wav = random.standard_normal(int(seconds * RATE))
    return (0.1 * wav * (1.2 + np.sin(np.arange(len(wav)) * 0.002))).astype(np.float32)


def tone(hertz, seconds=0.5, loud=0.3):
    return (loud * np.sin(2 * np.pi * hertz * np.arange(int(seconds * RATE)) / RATE)).astype("f4")


def test_neither_gain_nor_sign_nor_shift_nor_padding_changes_a_fingerprint():
    wav = noise()
    wanted = copies.fingerprint(wav, RATE)
    padded = np.concatenate([np.zeros(1234), wav, np.zeros(99)]).astype("f4")
    for other in (0.001 * wav, -wav, padded):
        assert wanted @ copies.fingerprint(other, RATE) == pytest.approx(1, abs=1e-3)
        assert copies.correlation(wav, other, RATE) == pytest.approx(1, abs=0.02)


def test_recordings_that_differ_are_far_apart():
    one, other = noise(seed=1), noise(seed=2)
    assert abs(copies.fingerprint(one, RATE) @ copies.fingerprint(other, RATE)) < copies.LIKELY
    assert copies.correlation(one, other, RATE) < 0.2


@pytest.mark.parametrize("wav", [np.zeros(RATE), np.ones(RATE), np.eye(1, RATE)[0], np.ones(1)])
def test_what_holds_no_sound_gives_finite_numbers(wav):
    wav = wav.astype("f4")
    assert np.isfinite(copies.fingerprint(wav, RATE)).all()
    assert np.isfinite(copies.correlation(wav, wav, RATE))


def found(tmp_path, **wavs):
    rows = []
    for id, wav in wavs.items():
        soundfile.write(tmp_path / f"{id}.wav", wav, RATE, subtype="FLOAT")
        rows.append({"id": id, "path": f"{id}.wav", "start": None, "stop": None})
    clips = cache.open_clips(rows, tmp_path, RATE, tmp_path / "cache")
    return {(a, b) for a, b, _ in copies.find_copies(clips, RATE).pairs}


def test_a_copy_is_found_among_others(tmp_path):
    wavs = {f"n{seed}": noise(seed=seed) for seed in range(5)}
    assert found(tmp_path, **wavs, x=0.2 * wavs["n3"][500:]) == {("n3", "x")}


def test_short_and_pure_clips_are_copies_only_where_they_are_nearly_equal(tmp_path):
    tones = {f"t{hertz}": tone(hertz) for hertz in (150, 155, 300, 301, 306, 600)}
    longer = {"l300": tone(300, 0.6), "s600": tone(600, 0.4)}
    short = {f"s{seed}": noise(0.3, seed) for seed in range(5)}
    louder = {"x": 0.5 * tones["t300"], "y": np.pad(0.5 * short["s1"], 300)}
    assert found(tmp_path, **tones, **longer, **short, **louder) == {("t300", "x"), ("s1", "y")}


def test_silences_and_equal_audio_are_not_called_altered_copies(tmp_path):
    silence = np.zeros(RATE, np.float32)
    assert found(tmp_path, a=silence, b=silence[:8000], c=noise(), d=noise()) == set()


def test_pairs_are_looked_for_once(tmp_path, monkeypatch):
    wav = noise()
    first = found(tmp_path, a=wav, b=0.5 * wav)
    monkeypatch.setattr(copies, "fingerprint", None)
    assert found(tmp_path, a=wav, b=0.5 * wav) == first == {("a", "b")}


def test_a_copy_of_equal_recordings_is_a_copy_of_each(tmp_path):
    wav = noise()
    assert found(tmp_path, a=wav, b=wav, c=0.5 * wav) == {("a", "c"), ("b", "c")}


def test_a_noise_that_all_share_is_told_and_not_compared_for_ever(tmp_path, monkeypatch):
    monkeypatch.setattr(copies, "MOST", 1)
    shared, rows = noise(seed=9), []
    for seed in range(5):
        soundfile.write(tmp_path / f"{seed}.wav", noise(seed=seed) + 3 * shared, RATE, "FLOAT")
        rows.append({"id": str(seed), "path": f"{seed}.wav", "start": None, "stop": None})
    clips = cache.open_clips(rows, tmp_path, RATE, tmp_path / "cache")
    for _ in range(2):  # found, and read again
        result = copies.find_copies(clips, RATE)
        assert (len(result.pairs), result.left_out) == (5, 5)
