from support.example import examples, orders_service, shop_pact

__all__ = ["examples", "orders_service", "shop_pact"]  # fixtures for every test of this folder
