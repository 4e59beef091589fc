"""Files as they come in over a real connection: larger than anything else here, and no larger than said."""

import contextlib
import http.client
import io
import random

import pytest
from PIL import Image

pytestmark = [pytest.mark.servers]

SEED = """
from api.authentication import make_key
from tests.factories import make_site, make_vocabulary, submit
from tests.sending import lab_body, sample_body
make_vocabulary()
harbour = make_site("harbour")
receipt = submit(sample_body(lab_body()), harbour)
print(receipt.result_ids[0], make_key(harbour, name="k"))
"""


def noise(side: int) -> bytes:
    """A picture that cannot be packed: about three bytes a pixel."""
    file = io.BytesIO()
    Image.frombytes("RGB", (side, side), random.Random(1).randbytes(3 * side * side)).save(file, "PNG")
    return file.getvalue()


def test_a_large_picture_is_taken_and_a_larger_one_is_not(live_headsup):
    server = live_headsup(script=SEED)
    result, key = server.said.split()[-2:]

    def send(content: bytes, path: str = f"/api/v1/results/{result}/attachments/", **headers: str) -> int:
        with contextlib.closing(http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)) as connection:
            connection.request("POST", path, content, {"Content-Type": "image/png", **headers})
            with connection.getresponse() as answer:
                return answer.status

    key_shown = {"Authorization": f"Api-Key {key}"}
    large = noise(1500)
    assert 6_000_000 < len(large) < 10_000_000

    assert send(large, **key_shown) == 201
    assert send(noise(1900), **key_shown) == 413
    assert send(large) == 413  # without a key nobody may fill our disk
    assert send(large, f"/api/v1/results/{result}/withdraw/", **key_shown) == 413
