"""The verb `user`: the people of the console, from the command line."""

from __future__ import annotations

import argparse
import getpass
import sys
from datetime import UTC, datetime

from sqlalchemy import Engine

from aftercare.domain.errors import AftercareError
from aftercare.services.console import accounts, people
from aftercare.services.console.audit import SYSTEM
from aftercare.services.console.rights import Role
from aftercare.settings import Settings

ROLES = [role.value for role in Role]


def add_parser(parser: argparse.ArgumentParser) -> None:
    """Add what `user` can do."""
    deeds = parser.add_subparsers(dest="deed", required=True)
    adding = deeds.add_parser("add", help="make an account; asks for the password")
    adding.add_argument("login")
    adding.add_argument("--name", default="")
    adding.add_argument("--role", choices=ROLES, default="agent")
    inviting = deeds.add_parser("invite", help="print a one-time link")
    inviting.add_argument("name")
    inviting.add_argument("--role", choices=ROLES, default="agent")
    setting = deeds.add_parser(
        "reset", help="print a one-time link that sets a forgotten password"
    )
    setting.add_argument("login")
    deeds.add_parser("list", help="list the accounts")


def run(engine: Engine, settings: Settings, chosen: argparse.Namespace) -> int:
    """Do it and return the exit code; a refusal is one sentence."""
    now = datetime.now(UTC)
    try:
        if chosen.deed == "add":
            password = _password()
            role = Role(chosen.role)
            accounts.add(engine, chosen.login, chosen.name, password, role, now)
            sys.stdout.write(f"{chosen.login} may sign in as {role}\n")
        elif chosen.deed == "invite":
            invited = accounts.Invited(Role(chosen.role), chosen.name)
            token, until = accounts.invite(engine, SYSTEM, invited, now)
            path = accounts.link_path(token)
            sys.stdout.write(f"{address(settings)}{path}\n(until {until:%Y-%m-%d})\n")
        elif chosen.deed == "reset":
            token, until = accounts.password_link(engine, SYSTEM, chosen.login, now)
            path = accounts.link_path(token)
            sys.stdout.write(f"{address(settings)}{path}\n(until {until:%H:%M} UTC)\n")
        else:
            for row in people.everybody(engine):
                ended = "" if row["active"] else "  (ended)"
                sys.stdout.write(f"{row['login']:24} {row['role']:12}{ended}\n")
    except AftercareError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


def address(settings: Settings) -> str:
    """Return where this installation answers, as seen from this machine."""
    return f"http://{settings.web_host}:{settings.web_port}"


def _password() -> str:
    """Ask twice at a terminal, read one line from a pipe."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    return getpass.getpass("password (10 characters or more): ")
