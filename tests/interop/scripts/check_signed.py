"""Prints what each reader of Python says to a signed file: the release, and the main branch of binpickle."""

import sys

import binpickle


def say(name: str, load) -> None:
    try:
        print(name, "loaded", load(sys.argv[1]))
    except Exception as error:
        print(name, type(error).__name__, error)


say("release:", binpickle.load)
import upstream  # noqa: E402, F401

say("main branch:", binpickle.load)
