"""Turn what the Hugging Face Hub, or the network on the way there, answers into one line with a remedy."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from huggingface_hub.errors import (
    GatedRepoError,
    HfHubHTTPError,
    HFValidationError,
    HTTPError,
    OfflineModeIsEnabled,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)

from plmkit.errors import UserError

TOKEN = "HF_TOKEN"  # noqa: S105  the name of the variable, not a token
_UNAUTHORISED = 401


@contextmanager
def explained(name: str, revision: str, has_token: bool) -> Iterator[None]:
    """Raise UserError for what goes wrong while a model is asked for; a token is in none of the sentences.

    An OSError of the disk passes: it is told where all of them are.
    """
    try:
        yield
    except HFValidationError:
        raise UserError(f"--hub {name!r} is no name on the Hub; give owner/name") from None
    except HfHubHTTPError as error:
        raise UserError(_refusal(error, name, revision, has_token)) from None
    except (HTTPError, OfflineModeIsEnabled, TimeoutError, ConnectionError) as error:
        raise UserError(
            f"model: the Hugging Face Hub cannot be reached ({type(error).__name__}); try again when there is a "
            "network, or install from a folder that was fetched elsewhere (--folder)"
        ) from None
    except OSError as error:
        if error.errno is not None:
            raise
        raise UserError(f"model: a file of {name} did not arrive whole; run the same again, it goes on there") from None


def _refusal(error: HfHubHTTPError, name: str, revision: str, has_token: bool) -> str:
    if isinstance(error, GatedRepoError):  # a kind of unknown model to the library, so asked first
        remedy = (
            "the account of the token given has not accepted its terms, or was not let in: open its page there"
            if has_token
            else f"accept its terms on its page there, then give a token in {TOKEN} (in Galaxy: your credentials)"
        )
        return f"model: {name} is gated on the Hub; {remedy}"
    if isinstance(error, RepositoryNotFoundError):
        remedy = "" if has_token else f", or give a token in {TOKEN} if it is private"
        return f"model: the Hub knows no public model {name}; check the spelling, owner/name{remedy}"
    if isinstance(error, RevisionNotFoundError):
        return f"model: {name} has no revision {revision!r} on the Hub; give a commit of its history"
    status = error.response.status_code
    if status == _UNAUTHORISED and has_token:
        return f"model: the Hub refuses the token in {TOKEN}; make a new one there"
    return f"model: the Hub answers with error {status} for {name}; try again later"
