"""Accounts of learners, made by the administrator."""

import json
import uuid
from dataclasses import dataclass

from deploy.galaxy.server import Address, call


@dataclass(frozen=True)
class Account:
    """Somebody who can log in."""

    name: str
    email: str
    password: str
    key: str


def new_account(address: Address, name: str) -> Account:
    """Make an account; a server that already knows the name gets another."""
    unique, password = f"{name}-{uuid.uuid4().hex[:6]}", uuid.uuid4().hex
    request = {"username": unique, "email": f"{unique}@example.org", "password": password}
    user = json.loads(call(f"{address.url}/api/users", address.key, request))
    key = json.loads(call(f"{address.url}/api/users/{user['id']}/api_key", address.key, {}))
    return Account(unique, request["email"], password, str(key))
