"""The product's settings, on a data folder of this run's own. Read before any plugin or conftest."""

import atexit
import os
import shutil
import tempfile

if "DATA_DIR" not in os.environ:
    os.environ["DATA_DIR"] = tempfile.mkdtemp(prefix="headsup-tests-")
    atexit.register(shutil.rmtree, os.environ["DATA_DIR"], ignore_errors=True)
os.environ.setdefault("SECRET_KEY", "only-for-tests-only-for-tests-only-for-tests")

from config.settings import *  # noqa: F403  # the environment has to stand first

# The product's own takes half a second for each password, by design.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
