"""Public keys that what we say is signed with. The private ones are never in the database."""

from django.db import models


class SigningKey(models.Model):
    """One public key, live or for drills. It stays listed, so that what it signed can be verified later."""

    kid = models.CharField(max_length=40, unique=True)
    is_drill = models.BooleanField(default=False)
    public_key = models.CharField(max_length=60)  # Ed25519, 32 bytes as unpadded base64url (RFC 8037)
    since = models.DateTimeField()
    retired_at = models.DateTimeField(null=True, blank=True)  # signs nothing new, still verifies
    revoked_at = models.DateTimeField(null=True, blank=True)  # nothing it signed is to be trusted
    revoked_because = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["since", "pk"]

    def __str__(self) -> str:
        return self.kid
