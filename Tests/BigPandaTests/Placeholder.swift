enum BigPandaTestsPlaceholder {}
