"""placeholder"""
from __future__ import annotations


def own_tagger():  # type: ignore
    return lambda text: ()
