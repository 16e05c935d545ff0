extension HeadFacts {
    /// Takes in one field line of those that decide how the message is read.
    ///
    /// - Parameters:
    ///   - bytes: The head as far as it is there.
    ///   - name: Where the name lies.
    ///   - paddedValue: What follows the colon, white space included.
    /// - Throws: What is wrong with a field that matters.
    mutating func note(
        _ bytes: Span<UInt8>, name: Range<Int>, paddedValue: Range<Int>
    ) throws(HeadFault) {
        let name = bytes.extracting(name)
        let value = bytes.trimmedRange(paddedValue)
        // Few lengths matter, so most lines cost one comparison.
        switch name.count {
        case 4 where name.spellsIgnoringCase("host"):
            guard !hasHost, HostField.isValid(bytes.extracting(value)) else { throw .host }
            hasHost = true
        case 6 where name.spellsIgnoringCase("expect"):
            let isKnown = bytes.extracting(value).spellsIgnoringCase("100-continue")
            expectation = isKnown && expectation == .none ? .continuation : .unknown
        case 10 where name.spellsIgnoringCase("connection"):
            noteConnection(bytes, value)
        case 13 where name.spellsIgnoringCase("authorization"):
            guard !hasAuthorization else { throw .authorization }
            hasAuthorization = true
        case 14 where name.spellsIgnoringCase("content-length"):
            guard contentLength == nil else { throw .contentLength }
            contentLength = try Self.length(bytes.extracting(value))
            framingPadding = value.upperBound..<paddedValue.upperBound
        case 17 where name.spellsIgnoringCase("transfer-encoding"):
            guard !isChunked, bytes.extracting(value).spellsIgnoringCase("chunked") else {
                throw .transferEncoding
            }
            isChunked = true
            framingPadding = value.upperBound..<paddedValue.upperBound
        default: break
        }
    }

    /// The fields are all in: checks what only the whole head shows.
    func checkWhole() throws(HeadFault) {
        // A peer that speaks HTTP/1.0 may leave out Host, and can't know a transfer coding
        // (RFC 9112, sections 3.2 and 6.1).
        guard hasHost || minorVersion == 0 else { throw .host }
        guard !isChunked || (minorVersion > 0 && contentLength == nil) else {
            throw .transferEncoding
        }
    }

    private mutating func noteConnection(_ bytes: Span<UInt8>, _ value: Range<Int>) {
        var start = value.lowerBound
        while start < value.upperBound {
            var end = start
            while end < value.upperBound, bytes[end] != UInt8(ascii: ",") { end += 1 }
            let option = bytes.extracting(bytes.trimmedRange(start..<end))
            if option.spellsIgnoringCase("close") { asksToClose = true }
            if option.spellsIgnoringCase("keep-alive") { asksToKeepAlive = true }
            start = end + 1
        }
    }

    /// Reads digits and nothing else (RFC 9110, section 8.6).
    private static func length(_ digits: Span<UInt8>) throws(HeadFault) -> Int {
        guard digits.count > 0 else { throw .contentLength }
        var length = 0
        for index in digits.indices {
            guard digits[index].isDigit else { throw .contentLength }
            let (product, overflows) = length.multipliedReportingOverflow(by: 10)
            let (sum, exceeds) = product.addingReportingOverflow(
                Int(digits[index] - UInt8(ascii: "0")))
            guard !overflows, !exceeds else { throw .contentLength }
            length = sum
        }
        return length
    }
}
