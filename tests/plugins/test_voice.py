"""The resonators of the synthetic voice move from frame to frame and keep their state."""

import numpy as np
from scipy.signal import freqz, sosfilt

from ser_plugins.datasets._voice import HOP, SAMPLE_RATE, _resonate

BANDWIDTHS = np.array([60.0, 90.0])


def section(peak, bandwidth):
    """Return Klatt's (1980) resonator as a second-order section; its gain at 0 Hz is 1."""
    radius = np.exp(-np.pi * bandwidth / SAMPLE_RATE)
    b, c = 2 * radius * np.cos(2 * np.pi * peak / SAMPLE_RATE), -(radius**2)
    return [1 - b - c, 0, 0, 1, -b, -c]


def test_moving_formants_are_a_filter_that_changes_each_frame():
    rng = np.random.default_rng(0)
    peaks, wav = rng.uniform(200, 3000, (40, 2)), rng.standard_normal(40 * HOP)
    state, wanted = np.zeros((2, 2)), []
    for row, frame in zip(peaks, wav.reshape(-1, HOP), strict=True):
        sos = [section(*formant) for formant in zip(row, BANDWIDTHS, strict=True)]
        out, state = sosfilt(sos, frame, zi=state)
        wanted.append(out)
    found = _resonate(wav, peaks, BANDWIDTHS)
    np.testing.assert_allclose(found, np.concatenate(wanted), rtol=0, atol=1e-9)


def test_a_formant_is_loudest_at_its_peak():
    click = np.eye(1, 100 * HOP)[0]
    wav = _resonate(click, np.full((100, 1), 1500.0), BANDWIDTHS[:1])
    hertz, response = freqz(wav, worN=4096, fs=SAMPLE_RATE)
    assert abs(hertz[np.abs(response).argmax()] - 1500) < 10
    assert abs(abs(response[0]) - 1) < 1e-6
