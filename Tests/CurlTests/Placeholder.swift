enum CurlTestsPlaceholder {}
