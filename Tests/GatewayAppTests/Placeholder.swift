enum GatewayAppTestsPlaceholder {}
