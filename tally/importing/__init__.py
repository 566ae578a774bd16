"""Copy what a Pact Broker has into Tallystick, through the API of both (Pact Broker reference §4)."""
