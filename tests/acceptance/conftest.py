from example import orders_service, shop_pact

__all__ = ["orders_service", "shop_pact"]  # fixtures for every test of this folder
