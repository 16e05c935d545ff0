enum AlertStorageTestsPlaceholder {}
