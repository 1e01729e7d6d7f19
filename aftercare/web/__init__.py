"""The ASGI application: the gateway, the demo shop, health."""
