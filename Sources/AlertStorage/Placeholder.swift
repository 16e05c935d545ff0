enum AlertStoragePlaceholder {}
