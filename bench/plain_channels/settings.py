"""No more than Channels needs."""

SECRET_KEY = "only for measuring"
ALLOWED_HOSTS = ["*"]
ROOT_URLCONF = "bench.plain_channels.asgi"
INSTALLED_APPS = ["channels"]
CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}
USE_TZ = True
