"""How the second factor of staff is kept: sealed, so that a stolen database alone opens nothing."""

from base64 import urlsafe_b64encode

import segno
from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.utils.crypto import salted_hmac

from checking.models import Network


class SealedSecrets(DefaultMFAAdapter):
    def encrypt(self, text: str) -> str:
        return _seal().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return _seal().decrypt(encrypted_text.encode()).decode()

    def get_totp_issuer(self) -> str:
        return f"Headsup {Network.current().name}".strip()

    def build_totp_svg(self, url: str) -> str:
        """As an address of its own picture: nothing is asked of anyone for it."""
        return str(segno.make(url, error="m", micro=False).svg_data_uri(scale=5, border=3, light="#fff"))


def _seal() -> MultiFernet:
    """The key of this installation first, then those it had before."""
    secrets = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    keys = (salted_hmac("headsup.second-factor", "", secret=each, algorithm="sha256").digest() for each in secrets)
    return MultiFernet([Fernet(urlsafe_b64encode(key)) for key in keys])
