enum TLSTestsPlaceholder {}
