enum AlertsTestsPlaceholder {}
