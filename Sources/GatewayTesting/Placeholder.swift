enum GatewayTestingPlaceholder {}
