enum BigPandaPlaceholder {}
