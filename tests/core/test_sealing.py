"""Sealed secrets open with their key and purpose alone, and show nothing without them."""

import base64

import pytest

from comments.core.sealing import PREFIX, Unopened, is_sealed, seal, unseal

KEY, OTHER = b"k" * 48, b"o" * 48
SECRET = "sk-Ärger-and-something-longer"


def test_what_was_sealed_opens() -> None:
    sealed = seal(KEY, "totp:1", SECRET)
    assert is_sealed(sealed) and not is_sealed(SECRET) and SECRET not in sealed
    assert unseal(KEY, "totp:1", sealed) == SECRET
    assert seal(KEY, "totp:1", SECRET) != sealed, "the same secret twice looks like two"


@pytest.mark.parametrize(("key", "purpose"), [(OTHER, "totp:1"), (KEY, "totp:2"), (KEY, "classifier:1")])
def test_another_key_or_place_does_not_open_it(key: bytes, purpose: str) -> None:
    with pytest.raises(Unopened, match="COMMENTS_SECRET_KEY"):
        unseal(key, purpose, seal(KEY, "totp:1", SECRET))


def test_what_was_changed_does_not_open() -> None:
    sealed = seal(KEY, "totp:1", SECRET)
    raw = base64.urlsafe_b64decode(sealed.removeprefix(PREFIX))
    for place in range(len(raw)):
        changed = raw[:place] + bytes([raw[place] ^ 1]) + raw[place + 1 :]
        with pytest.raises(Unopened):
            unseal(KEY, "totp:1", PREFIX + base64.urlsafe_b64encode(changed).decode())
    for cut in ("", PREFIX, sealed[:-8], sealed[: len(PREFIX) + 8], sealed + "!"):
        with pytest.raises(Unopened):
            unseal(KEY, "totp:1", cut)
    with pytest.raises(Unopened, match="no sealed secret"):
        unseal(KEY, "totp:1", SECRET)
