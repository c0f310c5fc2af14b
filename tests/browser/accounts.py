"""Accounts of learners, made by the administrator."""

import json
import uuid
from dataclasses import dataclass

from deploy.galaxy.server import Address, call


@dataclass(frozen=True)
class Account:
    """Somebody who can log in."""

    email: str
    password: str


def new_account(address: Address, name: str) -> Account:
    """Make an account; a server that already knows the name gets another."""
    unique = f"{name}-{uuid.uuid4().hex[:6]}"
    account = Account(f"{unique}@example.org", uuid.uuid4().hex)
    request = {"username": unique, "email": account.email, "password": account.password}
    json.loads(call(f"{address.url}/api/users", address.key, request))
    return account
