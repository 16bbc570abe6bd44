"""Options of the command line for names: their language, and the network service that may be asked."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from route.errors import InputError

if TYPE_CHECKING:
    import argparse

    from route.geocoding import OnlineSettings

__all__ = ["add_naming", "online_of"]

_FROM_ENVIRONMENT = "env:"
_WORDS = {"true": True, "false": False}


def add_naming(parser: argparse.ArgumentParser) -> None:
    """Add the options of names to the parser of a command.

    Parameters
    ----------
    parser : argparse.ArgumentParser
        The parser.
    """
    add = parser.add_argument
    add("--lang", metavar="LANG", help="language of the names: en, da, ko, ru, zh-Hant ...")
    add(
        "--pick",
        choices=("clear", "best"),
        default="clear",
        help="best: take the likeliest place even if another is nearly as likely",
    )
    service = parser.add_argument_group("network service for names not known offline")
    either = service.add_mutually_exclusive_group()
    either.add_argument("--online", action="store_true", help="ask a network service")
    either.add_argument("--offline", action="store_false", dest="online", help="open no connection (default)")
    add = service.add_argument
    add(
        "--geocoder",
        metavar="NAME",
        help="any geocoder of geopy: nominatim (default), photon, arcgis, opencage ...",
    )
    add(
        "--geocoder-option",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help="what it takes: domain, scheme, timeout, api_key ...; api_key=env:NAME reads the environment; "
        "may be given again",
    )
    add(
        "--user-agent",
        metavar="TEXT",
        help="who asks, such as 'Example Times graphics, maps@times.example'; "
        "default: the environment variable RAILROUTE_USER_AGENT",
    )
    add("--cache", metavar="DIR|none", help="where answers are remembered; default: the user's cache folder")


def online_of(options: argparse.Namespace) -> OnlineSettings | bool:
    """What the options say of the network service.

    Parameters
    ----------
    options : argparse.Namespace
        The parsed options of a command that has those of names.

    Returns
    -------
    OnlineSettings or bool
        How the service is asked; True for the usual way, False if it may not be.

    Raises
    ------
    InputError
        If an option cannot be used, or says how to ask without ``--online``.
    """
    given = {
        "--geocoder": options.geocoder,
        "--geocoder-option": options.geocoder_option,
        "--user-agent": options.user_agent,
        "--cache": options.cache,
    }
    told = [name for name, value in given.items() if value not in (None, [])]
    if not options.online and told:
        raise InputError(f"{told[0]} says how a network service is asked: add --online.")
    if not told:
        return bool(options.online)
    from dataclasses import replace

    from route.geocoding import OnlineSettings

    values = dict(_option(text) for text in options.geocoder_option)
    settings = OnlineSettings(options={key: value for key, value in values.items() if key != "timeout"})
    if options.geocoder is not None:
        settings = replace(settings, service=options.geocoder)
    if options.user_agent is not None:
        settings = replace(settings, user_agent=options.user_agent)
    if "timeout" in values:
        settings = replace(settings, timeout_s=_seconds(values["timeout"]))
    if options.cache == "none":
        settings = replace(settings, remember=False)
    elif options.cache is not None:
        settings = replace(settings, cache=Path(options.cache))
    return settings


def _option(text: str) -> tuple[str, str | int | float | bool]:
    key, equals, value = text.partition("=")
    key = key.strip().replace("-", "_")
    if not equals or not key.isidentifier():
        raise InputError("--geocoder-option: write KEY=VALUE, such as domain=nominatim.example.org.")
    if key in ("user_agent", "adapter_factory"):
        raise InputError(f"--geocoder-option {key}: this is set by --user-agent and by railroute itself.")
    if value.startswith(_FROM_ENVIRONMENT):
        name = value.removeprefix(_FROM_ENVIRONMENT)
        secret = os.environ.get(name)
        if secret is None:
            raise InputError(f"--geocoder-option {key}: there is no environment variable {name!r}: set it.")
        return key, secret  # a secret of digits is a text all the same
    if value.lower() in _WORDS:
        return key, _WORDS[value.lower()]
    if key != "api_key":
        for kind in (int, float):
            try:
                return key, kind(value)
            except ValueError:
                continue
    return key, value


def _seconds(value: str | float) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 3600:
        raise InputError(f"--geocoder-option timeout={value}: write a number of seconds, such as timeout=10.")
    return float(value)
