enum StubBigPandaPlaceholder {}
