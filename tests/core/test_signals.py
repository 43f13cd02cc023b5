"""Signals are noted until the work can be broken off."""

import signal
import threading

import pytest

from ser_plugins.core.signals import leave, noted


@pytest.fixture(autouse=True)
def own_handlers():
    """Ctrl-C is heeded, even where a shell has it ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
def test_a_signal_is_noted_and_does_not_break_off(name):
    number = getattr(signal, name)
    before = signal.getsignal(number)
    with noted() as caught:
        signal.raise_signal(number)
        signal.raise_signal(number)
    assert caught == [number] * 2 and signal.getsignal(number) == before


def test_a_second_one_breaks_off_at_once_where_that_is_wanted():
    with pytest.raises(KeyboardInterrupt), noted(once=True) as caught:
        signal.raise_signal(signal.SIGINT)
        assert caught
        signal.raise_signal(signal.SIGINT)


def test_what_is_ignored_stays_so():
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with noted() as caught:
        signal.raise_signal(signal.SIGINT)
    assert not caught


def test_another_thread_than_the_first_notes_nothing():
    found = []

    def work():
        with noted() as caught:
            found.append(caught)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert found == [[]]


def test_the_exit_code_is_that_of_the_first_signal():
    with pytest.raises(KeyboardInterrupt):
        leave([signal.SIGINT, signal.SIGTERM])
    with pytest.raises(SystemExit) as caught:
        leave([signal.SIGTERM])
    assert caught.value.code == 143
