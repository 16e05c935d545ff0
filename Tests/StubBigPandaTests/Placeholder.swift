enum StubBigPandaTestsPlaceholder {}
